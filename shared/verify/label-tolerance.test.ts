import fc from "fast-check";
import { expect, test } from "vitest";
import { PRECISION_TOLERANCE, rowAgrees } from "./compare-rows.ts";
import { labelTolerance } from "./label-tolerance.ts";

const row = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 2, maxLength: 12 });
const shares = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 });
const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));
const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

test.each(Object.entries(PRECISION_TOLERANCE))(
  "[PC1] no row within %s's tolerance has another label where it is certain",
  (_, tolerance) => {
    let looked = 0;
    fc.assert(
      fc.property(row, shares, (expected, by) => {
        const got = expected.map((value, c) => value + tolerance * rms(expected) * by[c]!);
        if (!rowAgrees(expected, got, tolerance) || labelTolerance(got) <= tolerance) return;
        looked++;
        expect(argmax(got)).toBe(argmax(expected));
      }),
      { seed: 20_026, numRuns: 5000 },
    );
    expect(looked).toBeGreaterThan(1000);
  },
);

test("[PC1] the bound is sharp: a little beyond it some row has another label", () => {
  const got = [1, 0.99, -1, -1, -1];
  const flipped = got.map((value, c) => (c === 0 ? value - 0.00501 : c === 1 ? value + 0.00501 : value));
  expect(argmax(flipped)).toBe(1);
  expect(rowAgrees(flipped, got, 1.02 * labelTolerance(got))).toBe(true);
});

test("a tie, zeros and what is not finite are certain of nothing, a single label of itself", () => {
  expect(labelTolerance([3, 3, 1])).toBe(0);
  expect(labelTolerance([0, 0])).toBe(0);
  expect(labelTolerance([1, Number.NaN])).toBe(0);
  expect(labelTolerance([1, Number.POSITIVE_INFINITY])).toBe(0);
  expect(labelTolerance([7])).toBe(1);
  expect(() => labelTolerance([])).toThrow(/empty/);
});
