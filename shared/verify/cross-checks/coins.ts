/**
 * The secret coin of a row says whether somebody else answers it too. It is the digest of the row's name under a key of its job, so
 * that nothing has to be stored, a restart changes none, and whoever is given the key after the job can toss them all again.
 */
import { THRESHOLD_SHARE_MIN } from "./parameters.ts";

/**
 * What the coin of a row is the digest of. A row that is done again has another coin: who knows that its old one was never answered
 * learns nothing about the new one.
 * @param attempt 0 for the first answer, one more each time the row is done again
 * @example coinText("job-0", 17, 1) // -> "coin:job-0:17:1"
 */
export function coinText(jobId: string, row: number, attempt: number): string {
  return `coin:${jobId}:${row}:${attempt}`;
}

/** Characters of a digest that hold its first 52 bits. */
const COIN_BYTES = 7;

/**
 * The first 52 bits of a digest as a number in [0, 1).
 * @param digest a character for each byte: OpenSSL hands a digest over as such a text in less time than as bytes, or as hex digits
 * @throws RangeError where it is too short
 * @example coinOf("\u0080\0\0\0\0\0\0") // -> 0.5
 */
export function coinOf(digest: string): number {
  if (digest.length < COIN_BYTES) {
    throw new RangeError(`coinOf: expected a digest of at least ${COIN_BYTES} bytes, got ${digest.length}`);
  }
  let bits = 0;
  for (let i = 0; i < COIN_BYTES - 1; i++) bits = 256 * bits + digest.charCodeAt(i);
  return (16 * bits + (digest.charCodeAt(COIN_BYTES - 1) >> 4)) / 2 ** 52;
}

/**
 * What the job's commitment is the SHA-256 of. It is told when the job begins: then the key was there before the first answer, and
 * neither side chose it alone, for the nonce is the submitter's.
 * @example commitmentText("00ff", "n1", "ab") // -> "coins:00ff:n1:ab"
 */
export function commitmentText(secretHex: string, submitterNonce: string, queriesSha256: string): string {
  return `coins:${secretHex}:${submitterNonce}:${queriesSha256}`;
}

/**
 * A row goes out again if its coin is below this: what h asks for beyond the hidden duplicates that its own batch was expected to
 * hold. Those check its volunteer too, for it cannot tell them from fresh rows: theta + dBar / (G - dBar) >= h.
 *
 * @param checkShare h
 * @param expectedDuplicates dBar: how many the volunteer's own queue had for this batch, before any secret rounding. Never the mean
 *   of a pool, for an attacker knows when its own queue is empty
 * @param batchRows G, fresh rows and duplicates
 * @param isHidden false where content or order shows what is a duplicate
 * @example coinThreshold(0.04, 0.8, 40) // -> 0.0195918
 */
export function coinThreshold(
  checkShare: number,
  expectedDuplicates: number,
  batchRows: number,
  isHidden = true,
): number {
  if (!isHidden) return Math.min(1, Math.max(0, checkShare));
  const fresh = batchRows - expectedDuplicates;
  return fresh > 0 ? Math.min(1, Math.max(0, checkShare - expectedDuplicates / fresh)) : 0;
}

/**
 * The same, and never below two fifths of h: of the duplicates in a batch its volunteer may know all, if its accomplices answered these rows
 * before it. Then none of them checks the other rows, and a volunteer may choose such a batch to lie in.
 *
 * @param hiddenDuplicates that travelled with the batch, without those that may stand out
 * @param batchRows G, fresh rows and duplicates
 * @example thresholdOfBatch(0.04, 8, 40) // -> 0.016
 */
export function thresholdOfBatch(checkShare: number, hiddenDuplicates: number, batchRows: number): number {
  const least = Math.min(1, Math.max(0, THRESHOLD_SHARE_MIN * checkShare));
  return Math.max(least, coinThreshold(checkShare, hiddenDuplicates, batchRows));
}
