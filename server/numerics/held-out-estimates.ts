/**
 * Leave one worker out: what would have been estimated for the rows that it answered? Where that disagrees with the
 * answer, the row is a suspect; how often it agrees is what estimates of this job are worth.
 */
import { arrivedPositions } from "../../shared/coding/placement.ts";
import type { CodingScheme } from "../../shared/coding/scheme.ts";
import { argmax } from "./argmax.ts";

export interface Comparison {
  readonly agreed: number;
  readonly total: number;
  /** `row` counts over G x K. */
  readonly disagreeing: readonly { workerIndex: number; row: number }[];
}

/**
 * @param arrived strictly increasing worker indices, batches as decodeGroups has them
 * Leaving whole workers out, beside those that are lost anyway, meets an estimate in the situation it is used in.
 */
export function compareWithEstimates(
  scheme: CodingScheme,
  arrived: readonly number[],
  batches: readonly Float32Array[],
  groupCount: number,
  outputSize: number,
  placements: Uint32Array | null,
): Comparison {
  const { queryCount, rawQueryOf } = scheme;
  const results = new Float32Array(arrived.length * outputSize);
  const disagreeing: { workerIndex: number; row: number }[] = [];
  let agreed = 0;
  let total = 0;
  for (let g = 0; g < groupCount; g++) {
    const { positions, arrivedRows } =
      placements === null
        ? { positions: arrived, arrivedRows: arrived.map((_, r) => r) }
        : arrivedPositions(arrived, placements.subarray(g * queryCount, (g + 1) * queryCount));
    arrivedRows.forEach((r, p) => {
      results.set(batches[r]!.subarray(g * outputSize, (g + 1) * outputSize), p * outputSize);
    });
    positions.forEach((position, p) => {
      const query = rawQueryOf[position]!;
      if (query < 0) return;
      const estimate = scheme.estimate([query], positions, results, outputSize);
      if (estimate === null) return;
      total++;
      if (argmax(estimate, 0, outputSize) === argmax(results, p, outputSize)) agreed++;
      else disagreeing.push({ workerIndex: arrived[arrivedRows[p]!]!, row: g * queryCount + query });
    });
  }
  return { agreed, total, disagreeing };
}
