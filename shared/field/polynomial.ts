/**
 * Polynomials over the field, as arrays of coefficients from x^0 up without zeros at the end; [] is the zero polynomial.
 * For codes of a few hundred points: everything is quadratic.
 */
import { addMod, inverseMod, multiplyMod, subtractMod } from "./arithmetic.ts";
import { FieldError } from "./field-error.ts";
import { invertBatch } from "./invert-batch.ts";

export type Polynomial = readonly number[];

/**
 * Its value at x (Horner).
 * @example evaluatePolynomial([1, 0, 2], 3, 7) // -> 5
 */
export function evaluatePolynomial(polynomial: Polynomial, x: number, modulus: number): number {
  let value = 0;
  for (let i = polynomial.length - 1; i >= 0; i--) {
    value = addMod(multiplyMod(value, x, modulus), polynomial[i]!, modulus);
  }
  return value;
}

/**
 * a(x) b(x).
 * @example multiplyPolynomials([1, 1], [1, 1], 7) // -> [1, 2, 1]
 */
export function multiplyPolynomials(a: Polynomial, b: Polynomial, modulus: number): Polynomial {
  if (a.length === 0 || b.length === 0) return [];
  const product = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((left, i) => {
    b.forEach((right, j) => {
      product[i + j] = addMod(product[i + j]!, multiplyMod(left, right, modulus), modulus);
    });
  });
  return trimmed(product);
}

/**
 * a(x) - b(x).
 * @example subtractPolynomials([1, 2], [1, 1], 7) // -> [0, 1]
 */
export function subtractPolynomials(a: Polynomial, b: Polynomial, modulus: number): Polynomial {
  const length = Math.max(a.length, b.length);
  return trimmed(Array.from({ length }, (_, i) => subtractMod(a[i] ?? 0, b[i] ?? 0, modulus)));
}

/**
 * dividend = quotient * divisor + remainder, the remainder of lower degree than the divisor.
 * @throws FieldError where the divisor is zero
 * @example dividePolynomials([1, 2, 1], [1, 1], 7) // -> { quotient: [1, 1], remainder: [] }
 */
export function dividePolynomials(
  dividend: Polynomial,
  divisor: Polynomial,
  modulus: number,
): { quotient: Polynomial; remainder: Polynomial } {
  if (divisor.length === 0) throw new FieldError("dividePolynomials: expected a divisor that is not zero, got zero");
  const inverse = inverseMod(divisor.at(-1)!, modulus);
  const rest = [...dividend];
  const quotient = new Array<number>(Math.max(0, dividend.length - divisor.length + 1)).fill(0);
  for (let shift = quotient.length - 1; shift >= 0; shift--) {
    const factor = multiplyMod(rest[shift + divisor.length - 1]!, inverse, modulus);
    quotient[shift] = factor;
    divisor.forEach((coefficient, i) => {
      rest[shift + i] = subtractMod(rest[shift + i]!, multiplyMod(factor, coefficient, modulus), modulus);
    });
  }
  return { quotient: trimmed(quotient), remainder: trimmed(rest) };
}

/**
 * prod_i (x - points[i])
 * @example vanishingPolynomial([1, 2], 7) // -> [2, 4, 1]
 */
export function vanishingPolynomial(points: ArrayLike<number>, modulus: number): Polynomial {
  let product: number[] = [1];
  for (let i = 0; i < points.length; i++) {
    const next = [0, ...product];
    product.forEach((coefficient, power) => {
      next[power] = subtractMod(next[power]!, multiplyMod(coefficient, points[i]!, modulus), modulus);
    });
    product = next;
  }
  return product;
}

/**
 * The polynomial of degree < |points| through all (points[i], values[i]) (Lagrange).
 * @param vanishing vanishingPolynomial(points)
 * @throws FieldError where a point is repeated
 * @example interpolate([1, 2], [3, 5], vanishingPolynomial([1, 2], 7), 7) // -> [1, 2]
 */
export function interpolate(
  points: ArrayLike<number>,
  values: ArrayLike<number>,
  vanishing: Polynomial,
  modulus: number,
): Polynomial {
  const basis = Array.from({ length: points.length }, (_, i) => withoutRoot(vanishing, points[i]!, modulus));
  const weights = invertBatch(
    basis.map((polynomial, i) => evaluatePolynomial(polynomial, points[i]!, modulus)),
    modulus,
  );
  const sum = new Array<number>(points.length).fill(0);
  basis.forEach((polynomial, i) => {
    const factor = multiplyMod(values[i]!, weights[i]!, modulus);
    polynomial.forEach((coefficient, power) => {
      sum[power] = addMod(sum[power]!, multiplyMod(factor, coefficient, modulus), modulus);
    });
  });
  return trimmed(sum);
}

/** polynomial / (x - root), by Horner's scheme; root must be one. */
function withoutRoot(polynomial: Polynomial, root: number, modulus: number): Polynomial {
  const quotient = new Array<number>(polynomial.length - 1);
  let carried = 0;
  for (let i = polynomial.length - 1; i > 0; i--) {
    carried = addMod(multiplyMod(carried, root, modulus), polynomial[i]!, modulus);
    quotient[i - 1] = carried;
  }
  return quotient;
}

function trimmed(coefficients: number[]): Polynomial {
  let length = coefficients.length;
  while (length > 0 && coefficients[length - 1] === 0) length--;
  return coefficients.slice(0, length);
}
