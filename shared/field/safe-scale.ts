/**
 * Scales with which an inner product in the field cannot wrap around.
 *
 * Let B = (modulus-1)/2 and R = the largest norm of the vectors that v will be multiplied with. By Cauchy and Schwarz
 * |<row, v>| <= R ||v||, so R * ||rounded v|| <= B suffices, whatever the signs. Rounding moves each of n entries by at most
 * 1/2, hence the start
 *
 *     scale = (B/R (1 - 1e-9) - sqrt(n)/2) / ||v||
 *
 * and because the argument is about the *rounded* vector, its norm is computed again, and the scale shrinks until it holds.
 * The 1e-9 covers the rounding of the norms themselves (norms.ts).
 */
import { FieldError } from "./field-error.ts";
import { centredMax } from "./modulus.ts";
import { largestColumnNorm, largestRealColumnNorm, requireInnerLength } from "./norms.ts";
import { quantize } from "./quantize.ts";

const CLEARANCE = 1 - 1e-9;
/** Never reached by real gradients; keeps scale and scale * value finite where the values are next to nothing. */
const SCALE_MAX = 2 ** 900;

export interface Quantized {
  readonly scale: number;
  /** length x width residues in [0, modulus) */
  readonly residues: Uint32Array;
}

/**
 * Quantizes v (or the columns of a thin matrix, with one scale) as finely as is safe.
 *
 * @param values length x width, row-major, finite; column c is one vector
 * @param largestNorm R, of the quantized vectors (rows of X for X w, columns of X for X^T e); 0 where all are zero
 * @throws FieldError where B/R <= sqrt(length)/2: the sum must be split first, see rowChunks
 * @example
 * const { residues, scale } = quantizeSafely([0.5, -0.5], 2, 1, 100, MODULUS);
 * dequantize(residues, scale, MODULUS) // -> [0.5, -0.5]
 */
export function quantizeSafely(
  values: ArrayLike<number>,
  length: number,
  width: number,
  largestNorm: number,
  modulus: number,
): Quantized {
  requireInnerLength("quantizeSafely", length);
  const norm = largestRealColumnNorm(values, length, width);
  const room = normAllowed(length, largestNorm, modulus);
  if (room <= 0) {
    throw new FieldError(
      `quantizeSafely: expected a sum that fits the field, got ${length} terms against norm ${largestNorm}; split it`,
    );
  }
  if (norm === 0) return { scale: 1, residues: new Uint32Array(values.length) };
  let scale = Math.min(room / norm, SCALE_MAX);
  for (;;) {
    const residues = quantize(values, scale, modulus);
    const rounded = largestColumnNorm(residues, width, 0, length, modulus);
    const product = largestNorm * rounded;
    const limit = centredMax(modulus) * CLEARANCE;
    if (product <= limit) return { scale, residues };
    scale *= Math.min((limit / product) * CLEARANCE, CLEARANCE);
  }
}

/** The largest norm that a vector of `length` entries may have before it is rounded; <= 0: none is safe. */
function normAllowed(length: number, largestNorm: number, modulus: number): number {
  // Entries themselves must fit too, and rounding may add a half.
  const bound = centredMax(modulus) / Math.max(1, largestNorm);
  return bound * CLEARANCE - Math.sqrt(length) / 2;
}

/**
 * Cuts the sum over the rows of X, in X^T e, into as few equal chunks (a power of two of them) as give e's entries at least
 * `bitsLeast` bits in the root mean square. Chunks are computed and decoded on their own and added in Float64. Each halving
 * buys about one bit.
 *
 * @param matrix rows x columns residues: the quantized X
 * @returns where chunks begin, and at last `rows`: [0, rows] is one chunk
 * @throws FieldError where even single rows are too coarse
 * @example rowChunks(Uint32Array.of(1, 2, 3, 4), 4, 1, 8, MODULUS) // -> [0, 4]
 */
export function rowChunks(
  matrix: Uint32Array,
  rows: number,
  columns: number,
  bitsLeast: number,
  modulus: number,
): number[] {
  for (let count = 1; count < 2 * rows; count *= 2) {
    const length = Math.ceil(rows / count);
    const bounds = Array.from({ length: Math.ceil(rows / length) + 1 }, (_, i) => Math.min(i * length, rows));
    if (bounds.slice(1).every((to, i) => chunkBits(matrix, columns, bounds[i]!, to, modulus) >= bitsLeast))
      return bounds;
  }
  throw new FieldError(`rowChunks: expected rows with room for ${bitsLeast} bits, got ${columns} columns without`);
}

function chunkBits(matrix: Uint32Array, columns: number, fromRow: number, toRow: number, modulus: number): number {
  const length = toRow - fromRow;
  const room = normAllowed(length, largestColumnNorm(matrix, columns, fromRow, toRow, modulus), modulus);
  return room <= 0 ? Number.NEGATIVE_INFINITY : Math.log2(room / Math.sqrt(length));
}
