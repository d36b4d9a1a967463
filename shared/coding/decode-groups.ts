import { matrixRow } from "./arrivals.ts";
import { CodingError } from "./coding-error.ts";
import { type ArrivedPositions, arrivedPositions, checkPlacements } from "./placement.ts";
import type { CodingScheme } from "./scheme.ts";

export interface DecodedGroups {
  /** G x K x C, row-major; row (g, j) answers query j of group g. Rows that are `missing` are zero. */
  readonly outputs: Float32Array;
  /** G x K entries of DECODED_HOW. */
  readonly how: Uint8Array;
  /** N entries: in how many groups the scheme dropped or outvoted this worker index. */
  readonly rejectedCounts: Uint32Array;
}

/**
 * Decodes G groups from the batches that arrived.
 *
 * @param arrived strictly increasing worker indices
 * @param batches |arrived| batches, each G x C, all entries finite; batches[r] belongs to worker index arrived[r]
 * @param groupCount G
 * @param outputSize C
 * @param placements as encodeGroups had them
 * @throws CodingError where a length or the order of `arrived` does not fit
 * @example
 * const scheme = makeScheme("systematic", { queryCount: 2, stragglerCount: 1, liarCount: 0 });
 * decodeGroups(scheme, [0, 2], [Float32Array.of(1), Float32Array.of(2)], 1, 1) // -> { outputs: [1, 3], how: [0, 2], rejectedCounts: [0, 0, 0] }
 */
export function decodeGroups(
  scheme: CodingScheme,
  arrived: readonly number[],
  batches: readonly Float32Array[],
  groupCount: number,
  outputSize: number,
  placements?: Uint32Array,
): DecodedGroups {
  const { queryCount, workerCount } = scheme;
  if (batches.length !== arrived.length) {
    throw new CodingError(`decodeGroups: expected ${arrived.length} batches, got ${batches.length}`);
  }
  for (const batch of batches) {
    if (batch.length !== groupCount * outputSize) {
      throw new CodingError(
        `decodeGroups: expected ${groupCount} x ${outputSize} results, got ${batch.length} entries`,
      );
    }
  }
  if (placements !== undefined) checkPlacements("decodeGroups", placements, groupCount, queryCount);

  const outputs = new Float32Array(groupCount * queryCount * outputSize);
  const how = new Uint8Array(groupCount * queryCount);
  const rejectedCounts = new Uint32Array(workerCount);
  const results = new Float32Array(arrived.length * outputSize);
  const asTheyCame: ArrivedPositions = { positions: arrived, arrivedRows: arrived.map((_, r) => r) };
  for (let g = 0; g < groupCount; g++) {
    const ofGroup = placements?.subarray(g * queryCount, (g + 1) * queryCount);
    const { positions, arrivedRows } = ofGroup === undefined ? asTheyCame : arrivedPositions(arrived, ofGroup);
    arrivedRows.forEach((r, place) => {
      results.set(matrixRow(batches[r]!, g, outputSize), place * outputSize);
    });
    const decoded = scheme.decode(positions, results, outputSize);
    outputs.set(decoded.outputs, g * queryCount * outputSize);
    how.set(decoded.how, g * queryCount);
    for (const position of decoded.rejectedWorkers) rejectedCounts[ofGroup?.[position] ?? position]! += 1;
  }
  return { outputs, how, rejectedCounts };
}
