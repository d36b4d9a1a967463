/**
 * How the rows of a closed job are cut into blocks, and a block into windows. Blocks follow the secret order of the job: a row's block is
 * fixed when it is handed out, and stays what it is whoever answers the row, and however often.
 */
import { COIN_CHECK_SHARE } from "./terms.ts";
import type { BlockTerms } from "./words.ts";

/** Smaller blocks are not worth a record of their own. */
const BLOCK_ROWS_MIN = 16_384;
/**
 * A block is certified in so many windows at most: what an attacker can make of one job grows with them (`worstOfOneJob`: at c = .02 18 wrong
 * rows of one window, 34 of four, 46 of 25, 49 of any number),
 */
const WINDOWS_MAX = 4;
/** of so many rows at least. */
const WINDOW_ROWS_MIN = 1_000;

/**
 * Rows of a block that pays its own reserve at the least c, (1 - t) / (t eps), whatever else is open: it never needs a sample. Smaller
 * pieces would cost a young account more, for one block costs the coordinator at most 1 / eps rows, and each of several as much.
 * @example [leastBlockRows(1e-3), leastBlockRows(0.1)] // -> [49_000, 16_384]
 */
export function leastBlockRows(answerBound: number): number {
  const { least } = COIN_CHECK_SHARE;
  return Math.max(BLOCK_ROWS_MIN, Math.ceil((1 - least) / (least * answerBound) - 1e-6));
}

/**
 * One block for a job, but for one so long that each piece is large enough alone: a finding ends a block, and costs no other one.
 * @returns rows of each block, in the job's secret order; they differ by one at most
 * @example [blockSizes(90_000, 1e-3), blockSizes(100_001, 1e-3)] // -> [[90_000], [50_001, 50_000]]
 */
export function blockSizes(rows: number, answerBound: number): number[] {
  const blocks = Math.max(1, Math.floor(rows / leastBlockRows(answerBound)));
  return evenly(rows, blocks);
}

/**
 * The block of a row by its position in the job's secret order.
 * @param sizes of blockSizes
 * @throws RangeError where the job has no such position
 * @example blockAt([50_001, 50_000], 50_001) // -> 1
 */
export function blockAt(sizes: readonly number[], position: number): number {
  let end = 0;
  for (const [block, rows] of sizes.entries()) {
    end += rows;
    if (position < end && position >= 0) return block;
  }
  throw new RangeError(`blockAt: expected a position below ${end}, got ${position}`);
}

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

function evenly(rows: number, pieces: number): number[] {
  return Array.from({ length: pieces }, (_, piece) => Math.ceil((rows - piece) / pieces));
}
