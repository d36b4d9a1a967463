import type { SignedResult } from "../../../../shared/receipts/signature-lines.ts";
import type { EstimateTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { BatchSource } from "../core/batch-source.ts";
import type { SplitSlot } from "../core/inference-plan.ts";
import type { Taking } from "../core/taken-back.ts";
import type { RoundPlan, SplitRows } from "./round-plan.ts";

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
  splits?: (Omit<SplitRows, "rows"> & { readonly rows: readonly number[] })[];
  /** Rows that are estimates, with their codes (estimate-codes.ts). */
  estimates: [row: number, code: number][];
  heldOut: EstimateTally;
  /** [RC9] By worker index, what the volunteer of its source signed; absent: nobody signed anything in it. */
  signed?: (SignedResult | null)[];
  /** Absent: `final` was never taken back of any of its answers. */
  takenBack?: readonly StoredTaking[];
}

/** @param placements, groupCount and splits of the round (round-plan.ts), and its K */
export function encodePlan(
  {
    placements,
    groupCount,
    splits,
    rowsPerGroup,
  }: Pick<RoundPlan, "placements" | "groupCount" | "splits"> & { rowsPerGroup: number },
  facts: Omit<StoredPlan, "placements" | "batchRows" | "rowsPerGroup" | "splits">,
): Uint8Array {
  const dealt = placements === null ? null : [...placements];
  const splitSlots = splits.map((slot) => ({ ...slot, rows: [...slot.rows] }));
  const stored: StoredPlan = {
    ...{ placements: dealt, batchRows: groupCount, rowsPerGroup },
    ...(splitSlots.length === 0 ? {} : { splits: splitSlots }),
    ...facts,
  };
  return new TextEncoder().encode(JSON.stringify(stored));
}

/** [SL6] Of a round that was read. */
export function splitsIn({ splits = [] }: Pick<StoredPlan, "splits">): SplitRows[] {
  return splits.map((slot) => ({ ...slot, rows: Uint32Array.from(slot.rows) }));
}

/** The same as the core knows them; absent: there are none. */
export function splitSlotsIn({ splits }: Pick<StoredPlan, "splits">): { readonly splits?: readonly SplitSlot[] } {
  return splits === undefined ? {} : { splits: splits.map((slot) => ({ ...slot, rows: slot.rows.length })) };
}

export function decodePlan(bytes: Uint8Array): StoredPlan {
  return JSON.parse(new TextDecoder().decode(bytes)) as StoredPlan;
}
