/** What multiply-adds of whole matrices would take on the submitter's own computer. Pure: clocks come as arguments. */
import type { Alone } from "../protocol/estimate-api.ts";

/** The side of the matrix that is multiplied: like those of jobs, it fits into no processor's nearest memory. */
const SIZE = 1_024;
/** A library that uses all cores and wide instructions, such as numpy's, is at most about so many times as fast as a plain loop. */
const LIBRARY_TIMES_MAX = 20;

/**
 * @param ms so long it multiplies, and once before
 * @returns milliseconds of one multiply-add of a plain loop on one core
 */
export function productPace(ms: number, nowMs: () => number): number {
  const matrix = new Float64Array(SIZE * SIZE).fill(0.5);
  const vector = new Float64Array(SIZE).fill(0.25);
  const product = new Float64Array(SIZE);
  // The loop is compiled by then.
  multiply(matrix, vector, product);
  const startMs = nowMs();
  let count = 0;
  do {
    multiply(matrix, vector, product);
    count++;
  } while (nowMs() - startMs < ms);
  return (nowMs() - startMs) / (count * SIZE * SIZE);
}

/**
 * @param multiplications of the whole job, with plain numbers and no code
 * @param paceMs as productPace gives it
 */
export function aloneOfProducts(multiplications: number, paceMs: number): Alone {
  const plainMs = Math.max(multiplications, 1) * paceMs;
  return {
    lowMs: plainMs / LIBRARY_TIMES_MAX,
    highMs: plainMs,
    oneCoreMs: plainMs,
    how: "this computer, from a library such as numpy's to plain JavaScript on one core",
  };
}

function multiply(matrix: Float64Array, vector: Float64Array, product: Float64Array): void {
  for (let row = 0; row < SIZE; row++) {
    let sum = 0;
    for (let column = 0; column < SIZE; column++) sum += matrix[row * SIZE + column]! * vector[column]!;
    product[row] = sum;
  }
}
