/**
 * Arithmetic on single residues in [0, modulus), for any prime below 2^32. Exact in Float64 without BigInt; for points,
 * coefficients and tests, not for the products of large matrices (products.ts, and the kernels of shared/compute/field).
 */
import { FieldError } from "./field-error.ts";

/**
 * value mod modulus, for whole numbers 0 <= value <= 2^53 - modulus. Much faster than Float64's %, a call in most engines, and as exact: the
 * quotient is below 2^53 / modulus, so that its rounding errs by less than one, and quotient * modulus is a whole number below
 * 2^53.
 * @example reduce(2 ** 31, MODULUS) // -> 1
 */
export function reduce(value: number, modulus: number): number {
  const rest = value - Math.floor(value / modulus) * modulus;
  if (rest < 0) return rest + modulus;
  return rest >= modulus ? rest - modulus : rest;
}

/**
 * a + b mod modulus, of residues.
 * @example addMod(5, 4, 7) // -> 2
 */
export function addMod(a: number, b: number, modulus: number): number {
  const sum = a + b;
  return sum >= modulus ? sum - modulus : sum;
}

/**
 * a - b mod modulus, of residues.
 * @example subtractMod(3, 5, 7) // -> 5
 */
export function subtractMod(a: number, b: number, modulus: number): number {
  const difference = a - b;
  return difference < 0 ? difference + modulus : difference;
}

/**
 * a b mod modulus, of residues. a is split in halves of 16 bits: each product stays below 2^48 and the sum below 2^49, far from 2^53.
 * @example multiplyMod(MODULUS - 1, MODULUS - 1, MODULUS) // -> 1
 */
export function multiplyMod(a: number, b: number, modulus: number): number {
  const high = reduce((a >>> 16) * b, modulus);
  return reduce(high * 65_536 + (a & 0xffff) * b, modulus);
}

/**
 * base^exponent mod modulus.
 * @param exponent a whole number from 0 to 2^53-1; 0^0 = 1
 * @example powerMod(3, 6, 7) // -> 1
 */
export function powerMod(base: number, exponent: number, modulus: number): number {
  if (!Number.isSafeInteger(exponent) || exponent < 0) {
    throw new FieldError(`powerMod: expected an exponent from 0 on, got ${exponent}`);
  }
  let power = 1 % modulus;
  let square = base % modulus;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiplyMod(power, square, modulus);
    square = multiplyMod(square, square, modulus);
  }
  return power;
}

/**
 * The residue b with a b = 1 mod modulus, by Euclid's algorithm; coefficients stay below the modulus in size.
 * @throws FieldError where a has no inverse (0, or a modulus that is no prime)
 * @example inverseMod(3, 7) // -> 5
 */
export function inverseMod(a: number, modulus: number): number {
  let [left, right] = [modulus, a % modulus];
  // left = leftFactor * a and right = rightFactor * a, mod modulus, throughout.
  let [leftFactor, rightFactor] = [0, 1];
  while (right !== 0) {
    const quotient = Math.floor(left / right);
    [left, right] = [right, left - quotient * right];
    [leftFactor, rightFactor] = [rightFactor, leftFactor - quotient * rightFactor];
  }
  if (left !== 1) throw new FieldError(`inverseMod: expected a number with an inverse mod ${modulus}, got ${a}`);
  return leftFactor < 0 ? leftFactor + modulus : leftFactor;
}
