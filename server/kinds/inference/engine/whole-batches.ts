/** [SL6] What a decoder takes: whole batches, of worker indices all of whose rows have come. */
import type { ResultReference } from "../core/work.ts";
import { type RoundPlan, splitsOf } from "./round-plan.ts";

export interface WholeBatch {
  readonly workerIndex: number;
  /** G x C */
  readonly outputs: Float32Array;
}

/**
 * Puts the batches of split worker indices together again. One of whose slots nothing came has not arrived.
 * @param outputsOf the outputs of a result, as many rows of `width` as its slot has
 * @returns by worker index, ascending
 */
export function wholeBatches<R extends Pick<ResultReference, "workerIndex">>(
  plan: RoundPlan,
  results: readonly R[],
  outputsOf: (result: R) => Float32Array,
  width: number,
): WholeBatch[] {
  const bySlot = new Map(results.map((result) => [result.workerIndex, result] as const));
  const { queryCount, workerCount } = plan.scheme;
  return Array.from({ length: workerCount }, (_, workerIndex) => workerIndex).flatMap((workerIndex) => {
    const splits = splitsOf(plan, workerIndex);
    if (splits === null) {
      const result = bySlot.get(workerIndex);
      return result === undefined ? [] : [{ workerIndex, outputs: outputsOf(result) }];
    }
    if (!splits.every((slot) => bySlot.has(slot.workerIndex))) return [];
    const outputs = new Float32Array(plan.groupCount * width);
    for (const slot of splits) {
      const part = outputsOf(bySlot.get(slot.workerIndex)!);
      slot.rows.forEach((row, r) => {
        outputs.set(part.subarray(r * width, (r + 1) * width), Math.floor(row / queryCount) * width);
      });
    }
    return [{ workerIndex, outputs }];
  });
}
