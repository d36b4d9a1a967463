import { expect, test } from "vitest";
import { residueOf } from "./modulus.ts";
import {
  INNER_LENGTH_MAX,
  largestColumnNorm,
  largestRealColumnNorm,
  largestRowNorm,
  requireInnerLength,
} from "./norms.ts";

const residues = (values: number[], modulus = 101) => Uint32Array.from(values, (value) => residueOf(value, modulus));

test("the norm of a row is that of the signed numbers that its residues stand for, and the largest counts", () => {
  expect(largestRowNorm(residues([3, -4]), 1, 2, 101)).toBe(5);
  expect(largestRowNorm(residues([1, 2, -3, 4, 0, 0]), 3, 2, 101)).toBe(5);
  expect(largestRowNorm(residues([-6, 8, 1, 2, 3, 4]), 3, 2, 101)).toBe(10);
  expect(largestRowNorm(residues([]), 0, 2, 101)).toBe(0);
  expect(() => largestRowNorm(residues([1, 2, 3]), 2, 2, 101)).toThrow("the matrix to have 4 entries, got 3");
});

test("the norm of a column counts the rows that it is asked for, and no others", () => {
  const matrix = residues([50, 1, -3, 5, 4, 12, 9, 50]); // 4 x 2
  expect(largestColumnNorm(matrix, 2, 1, 3, 101)).toBe(13);
  expect(largestColumnNorm(matrix, 2, 1, 2, 101)).toBe(5);
  expect(largestColumnNorm(matrix, 2, 2, 2, 101)).toBe(0);
  expect(largestColumnNorm(matrix, 2, 3, 4, 101)).toBe(50);
  // How far down its rows stand does not matter for how many they are.
  expect(largestColumnNorm(new Uint32Array(0), 0, INNER_LENGTH_MAX, INNER_LENGTH_MAX + 1, 101)).toBe(0);
});

test("the norm of real columns neither overflows nor underflows", () => {
  expect(largestRealColumnNorm([3, 1, -4, 2], 2, 2)).toBeCloseTo(5, 12);
  expect(largestRealColumnNorm([0, 0], 2, 1)).toBe(0);
  for (const size of [1e-200, 1e-300, 1e200, 1e300]) {
    expect(largestRealColumnNorm([3 * size, -4 * size], 2, 1) / size).toBeCloseTo(5, 9);
  }
  expect(() => largestRealColumnNorm([1, Number.NaN], 2, 1)).toThrow("finite values, got NaN at 1");
  expect(() => largestRealColumnNorm([1, Number.NEGATIVE_INFINITY], 2, 1)).toThrow("finite values");
  expect(() => largestRealColumnNorm([1, 2, 3], 2, 2)).toThrow("the matrix to have 4 entries, got 3");
});

test("an inner product has 2^22 terms at most, for its error has to stay below what is kept clear", () => {
  requireInnerLength("here", INNER_LENGTH_MAX);
  expect(() => requireInnerLength("here", INNER_LENGTH_MAX + 1)).toThrow("here: expected at most 4194304 terms");
  // Additions err by 2^-53 each; the root halves it; safe-scale.ts keeps 1e-9 clear of two such norms.
  expect((INNER_LENGTH_MAX * 2 ** -53) / 2).toBeLessThan(2.4e-10);
  expect(() => largestRowNorm(new Uint32Array(0), 0, INNER_LENGTH_MAX + 1, 101)).toThrow("in an inner product");
  expect(() => largestColumnNorm(new Uint32Array(0), 0, 0, INNER_LENGTH_MAX + 1, 101)).toThrow("in an inner product");
  expect(() => largestRealColumnNorm([], INNER_LENGTH_MAX + 1, 0)).toThrow("in an inner product");
});
