/** What the bound of rows means: one text for views, receipts and docs. The proof: docs/how-a-row-becomes-final.md. */

const SUPPOSED =
  "on average over the coins, against volunteers that adapt, come back under new keys and stop at the first naming, as long as at most a third of those who give second words work together";

/**
 * It is a share of the rows that were asked for, and nowhere one of the answers that were accepted: no sampling bounds that.
 * @param answerBound eps
 * @param isStrict the job has an account of its own
 * @example rowPromise(1e-3, true).slice(0, 41) // -> "of all rows of this job, accepted or not,"
 */
export function rowPromise(answerBound: number, isStrict: boolean): string {
  const rows = isStrict ? "of all rows of this job" : "of all rows that you asked for";
  return `${rows}, accepted or not, at most a share ${answerBound} is wrong and final, ${SUPPOSED}`;
}
