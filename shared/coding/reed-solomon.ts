/**
 * Finds wrong values of a polynomial: the Reed-Solomon decoder of S. Gao, "A new algorithm for decoding Reed-Solomon codes"
 * (2003), over any prime field and any distinct points.
 */
import {
  dividePolynomials,
  evaluatePolynomial,
  interpolate,
  multiplyPolynomials,
  type Polynomial,
  subtractPolynomials,
  vanishingPolynomial,
} from "../field/polynomial.ts";
import { CodingError } from "./coding-error.ts";
import { correctableCount } from "./lagrange-thresholds.ts";

/**
 * The places at which `values` differ from the one polynomial with `threshold` coefficients that agrees with all but at most
 * floor((n - threshold) / 2) of them, n = |points|; null where there is no such polynomial.
 *
 * With more errors than that it mostly gives null. It may also find another polynomial that happens to be near enough: then
 * it names the wrong places and cannot know. No decoder can (that is the code's minimum distance); who needs more checks
 * results one by one.
 *
 * @param points distinct residues
 * @param values residues; values[i] claims to be the polynomial at points[i]
 * @param threshold coefficients, 1 <= threshold <= n
 * @returns places in `points`, ascending
 * @example locateErrors([1, 2, 3, 4], [5, 6, 0, 8], 2, 11) // -> [2]
 */
export function locateErrors(
  points: ArrayLike<number>,
  values: ArrayLike<number>,
  threshold: number,
  modulus: number,
): number[] | null {
  if (values.length !== points.length || threshold < 1 || threshold > points.length) {
    throw new CodingError(
      `locateErrors: expected a value a point and 1..${points.length} coefficients, got ${values.length}, ${threshold}`,
    );
  }
  const polynomial = nearestPolynomial(points, values, threshold, modulus);
  if (polynomial === null) return null;
  const wrong: number[] = [];
  for (let i = 0; i < points.length; i++) {
    if (evaluatePolynomial(polynomial, points[i]!, modulus) !== values[i]) wrong.push(i);
  }
  return wrong.length <= correctableCount(points.length, threshold) ? wrong : null;
}

/**
 * Gao's steps: g0 vanishes at all points, g1 passes through all values. Euclid's algorithm on both, up to the first
 * remainder g = u g0 + v g1 of degree < (n + threshold) / 2; then g / v is the polynomial, if it divides.
 */
function nearestPolynomial(
  points: ArrayLike<number>,
  values: ArrayLike<number>,
  threshold: number,
  modulus: number,
): Polynomial | null {
  const vanishing = vanishingPolynomial(points, modulus);
  let [before, current] = [vanishing, interpolate(points, values, vanishing, modulus)];
  // v of each: the factor of g1.
  let [factorBefore, factor]: [Polynomial, Polynomial] = [[], [1]];
  // The degree is the length less one: degree < (n + threshold) / 2.
  while (2 * (current.length - 1) >= points.length + threshold) {
    const { quotient, remainder } = dividePolynomials(before, current, modulus);
    const next = subtractPolynomials(factorBefore, multiplyPolynomials(quotient, factor, modulus), modulus);
    [before, current] = [current, remainder];
    [factorBefore, factor] = [factor, next];
  }
  const { quotient, remainder } = dividePolynomials(current, factor, modulus);
  return remainder.length === 0 && quotient.length <= threshold ? quotient : null;
}
