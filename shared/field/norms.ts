/**
 * Euclidean norms in Float64. With at most INNER_LENGTH_MAX terms the relative error of a norm is below 2.4e-10 (each
 * addition errs by 2^-53, the root halves it), so that two of them err by less than the 1e-9 that safe-scale.ts keeps clear.
 */
import { FieldError } from "./field-error.ts";
import { centredOf, requireLength } from "./modulus.ts";

/** Terms of one inner product. 2^22 * 2^-53 = 4.7e-10. */
export const INNER_LENGTH_MAX = 2 ** 22;

/**
 * @throws FieldError where an inner product is longer than the error analysis allows
 * @example requireInnerLength("quantizeSafely", 2 ** 23) // throws got 8388608
 */
export function requireInnerLength(who: string, length: number): void {
  if (length > INNER_LENGTH_MAX) {
    throw new FieldError(`${who}: expected at most ${INNER_LENGTH_MAX} terms in an inner product, got ${length}`);
  }
}

/**
 * The largest norm of a row of signed numbers, of a rows x columns matrix of residues. 0 where there are none.
 * @example largestRowNorm(Uint32Array.of(3, 4, 1, 0), 2, 2, MODULUS) // -> 5
 */
export function largestRowNorm(matrix: Uint32Array, rows: number, columns: number, modulus: number): number {
  requireLength("largestRowNorm", "the matrix", matrix.length, rows * columns);
  requireInnerLength("largestRowNorm", columns);
  let largest = 0;
  for (let r = 0; r < rows; r++) {
    let square = 0;
    for (let i = r * columns; i < (r + 1) * columns; i++) square += centredOf(matrix[i]!, modulus) ** 2;
    largest = Math.max(largest, square);
  }
  return Math.sqrt(largest);
}

/**
 * The largest norm of a column, counting only rows fromRow..toRow-1.
 * @example largestColumnNorm(Uint32Array.of(3, 0, 4, 1), 2, 0, 2, MODULUS) // -> 5
 */
export function largestColumnNorm(
  matrix: Uint32Array,
  columns: number,
  fromRow: number,
  toRow: number,
  modulus: number,
): number {
  requireInnerLength("largestColumnNorm", toRow - fromRow);
  const squares = new Float64Array(columns);
  for (let r = fromRow; r < toRow; r++) {
    for (let c = 0; c < columns; c++) squares[c]! += centredOf(matrix[r * columns + c]!, modulus) ** 2;
  }
  return Math.sqrt(squares.reduce((a, b) => Math.max(a, b), 0));
}

/**
 * The largest norm of a column of real numbers, length x width. Scaled by the largest entry, so that no square underflows.
 * @example largestRealColumnNorm([0.3, 0, 0.4, 0], 2, 2) // -> 0.5
 */
export function largestRealColumnNorm(values: ArrayLike<number>, length: number, width: number): number {
  requireLength("largestRealColumnNorm", "the matrix", values.length, length * width);
  requireInnerLength("largestRealColumnNorm", length);
  let peak = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new FieldError(`norm: expected finite values, got ${values[i]} at ${i}`);
    peak = Math.max(peak, Math.abs(values[i]!));
  }
  if (peak === 0) return 0;
  const squares = new Float64Array(width);
  for (let i = 0; i < values.length; i++) squares[i % width]! += (values[i]! / peak) ** 2;
  return peak * Math.sqrt(squares.reduce((a, b) => Math.max(a, b), 0));
}
