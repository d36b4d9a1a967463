/**
 * What the coin of a row says. Coins are blind: every row of a block has the same q and h, whatever duplicates travelled with it, so that
 * whoever knows some of those gains nothing, and a duplicate is a check of its author alone (`sides = 1`).
 */
import { coinOf, coinText } from "../../shared/verify/cross-checks/coins.ts";
import type { BlockTerms } from "./words.ts";

/** Who gives a row its second word, as far as the coin says it; of `crowd` the partner is settled when the coin is tossed (partners.ts). */
export type SecondWord = "coordinator" | "crowd" | "none";

/**
 * The secret number of a row's answer. Nothing of it is stored, and a restart changes none.
 * @param digestOf HMAC-SHA-256 of a text under the job's key, as a character for each byte
 * @param place of the row in its job
 * @param attempt how often its answer was taken out
 * @returns uniform in [0, 1)
 * @example coinOfRow(() => "\u0080\0\0\0\0\0\0", "job-0", 17, 1) // -> 0.5
 */
export function coinOfRow(digestOf: (text: string) => string, jobId: string, place: number, attempt: number): number {
  return coinOf(digestOf(coinText(jobId, place, attempt)));
}

/**
 * Below q the coordinator answers, from q to q + h the crowd: disjoint, so that chances add up to c0.
 * @param answersBefore of the block, answers that were taken in before this one: the submitter's first rows have a larger q
 * @param isDoubtful rate 1: the answer is not finite, its device computes too coarsely for the job, or its label stays open
 * @example secondWordOf(0.03, terms, 1_000, false) // -> "crowd" where q = .01 and h = .06
 */
export function secondWordOf(coin: number, terms: BlockTerms, answersBefore: number, isDoubtful: boolean): SecondWord {
  const { anchorShare, firstAnchorShare, firstRows, duplicateShare } = terms;
  const share = answersBefore < firstRows ? firstAnchorShare : anchorShare;
  if (isDoubtful || coin < share) return "coordinator";
  return coin < share + duplicateShare ? "crowd" : "none";
}
