/** Loops over arrays of hundreds of megabytes, or of millions of rows, in pieces between which others have their turn. */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Of rows of a receipt, which are hashed, about ten milliseconds. */
const NUMBERS_AT_ONCE = 250_000;

/** As a width: a row of which some things are looked up is as dear as so many numbers. */
export const LOOKED_UP = 100;

/**
 * @param width numbers of a row
 * @param work does rows from `start` to before `end`; true: it is done with all
 */
export async function inPieces(
  rowCount: number,
  width: number,
  work: (start: number, end: number) => unknown,
): Promise<void> {
  const rows = Math.max(1, Math.floor(NUMBERS_AT_ONCE / Math.max(1, width)));
  for (let start = 0; start < rowCount; start += rows) {
    if (start > 0) await nextTurn();
    if (work(start, Math.min(rowCount, start + rows)) === true) return;
  }
}
