/**
 * The field of coded products: whole numbers mod q = 2^31-1, a Mersenne prime, so that x mod q is a shift and an add
 * (2^31 = 1 mod q).
 *
 * Two representations. At every boundary: *residues*, Uint32Array in [0, q). Inside kernels: *centred residues*, Int32Array
 * in [-(2^30-1), 2^30-1], whose products are small enough to add eight of them in a 64-bit lane (bounds.ts).
 */
import { FieldError } from "./field-error.ts";

/** q */
export const MODULUS = 2 ** 31 - 1;

/** (q-1)/2, the largest centred residue. -2^30 is none: it is 2^30-1 again, and its square would break the bounds. */
export const CENTRED_MAX = 2 ** 30 - 1;

/**
 * The largest v for which both v and -v are centred residues.
 * @example centredMax(7) // -> 3
 */
export function centredMax(modulus: number): number {
  return Math.floor((modulus - 1) / 2);
}

/**
 * A residue in [0, modulus) as the signed number it stands for: v > modulus/2 is v - modulus.
 * @example centredOf(6, 7) // -> -1
 */
export function centredOf(residue: number, modulus: number): number {
  return residue > centredMax(modulus) ? residue - modulus : residue;
}

/**
 * A signed number, |value| < modulus, as its residue in [0, modulus).
 * @example residueOf(-1, 7) // -> 6
 */
export function residueOf(value: number, modulus: number): number {
  return value < 0 ? value + modulus : value;
}

/**
 * @returns the same numbers, centred, mod q
 * @example centredFromResidues(Uint32Array.of(5, MODULUS - 1)) // -> [5, -1]
 */
export function centredFromResidues(residues: Uint32Array): Int32Array {
  const centred = new Int32Array(residues.length);
  for (let i = 0; i < residues.length; i++) {
    const residue = residues[i]!;
    centred[i] = residue > CENTRED_MAX ? residue - MODULUS : residue;
  }
  return centred;
}

/**
 * @returns the same numbers in [0, q)
 * @example residuesFromCentred(Int32Array.of(5, -1)) // -> [5, 2147483646]
 */
export function residuesFromCentred(centred: Int32Array): Uint32Array {
  const residues = new Uint32Array(centred.length);
  for (let i = 0; i < centred.length; i++) {
    const value = centred[i]!;
    residues[i] = value < 0 ? value + MODULUS : value;
  }
  return residues;
}

/**
 * @throws FieldError unless modulus is a whole number in [2, 2^32). That it is a prime is the caller's word.
 * @example requireModulus("quantize", 2 ** 32) // throws got 4294967296
 */
export function requireModulus(who: string, modulus: number): void {
  if (!Number.isInteger(modulus) || modulus < 2 || modulus >= 2 ** 32) {
    throw new FieldError(`${who}: expected a prime below 2^32 as modulus, got ${modulus}`);
  }
}

/**
 * Is every entry a whole number in [0, modulus)?
 * @example areResidues([0, 6, 7], 7) // -> false
 */
export function areResidues(values: ArrayLike<number>, modulus: number): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Written so that NaN fails too.
    if (!(value >= 0 && value < modulus && Number.isInteger(value))) return false;
  }
  return true;
}

/**
 * @throws FieldError unless every entry is a whole number in [0, modulus)
 * @example requireResidues("dequantize", [7], 7) // throws got 7
 */
export function requireResidues(who: string, values: ArrayLike<number>, modulus: number): void {
  if (areResidues(values, modulus)) return;
  const at = Array.from(values).findIndex((value) => !areResidues([value], modulus));
  throw new FieldError(`${who}: expected residues in [0, ${modulus}), got ${values[at]} at ${at}`);
}

/**
 * @throws FieldError unless `length` is `expected`
 * @example requireLength("quantize", "values", 3, 4) // throws expected values to have 4 entries, got 3
 */
export function requireLength(who: string, what: string, length: number, expected: number): void {
  if (length !== expected) throw new FieldError(`${who}: expected ${what} to have ${expected} entries, got ${length}`);
}
