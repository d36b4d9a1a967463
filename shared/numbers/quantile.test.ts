import fc from "fast-check";
import { expect, test } from "vitest";
import { median, medianOfSome, quantile, quantileOfSome, upperMedian } from "./quantile.ts";

test("a quantile is the smallest value that at least so large a share of the values do not exceed", () => {
  const twenty = Array.from({ length: 20 }, (_, i) => 20 - i);
  expect(quantile([7], 0.5)).toBe(7);
  expect(quantile([3, 1, 2, 4], 0.5)).toBe(2);
  expect(quantile([30, 4, 100], 0.5)).toBe(30);
  expect([0.001, 0.5, 0.95, 1].map((share) => quantile(twenty, share))).toEqual([1, 10, 19, 20]);
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0, 0.01, 0.5, 0.95, 0.951, 1].map((share) => quantile(hundred, share))).toEqual([1, 1, 50, 95, 96, 100]);
});

test("a share outside of [0, 1] is refused", () => {
  for (const share of [-1, 1.1, Number.NaN]) expect(() => quantile([1], share)).toThrow(RangeError);
});

test("a product that is a hair above a whole number is that number", () => {
  expect(0.55 * 100).toBeGreaterThan(55);
  expect(
    quantile(
      Array.from({ length: 100 }, (_, i) => i + 1),
      0.55,
    ),
  ).toBe(55);
});

test("the values stay as they are", () => {
  const values = [3, 1, 2];
  quantile(values, 0.5);
  expect(values).toEqual([3, 1, 2]);
});

test("of nothing there is no quantile", () => {
  expect([quantile([], 0.5), median([]), upperMedian([])]).toEqual([null, null, null]);
  expect(() => quantileOfSome([], 0.5)).toThrow(RangeError);
  expect(() => medianOfSome([])).toThrow(RangeError);
});

test("of an even count the median is the lower of the middle two, the upper median the other one", () => {
  expect([median([4, 1, 3, 2]), medianOfSome([4, 1, 3, 2]), upperMedian([4, 1, 3, 2])]).toEqual([2, 2, 3]);
  expect([median([3, 1, 2]), upperMedian([3, 1, 2])]).toEqual([2, 2]);
});

test("of any values it is the one that stands at its rank when they are sorted", () => {
  const numbers = [
    fc.array(fc.double()),
    fc.array(fc.constantFrom(0, -0, 1, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 50, maxLength: 300 }),
  ];
  fc.assert(
    fc.property(fc.oneof(...numbers), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const sorted = Float64Array.from(values).sort();
      const rank = Math.min(values.length - 1, Math.max(0, Math.ceil(share * values.length - 1e-9) - 1));
      expect(quantile(values, share)).toBe(sorted[rank] ?? null);
      expect(upperMedian(values)).toBe(sorted[Math.floor(values.length / 2)] ?? null);
    }),
  );
});
