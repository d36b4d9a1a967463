/** How good a parity model is: the share of lost answers with the right label. */
import { argmax } from "../../server/kinds/inference/engine/argmax.ts";
import { makeScheme } from "../../shared/coding/make-scheme.ts";

export interface AnsweredQueries {
  /** count x inputSize */
  readonly queries: Float32Array;
  /** count x outputSize: what the base model says */
  readonly outputs: Float32Array;
  readonly outputSize: number;
  readonly labels: Uint8Array;
  readonly count: number;
}

/**
 * Each query of each group is lost once.
 *
 * @param order each K in a row are a group; what is left over at the end is left out
 * @param runParity (count x inputSize sums, count) => count x outputSize
 */
export async function parityAccuracy(
  queryCount: number,
  { queries, outputs, outputSize, labels, count }: AnsweredQueries,
  order: Uint32Array,
  runParity: (sums: Float32Array, count: number) => Promise<Float32Array>,
): Promise<number> {
  const inputSize = queries.length / count;
  const scheme = makeScheme("parm", { queryCount, stragglerCount: 1, liarCount: 0 });
  const groupCount = Math.floor(order.length / queryCount);
  const sums = new Float32Array(groupCount * inputSize);
  for (let g = 0; g < groupCount; g++) {
    for (const query of order.subarray(g * queryCount, (g + 1) * queryCount)) {
      for (let p = 0; p < inputSize; p++) sums[g * inputSize + p]! += queries[query * inputSize + p]!;
    }
  }
  const parity = await runParity(sums, groupCount);

  let hits = 0;
  for (let g = 0; g < groupCount; g++) {
    for (let lost = 0; lost < queryCount; lost++) {
      const arrived = Array.from({ length: queryCount + 1 }, (_, i) => i).filter((i) => i !== lost);
      const results = new Float32Array(arrived.length * outputSize);
      arrived.forEach((i, r) => {
        const [from, row] = i === queryCount ? [parity, g] : [outputs, order[g * queryCount + i]!];
        results.set(from.subarray(row * outputSize, (row + 1) * outputSize), r * outputSize);
      });
      const decoded = scheme.decode(arrived, results, outputSize);
      if (argmax(decoded.outputs, lost, outputSize) === labels[order[g * queryCount + lost]!]) hits++;
    }
  }
  return hits / (groupCount * queryCount);
}
