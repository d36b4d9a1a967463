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
