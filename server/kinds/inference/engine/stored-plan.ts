import type { SignedResult } from "../../../../shared/receipts/signature-lines.ts";
import type { EstimateTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { BatchSource } from "../core/batch-source.ts";
import type { Taking } from "../core/taken-back.ts";

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
  /** Rows of each batch. */
  batchRows: number;
  /** Rows that are estimates, with their codes (estimate-codes.ts). */
  estimates: [row: number, code: number][];
  heldOut: EstimateTally;
  /** [RC9] By worker index, what the volunteer of its source signed; absent: nobody signed anything in it. */
  signed?: (SignedResult | null)[];
  /** Absent: `final` was never taken back of any of its answers. */
  takenBack?: readonly StoredTaking[];
}

/** @param plan of the round (round-plan.ts) */
export function encodePlan(
  plan: { readonly placements: Uint32Array | null; readonly groupCount: number },
  facts: Omit<StoredPlan, "placements" | "batchRows">,
): Uint8Array {
  const dealt = plan.placements === null ? null : [...plan.placements];
  const stored: StoredPlan = { placements: dealt, batchRows: plan.groupCount, ...facts };
  return new TextEncoder().encode(JSON.stringify(stored));
}

export function decodePlan(bytes: Uint8Array): StoredPlan {
  return JSON.parse(new TextDecoder().decode(bytes)) as StoredPlan;
}
