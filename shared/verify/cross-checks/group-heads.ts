/** Many keys behind one address are one party, for all that anybody knows: docs/verification.md, "Who checks whom". */
import { PARTNER_WEIGHT_SHARE_MAX } from "./parameters.ts";

/**
 * As how many volunteers an address group counts at most where partners are drawn: the largest number with which no group has more than
 * PARTNER_WEIGHT_SHARE_MAX of all that then count. A few groups cannot keep to that; and where nearly all volunteers are in a few, those outside
 * of them could not answer all duplicates. So a group counts as half of a fair share of the groups in any case.
 *
 * Sought is c = share * sum over groups of min(size, c). Between two sizes that follow each other the sum is S + c M, of S volunteers in the M'
 * groups that are smaller and of M larger ones, so that c = share S / (1 - share M).
 * @param groupsBySize how many groups there are of each size
 * @returns 1 or more
 * @example groupHeadsMax(new Map([[1, 100], [300, 3]])) // -> 14.285714285714286
 * @example groupHeadsMax(new Map([[1, 5], [50, 2]])) // -> 7.5
 */
export function groupHeadsMax(groupsBySize: ReadonlyMap<number, number>): number {
  const sizes = [...groupsBySize].filter(([, groups]) => groups > 0).sort(([a], [b]) => a - b);
  const groups = sizes.reduce((sum, [, count]) => sum + count, 0);
  if (groups === 0) return 1;
  const volunteers = sizes.reduce((sum, [size, count]) => sum + size * count, 0);
  return Math.max(1, volunteers / (2 * groups), crossing(sizes, groups));
}

/** @param sizes increasing. @returns 0: each number above none is more than the share */
function crossing(sizes: readonly (readonly [size: number, groups: number])[], groups: number): number {
  let [smaller, larger] = [0, groups];
  for (const [at, [size, count]] of sizes.entries()) {
    smaller += size * count;
    larger -= count;
    const rest = 1 - PARTNER_WEIGHT_SHARE_MAX * larger;
    if (rest <= 0) continue;
    const heads = (PARTNER_WEIGHT_SHARE_MAX * smaller) / rest;
    if (heads < size) return 0;
    if (at === sizes.length - 1 || heads <= sizes[at + 1]![0]) return heads;
  }
  return 0;
}
