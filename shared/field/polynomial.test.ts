import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addMod, multiplyMod } from "./arithmetic.ts";
import { FieldError } from "./field-error.ts";
import { MODULUS } from "./modulus.ts";
import {
  dividePolynomials,
  evaluatePolynomial,
  interpolate,
  multiplyPolynomials,
  type Polynomial,
  subtractPolynomials,
  vanishingPolynomial,
} from "./polynomial.ts";

describe.each([13, MODULUS, 2 ** 32 - 5])("mod %i", (modulus) => {
  const residue = fc.integer({ min: 0, max: modulus - 1 });
  const polynomial = fc
    .array(residue, { maxLength: 9 })
    .map((coefficients): Polynomial => coefficients.slice(0, coefficients.findLastIndex((c) => c !== 0) + 1));
  const pairs = fc
    .uniqueArray(residue, { minLength: 1, maxLength: 10 })
    .chain((points) =>
      fc.record({ points: fc.constant(points), values: fc.array(residue, { minLength: 10, maxLength: 10 }) }),
    );

  test("division gives back what was multiplied, with its remainder", () => {
    fc.assert(
      fc.property(polynomial, polynomial, residue, (dividend, divisor, x) => {
        if (divisor.length === 0) return;
        const { quotient, remainder } = dividePolynomials(dividend, divisor, modulus);
        expect(remainder.length).toBeLessThan(divisor.length);
        const product = multiplyPolynomials(quotient, divisor, modulus);
        expect(subtractPolynomials(dividend, product, modulus)).toEqual(remainder);
        const at = (p: Polynomial) => evaluatePolynomial(p, x, modulus);
        expect(addMod(multiplyMod(at(quotient), at(divisor), modulus), at(remainder), modulus)).toBe(at(dividend));
      }),
      { seed: 30_040, numRuns: 300 },
    );
  });

  test("the interpolant passes through its points, and the vanishing polynomial is zero there and nowhere else", () => {
    fc.assert(
      fc.property(pairs, residue, ({ points, values }, elsewhere) => {
        const vanishing = vanishingPolynomial(points, modulus);
        const through = interpolate(points, values, vanishing, modulus);
        expect(through.length).toBeLessThanOrEqual(points.length);
        points.forEach((x, i) => {
          expect(evaluatePolynomial(through, x, modulus)).toBe(values[i]);
          expect(evaluatePolynomial(vanishing, x, modulus)).toBe(0);
        });
        if (!points.includes(elsewhere)) expect(evaluatePolynomial(vanishing, elsewhere, modulus)).not.toBe(0);
      }),
      { seed: 30_041, numRuns: 200 },
    );
  });
});

test("a repeated point and a zero divisor are refused", () => {
  expect(() => interpolate([1, 1], [2, 3], vanishingPolynomial([1, 1], 13), 13)).toThrow(FieldError);
  expect(() => dividePolynomials([1, 2], [], 13)).toThrow(FieldError);
});

test("a product with the zero polynomial is zero, that of two of them too", () => {
  expect(multiplyPolynomials([], [], 13)).toEqual([]);
  expect(multiplyPolynomials([1, 2], [], 13)).toEqual([]);
  expect(multiplyPolynomials([], [1, 2], 13)).toEqual([]);
});
