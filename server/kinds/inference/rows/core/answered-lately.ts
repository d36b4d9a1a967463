/** The rate at which rows of a job had their answers lately, and the time that the others take at that rate. Pure. */

/** A count of the rows that had an answer at a time. */
export interface RowsAnswered {
  readonly atMs: number;
  readonly rows: number;
}

/** Changes that are kept. */
const CHANGES_MAX = 12;
/** Fewer say nothing of a rate. */
const CHANGES_MIN = 3;

/** @param lately of one job, oldest first; mutated */
export function noteAnswered(lately: RowsAnswered[], now: RowsAnswered): void {
  if (lately.at(-1)?.rows === now.rows) return;
  lately.push(now);
  if (lately.length > CHANGES_MAX) lately.shift();
}

/**
 * While nothing is answered the rate falls, and the time grows: a stalled job promises nothing.
 * @param rows all of the job
 * @returns ms; null: it is not known yet, or every row has an answer
 * @example remainingOfRows([{ atMs: 0, rows: 0 }, { atMs: 500, rows: 10 }, { atMs: 900, rows: 20 }], 60, 1_000) // -> 2000
 */
export function remainingOfRows(lately: readonly RowsAnswered[], rows: number, nowMs: number): number | null {
  const [first, last] = [lately[0], lately.at(-1)];
  if (first === undefined || last === undefined || lately.length < CHANGES_MIN) return null;
  const [answered, left] = [last.rows - first.rows, rows - last.rows];
  if (answered <= 0 || left <= 0) return null;
  return Math.round((left * Math.max(1, nowMs - first.atMs)) / answered);
}
