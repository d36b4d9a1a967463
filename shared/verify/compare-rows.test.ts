import fc from "fast-check";
import { expect, test } from "vitest";
import { PRECISION_TOLERANCE, rowAgrees } from "./compare-rows.ts";

const row = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 12 });
const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));
const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

test("a row agrees with itself, and with anything within the tolerance, and with nothing beyond it", () => {
  fc.assert(
    fc.property(row, fc.nat(), fc.double({ min: -1, max: 1, noNaN: true }), (expected, some, share) => {
      fc.pre(rms(expected) > 1e-6);
      expect(rowAgrees(expected, expected, PRECISION_TOLERANCE.float32)).toBe(true);
      const place = some % expected.length;
      const bound = PRECISION_TOLERANCE.float32 * rms(expected);
      const moved = (by: number) => expected.map((value, c) => (c === place ? value + by : value));
      expect(rowAgrees(expected, moved(0.99 * share * bound), PRECISION_TOLERANCE.float32)).toBe(true);
      expect(rowAgrees(expected, moved(1.01 * bound), PRECISION_TOLERANCE.float32)).toBe(false);
    }),
    { seed: 20_007, numRuns: 500 },
  );
});

test("a row that agrees has the same label, unless the expected margin is within twice the bound", () => {
  let otherLabelCount = 0;
  fc.assert(
    fc.property(
      row,
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
      (expected, shares) => {
        const bound = PRECISION_TOLERANCE.float16 * rms(expected);
        const got = expected.map((value, c) => value + bound * shares[c]!);
        if (!rowAgrees(expected, got, PRECISION_TOLERANCE.float16) || argmax(got) === argmax(expected)) return;
        otherLabelCount++;
        const [first, second] = [...expected].sort((a, b) => b - a);
        expect(first! - second!).toBeLessThanOrEqual(2 * bound);
      },
    ),
    { seed: 20_008, numRuns: 3000 },
  );
  // The property had something to look at.
  expect(otherLabelCount).toBeGreaterThan(0);
});

test("a row that is not finite agrees with nothing, not even with itself", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(rowAgrees([1, bad], [1, bad], 1)).toBe(false);
    expect(rowAgrees([1, 2], [1, bad], 1)).toBe(false);
    expect(rowAgrees([1, bad], [1, 2], 1)).toBe(false);
  }
});

test("zeros agree with zeros alone", () => {
  expect(rowAgrees([0, 0], [0, -0], PRECISION_TOLERANCE.float16)).toBe(true);
  expect(rowAgrees([0, 0], [0, 1e-30], PRECISION_TOLERANCE.float16)).toBe(false);
});

test("a row of several outputs agrees where each does on its own scale", () => {
  const parts = [2, 1].map((size) => ({ size, scaleFloor: 0 }));
  const expected = [1e6, -1e6, 1e-3];
  expect(rowAgrees(expected, [1e6 + 500, -1e6, 1e-3], PRECISION_TOLERANCE.float32, parts)).toBe(true);
  expect(rowAgrees(expected, [1e6, -1e6, 1.1e-3], PRECISION_TOLERANCE.float32, parts)).toBe(false);
  expect(rowAgrees(expected, [1e6, -1e6, 1.0009e-3], PRECISION_TOLERANCE.float32, parts)).toBe(true);
  expect(rowAgrees(expected, [1e6, -1e6, 1.0011e-3], PRECISION_TOLERANCE.float32, parts)).toBe(false);
  expect(rowAgrees(expected, [1e6, -1e6, 1.1e-3], PRECISION_TOLERANCE.float32)).toBe(true);
  expect(() => rowAgrees([1, 2], [1, 2], 1, parts)).toThrow(/parts of 2 numbers in all, got 3/);
});

test("[SC7] a number near zero is compared on the scale of the job's outputs, and on that alone", () => {
  const scaleFloor = 2;
  expect(rowAgrees([1e-9], [0.001], PRECISION_TOLERANCE.float32)).toBe(false);
  expect(rowAgrees([1e-9], [0.0019], PRECISION_TOLERANCE.float32, scaleFloor)).toBe(true);
  expect(rowAgrees([1e-9], [0.0021], PRECISION_TOLERANCE.float32, scaleFloor)).toBe(false);
  // The larger of the two scales counts: that of a row of larger numbers is its own.
  expect(rowAgrees([10], [10.009], PRECISION_TOLERANCE.float32, scaleFloor)).toBe(true);
  expect(rowAgrees([10], [10.011], PRECISION_TOLERANCE.float32, scaleFloor)).toBe(false);
  const parts = [
    { size: 1, scaleFloor: 0 },
    { size: 1, scaleFloor },
  ];
  expect(rowAgrees([1, 1e-9], [1, 0.0019], PRECISION_TOLERANCE.float32, parts)).toBe(true);
  expect(rowAgrees([1e-9, 1], [0.0019, 1], PRECISION_TOLERANCE.float32, parts)).toBe(false);
});

test("exactly the tolerance is still within it", () => {
  expect(rowAgrees([4], [5], 0.25)).toBe(true);
  expect(rowAgrees([4], [3], 0.25)).toBe(true);
  expect(rowAgrees([4], [5.000001], 0.25)).toBe(false);
});

test("rows of different lengths cannot be compared", () => {
  expect(() => rowAgrees([1], [1, 2], 1)).toThrow("rows: expected two rows of one length, got 1 and 2");
  expect(() => rowAgrees([], [], 1)).toThrow("rows: expected two rows of one length, got 0 and 0");
});
