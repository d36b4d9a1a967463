/**
 * Products of vectors and matrices of residues in plain TypeScript, for any prime below 2^32: the oracle for every kernel,
 * and fast enough for checks and for what is small. Row-major; nothing here checks that entries are residues.
 *
 * One operand is split in halves of 16 bits. Sums of half-products are exact in Float64 for dozens of terms
 * (halfProductsPerReduction), then reduced; so one reduction stands for dozens of products.
 */
import { addMod, reduce } from "./arithmetic.ts";
import { halfProductsPerReduction } from "./bounds.ts";
import { requireLength } from "./modulus.ts";

/** Sums of high and of low halves, each at most 2^53 - modulus, as one residue. 2^16 * residue stays below 2^48. */
function joinHalves(high: number, low: number, modulus: number): number {
  return reduce(reduce(high, modulus) * 65_536 + reduce(low, modulus), modulus);
}

/** sum_i a[aFrom + i] b[bFrom + i * bStep], i = 0..length-1 */
function stridedDot(
  a: ArrayLike<number>,
  aFrom: number,
  b: ArrayLike<number>,
  bFrom: number,
  bStep: number,
  length: number,
  modulus: number,
): number {
  const blockLength = halfProductsPerReduction(modulus);
  let total = 0;
  for (let from = 0; from < length; from += blockLength) {
    const to = Math.min(length, from + blockLength);
    let [high, low] = [0, 0];
    for (let i = from; i < to; i++) {
      const value = a[aFrom + i]!;
      const factor = b[bFrom + i * bStep]!;
      // At most blockLength terms, each <= 65535 (modulus-1): exact.
      high += (value >>> 16) * factor;
      low += (value & 0xffff) * factor;
    }
    total += joinHalves(high, low, modulus);
  }
  // One residue a block: far below 2^53 for every length that memory holds.
  return total % modulus;
}

/**
 * a . b mod modulus
 * @example dotProduct([1, 2, 3], [4, 5, 6], 7) // -> 4
 */
export function dotProduct(a: ArrayLike<number>, b: ArrayLike<number>, modulus: number): number {
  requireLength("dotProduct", "the second vector", b.length, a.length);
  return stridedDot(a, 0, b, 0, 1, a.length, modulus);
}

/**
 * @param matrix rows x columns
 * @param thin columns x width (width 1: a vector)
 * @returns rows x width
 * @example matrixProduct([1, 2, 3, 4], 2, 2, [1, 1], 1, 7) // -> [3, 0]
 */
export function matrixProduct(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  thin: ArrayLike<number>,
  width: number,
  modulus: number,
): Uint32Array {
  requireLength("matrixProduct", "the matrix", matrix.length, rows * columns);
  requireLength("matrixProduct", "the right factor", thin.length, columns * width);
  const product = new Uint32Array(rows * width);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) {
      product[r * width + c] = stridedDot(matrix, r * columns, thin, c, width, columns, modulus);
    }
  }
  return product;
}

/**
 * sum_r coefficients[r] * row r: a vector times a matrix. Encoding, decoding and verification keys are this.
 * @param coefficients one a row
 * @param rows each of `columns` residues; they may be views of one matrix
 * @returns `columns` residues
 * @example combineRows([1, 2], [[1, 2], [3, 4]], 2, 7) // -> [0, 3]
 */
export function combineRows(
  coefficients: ArrayLike<number>,
  rows: readonly ArrayLike<number>[],
  columns: number,
  modulus: number,
): Uint32Array {
  requireLength("combineRows", "the coefficients", coefficients.length, rows.length);
  rows.forEach((row) => {
    requireLength("combineRows", "each row", row.length, columns);
  });
  const copied = onlyRow(coefficients);
  if (copied !== null) return Uint32Array.from(rows[copied]!);
  const sum = new Uint32Array(columns);
  const blockLength = halfProductsPerReduction(modulus);
  const high = new Float64Array(columns);
  const low = new Float64Array(columns);
  for (let from = 0; from < rows.length; from += blockLength) {
    high.fill(0);
    low.fill(0);
    for (let r = from; r < Math.min(rows.length, from + blockLength); r++) {
      addScaledRow(high, low, coefficients[r]!, rows[r]!);
    }
    for (let c = 0; c < columns; c++) sum[c] = addMod(sum[c]!, joinHalves(high[c]!, low[c]!, modulus), modulus);
  }
  return sum;
}

/** The row that is taken once while no other is taken at all: a systematic code copies. */
function onlyRow(coefficients: ArrayLike<number>): number | null {
  let found: number | null = null;
  for (let r = 0; r < coefficients.length; r++) {
    if (coefficients[r] === 0) continue;
    if (coefficients[r] !== 1 || found !== null) return null;
    found = r;
  }
  return found;
}

/** The coefficient is the operand that is split, so a row is read as it is. */
function addScaledRow(high: Float64Array, low: Float64Array, coefficient: number, row: ArrayLike<number>): void {
  if (coefficient === 0) return;
  const [upper, lower] = [coefficient >>> 16, coefficient & 0xffff];
  for (let c = 0; c < row.length; c++) {
    const value = row[c]!;
    high[c]! += upper * value;
    low[c]! += lower * value;
  }
}

/**
 * The rows of a row-major matrix, as views.
 * @example rowsOf(Uint32Array.of(1, 2, 3, 4), 2, 2) // -> [[1, 2], [3, 4]]
 */
export function rowsOf(matrix: Uint32Array, rows: number, columns: number): Uint32Array[] {
  return Array.from({ length: rows }, (_, r) => matrix.subarray(r * columns, (r + 1) * columns));
}
