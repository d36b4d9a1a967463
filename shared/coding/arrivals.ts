/** What every scheme asks of the results that it is given, and rows of them. */
import { CodingError } from "./coding-error.ts";

/**
 * @throws CodingError unless `arrived` is strictly increasing and within 0..workerCount-1
 * @example checkArrived("decode", [0, 2, 2], 4) // throws expected strictly increasing worker indices, got 2 after 2
 */
export function checkArrived(who: string, arrived: readonly number[], workerCount: number): void {
  let before = -1;
  for (const workerIndex of arrived) {
    if (!Number.isInteger(workerIndex) || workerIndex < 0 || workerIndex >= workerCount) {
      throw new CodingError(`${who}: expected worker indices in 0..${workerCount - 1}, got ${workerIndex}`);
    }
    if (workerIndex <= before) {
      throw new CodingError(`${who}: expected strictly increasing worker indices, got ${workerIndex} after ${before}`);
    }
    before = workerIndex;
  }
}

/**
 * @throws CodingError unless `results` has outputSize entries for each arrived worker index, and those are in order
 * @example checkResults("decode", [0, 2], 4, new Float32Array(5), 3) // throws expected 2 x 3 results, got 5 entries
 */
export function checkResults(
  who: string,
  arrived: readonly number[],
  workerCount: number,
  results: Float32Array,
  outputSize: number,
): void {
  checkArrived(who, arrived, workerCount);
  if (!Number.isInteger(outputSize) || outputSize < 1) {
    throw new CodingError(`${who}: expected outputSize to be a whole number from 1 on, got ${outputSize}`);
  }
  const expected = arrived.length * outputSize;
  if (results.length !== expected) {
    throw new CodingError(`${who}: expected ${arrived.length} x ${outputSize} results, got ${results.length} entries`);
  }
}

/**
 * @throws CodingError unless each of `queries` is in 0..queryCount-1
 * @example checkQueries("estimate", [4], 4) // throws expected queries in 0..3, got 4
 */
export function checkQueries(who: string, queries: readonly number[], queryCount: number): void {
  for (const query of queries) {
    if (!Number.isInteger(query) || query < 0 || query >= queryCount) {
      throw new CodingError(`${who}: expected queries in 0..${queryCount - 1}, got ${query}`);
    }
  }
}

/**
 * Row r of a row-major matrix with `width` columns, as a view.
 * @example matrixRow(Float32Array.of(1, 2, 3, 4), 1, 2) // -> [3, 4]
 */
export function matrixRow(matrix: Float32Array, r: number, width: number): Float32Array {
  return matrix.subarray(r * width, (r + 1) * width);
}

/**
 * The rows named by `rows`, copied one after the other.
 * @example pickRows(Float32Array.of(1, 2, 3, 4, 5, 6), [0, 2], 2) // -> [1, 2, 5, 6]
 */
export function pickRows(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((r, place) => {
    picked.set(matrixRow(matrix, r, width), place * width);
  });
  return picked;
}
