import type { SignedResult } from "../../../../shared/receipts/signature-lines.ts";
import type { EstimateTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { BatchSource } from "../core/batch-source.ts";
import type { Taking } from "../core/taken-back.ts";

/** [SL6] Some rows of a worker index, which have a result of their own. */
export interface SplitRows {
  /** Its place among the results of its round: the worker index itself, or one behind the last of the code. */
  readonly workerIndex: number;
  /** The worker index whose rows they are. */
  readonly of: number;
  /** How many rows of it have names before theirs. */
  readonly first: number;
  /** Over G x K, ascending. */
  readonly rows: readonly number[];
}

/** [TB1] Rows of a round whose `final` one naming took back. */
export interface StoredTaking extends Taking {
  readonly rows: readonly number[];
}

/**
 * What is known of a round beside its answers: for a redo after a restart its places (besides the job's order) and whose result
 * stands for each worker index; for the confidence of its estimates, where each belongs and what was compared in this round.
 */
export interface StoredPlan {
  placements: number[] | null;
  sources: (BatchSource | null)[];
  /** Rows of each batch of a worker index that was not split. */
  batchRows: number;
  /** K: row `row` of the round is in the batch of worker index `row % K`, or as placements say. Absent: stored before that was kept. */
  rowsPerGroup?: number;
  /** [SL6] Whose rows are over G x K; absent: no worker index was split. */
  splits?: readonly SplitRows[];
  /** Rows that are estimates, with their codes (estimate-codes.ts). */
  estimates: [row: number, code: number][];
  heldOut: EstimateTally;
  /** [RC9] By worker index, what the volunteer of its source signed; absent: nobody signed anything in it. */
  signed?: (SignedResult | null)[];
  /** Absent: `final` was never taken back of any of its answers. */
  takenBack?: readonly StoredTaking[];
}

export function encodePlan(plan: StoredPlan): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(plan));
}

export function decodePlan(bytes: Uint8Array): StoredPlan {
  return JSON.parse(new TextDecoder().decode(bytes)) as StoredPlan;
}
