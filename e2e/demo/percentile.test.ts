import { expect, test } from "vitest";
import { percentile } from "./percentile.ts";

test("a percentile is one of the values: the smallest that the share does not exceed", () => {
  const values = Array.from({ length: 20 }, (_, i) => 20 - i);
  expect(percentile(values, 0.5)).toBe(10);
  expect(percentile(values, 0.95)).toBe(19);
  expect(percentile(values, 1)).toBe(20);
  expect(percentile(values, 0.001)).toBe(1);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([], 0.5)).toBeNull();
  expect(values[0]).toBe(20);
});

test("a share outside of (0, 1] is refused", () => {
  for (const share of [0, -1, 1.1, Number.NaN]) expect(() => percentile([1], share)).toThrow(RangeError);
});
