/** What an earlier run of the coordinator left open of a block. SPEC.md CK3. */
import type { BlockTerms } from "../../../../checks/words.ts";
import type { RestoredRows } from "../work.ts";

type OpenCoin = NonNullable<RestoredRows["openCoins"]>[number];

/**
 * Coins of answers that were taken out, and that ask for a second word: the coordinator gives it. How many answers were there before each of them nobody
 * knows any more: the larger share counts.
 * @param coinOf the secret number of (place, attempt), in [0, 1)
 * @example coinsThatAsk([{ place: 3, attempt: 0, author: "ann" }], terms, () => 0.9) // -> []
 */
export function coinsThatAsk(
  openCoins: readonly OpenCoin[],
  terms: BlockTerms | null,
  coinOf: (place: number, attempt: number) => number,
): OpenCoin[] {
  if (terms === null) return [];
  const { anchorShare, firstAnchorShare, duplicateShare } = terms;
  const share = Math.max(anchorShare, firstAnchorShare) + duplicateShare;
  return openCoins.filter(({ place, attempt }) => coinOf(place, attempt) < share);
}
