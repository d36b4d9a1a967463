/**
 * Workers whose results do not fit the others', judged over all groups of a round at once: whose rows are to be recomputed before
 * anything is published. A name alone is no proof, and nothing is dropped for it.
 */
import { greedyLocator, greedyResultCountLeast } from "../../../../shared/coding/greedy-locator.ts";
import type { CodingScheme } from "../../../../shared/coding/scheme.ts";

/** Rows that are recomputed of each worker that stands out: those that fit worst. */
const ROWS_OF_EACH = 2;
/**
 * Dropping any one of r+K+2 results leaves about (r-1)/r of the residual; who stands out leaves less than this share of that. On
 * MNIST and Fashion-MNIST some 20 % of honest rounds have somebody below it, which costs two rows.
 */
const STANDS_OUT_SHARE = 0.9;

export interface LocatedWorker {
  readonly workerIndex: number;
  /** Groups in which its result fits the others worst, at most ROWS_OF_EACH. */
  readonly groups: readonly number[];
}

/**
 * @param arrived strictly increasing worker indices; batches as decodeGroups has them
 * @param liarCount E of the job; at least one is looked for
 * @returns nobody where the code has nothing to spare: it takes K+3 results and one more for each that is looked for
 */
export function locateSuspects(
  scheme: CodingScheme,
  arrived: readonly number[],
  batches: readonly Float32Array[],
  groupCount: number,
  outputSize: number,
  placements: Uint32Array | null,
): LocatedWorker[] {
  const { queryCount } = scheme;
  const spare = arrived.length - greedyResultCountLeast(queryCount, 0);
  const liarCount = Math.min(spare, Math.max(1, scheme.parameters.liarCount));
  const pointOf = scheme.evaluationPoints;
  if (pointOf === undefined || liarCount < 1) return [];
  const points = Array.from({ length: groupCount }, (_, g) => {
    const ofGroup = placements?.subarray(g * queryCount, (g + 1) * queryCount);
    return arrived.map((workerIndex) => {
      const position = ofGroup !== undefined && workerIndex < queryCount ? ofGroup.indexOf(workerIndex) : workerIndex;
      return pointOf[position]!;
    });
  });
  const suspects = greedyLocator({ points, batches, groupCount, outputSize, queryCount, liarCount });
  return suspects.flatMap(({ row, residualShare, misfits }, dropped) => {
    const rank = arrived.length - dropped - queryCount - 2;
    if (residualShare >= (STANDS_OUT_SHARE * (rank - 1)) / rank) return [];
    const worst = [...misfits.keys()].sort((a, b) => misfits[b]! - misfits[a]!).slice(0, ROWS_OF_EACH);
    return [{ workerIndex: arrived[row]!, groups: worst }];
  });
}
