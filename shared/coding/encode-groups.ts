import { CodingError } from "./coding-error.ts";
import { checkPlacements } from "./placement.ts";
import type { CodingScheme } from "./scheme.ts";

/**
 * Encodes G groups of K queries into one batch for each worker index.
 *
 * Group by group, so that the K queries at hand stay in the cache while all N coded queries are made of them. A unit
 * row is copied, bit for bit. Mixtures are summed four queries at a time in double precision and rounded to Float32
 * after each four: weights are of order one, so the error is a few units in the last place, far below what any
 * decoder or tolerance sees; a Float64 accumulator would buy nothing.
 *
 * @param groups G x K x D, row-major
 * @param groupCount G
 * @param inputSize D
 * @param placements G x K (placement.ts): row g of worker index placements[g*K + p] is coded query p. Without it coded
 *   query i travels with worker index i.
 * @param codedOnly workers that hold queries as they are get an empty batch: whoever asks has the queries
 * @returns N batches, each G x D, row-major
 * @throws CodingError where a length does not fit
 * @example
 * const scheme = makeScheme("systematic", { queryCount: 2, stragglerCount: 1, liarCount: 0 });
 * encodeGroups(scheme, Float32Array.of(1, 3), 1, 1) // -> [[1], [3], [2]]
 */
export function encodeGroups(
  scheme: CodingScheme,
  groups: Float32Array,
  groupCount: number,
  inputSize: number,
  placements?: Uint32Array,
  codedOnly = false,
): Float32Array[] {
  const { queryCount, workerCount, encodeMatrix, rawQueryOf } = scheme;
  // Places are dealt among the first K: one of them is without mixtures only where all are.
  const arePlacedRaw = rawQueryOf.subarray(0, queryCount).every((query) => query >= 0);
  const isEmpty = (workerIndex: number) =>
    codedOnly && (placements !== undefined && workerIndex < queryCount ? arePlacedRaw : rawQueryOf[workerIndex]! >= 0);
  const groupLength = queryCount * inputSize;
  if (groups.length !== groupCount * groupLength) {
    const shape = `${groupCount} x ${queryCount} x ${inputSize}`;
    throw new CodingError(`encodeGroups: expected ${shape} entries, got ${groups.length}`);
  }
  if (placements !== undefined) checkPlacements("encodeGroups", placements, groupCount, queryCount);

  const batches = Array.from(
    { length: workerCount },
    (_, workerIndex) => new Float32Array(isEmpty(workerIndex) ? 0 : groupCount * inputSize),
  );
  for (let g = 0; g < groupCount; g++) {
    const group = groups.subarray(g * groupLength, (g + 1) * groupLength);
    for (let i = 0; i < workerCount; i++) {
      const workerIndex = placements !== undefined && i < queryCount ? placements[g * queryCount + i]! : i;
      if (isEmpty(workerIndex)) continue;
      const coded = batches[workerIndex]!.subarray(g * inputSize, (g + 1) * inputSize);
      const raw = rawQueryOf[i]!;
      if (raw >= 0) coded.set(group.subarray(raw * inputSize, (raw + 1) * inputSize));
      else mixQueries(encodeMatrix.subarray(i * queryCount, (i + 1) * queryCount), group, coded);
    }
  }
  return batches;
}

/** coded = weights . group; `coded` is zero at first. */
function mixQueries(weights: Float64Array, group: Float32Array, coded: Float32Array): void {
  const inputSize = coded.length;
  const queryCount = weights.length;
  let j = 0;
  for (; j + 4 <= queryCount; j += 4) {
    const [w0, w1, w2, w3] = [weights[j]!, weights[j + 1]!, weights[j + 2]!, weights[j + 3]!];
    const [at0, at1, at2, at3] = [j * inputSize, (j + 1) * inputSize, (j + 2) * inputSize, (j + 3) * inputSize];
    for (let d = 0; d < inputSize; d++) {
      coded[d] = coded[d]! + w0 * group[at0 + d]! + w1 * group[at1 + d]! + w2 * group[at2 + d]! + w3 * group[at3 + d]!;
    }
  }
  for (; j < queryCount; j++) {
    const [w, at] = [weights[j]!, j * inputSize];
    for (let d = 0; d < inputSize; d++) coded[d] = coded[d]! + w * group[at + d]!;
  }
}
