/** Many keys behind one address are one party, for all that anybody knows: docs/verification.md, "Who checks whom". */
import { TYPICAL_GROUPS_SHARE } from "./parameters.ts";

/**
 * As how many volunteers an address group counts at most where partners are drawn: as half of the mean of the groups, without the largest fifth of
 * them. Whoever has a fifth of the groups makes them no larger by the keys behind each. Where whole schools are most of a crowd they count for
 * more than a home: those outside of them could not answer all duplicates.
 * @param groupsBySize how many groups there are of each size
 * @returns 1 or more
 * @example groupHeadsMax(new Map([[1, 80], [10, 20]])) // -> 1
 * @example groupHeadsMax(new Map([[1, 4], [30, 6]])) // -> 7.75
 */
export function groupHeadsMax(groupsBySize: ReadonlyMap<number, number>): number {
  const sizes = [...groupsBySize].filter(([, groups]) => groups > 0).sort(([a], [b]) => a - b);
  const groups = sizes.reduce((sum, [, count]) => sum + count, 0);
  const typical = Math.ceil(TYPICAL_GROUPS_SHARE * groups - 1e-9);
  let [left, volunteers] = [typical, 0];
  for (const [size, count] of sizes) {
    const taken = Math.min(left, count);
    volunteers += size * taken;
    left -= taken;
  }
  return Math.max(1, volunteers / Math.max(1, typical) / 2);
}
