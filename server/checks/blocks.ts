/** Windows of a block: answers that are certified together, as soon as their rows are in and their coins answered. */
import type { BlockTerms } from "./words.ts";

/**
 * A block is certified in so many windows at most: what an attacker can make of one job grows with them (`worstOfOneJob`: at c = .02 18 wrong
 * rows of one window, 34 of four, 46 of 25, 49 of any number),
 */
const WINDOWS_MAX = 4;
/** of so many rows at least. */
const WINDOW_ROWS_MIN = 1_000;

/**
 * Rows of a window. Where the coins alone find enough the block is certified window by window, each as soon as its rows are in and their
 * coins answered; a finding ends every window that is not final. One that needs a sample is certified at its end.
 * @returns null: the block has one window
 * @example windowRows({ ...terms, rows: 50_000, sampleShare: 0 }) // -> 12_500
 */
export function windowRows({ rows, sampleShare }: Pick<BlockTerms, "rows" | "sampleShare">): number | null {
  const size = Math.max(WINDOW_ROWS_MIN, Math.ceil(rows / WINDOWS_MAX));
  return sampleShare > 0 || size >= rows ? null : size;
}

/**
 * How many windows a block is certified in.
 * @example [windowsOf({ ...terms, rows: 2_500, sampleShare: 0 }), windowsOf({ ...terms, rows: 2_500, sampleShare: 0.1 })] // -> [3, 1]
 */
export function windowsOf(terms: Pick<BlockTerms, "rows" | "sampleShare">): number {
  const size = windowRows(terms);
  return size === null ? 1 : Math.ceil(terms.rows / size);
}
