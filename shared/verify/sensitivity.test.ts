import fc from "fast-check";
import { expect, it } from "vitest";
import { PRECISION_TOLERANCE, rowAgrees, rowDeviation } from "./compare-rows.ts";
import { amplification, oneUnitApart, standsHalfPrecision, tolerancesFor } from "./sensitivity.ts";

const measured = (deviation: number) => ({ rows: 16, rowsOnSecond: 16, deviation });

it("each number moves by one unit in the last place, and none away from zero, past the largest or out of its sign", () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true })), fc.boolean(), (numbers, isUp) => {
      const rows = Float32Array.from(numbers);
      for (const [i, moved] of oneUnitApart(rows, () => isUp).entries()) {
        const number = rows[i]!;
        if (number === 0) {
          expect(moved).toBe(number);
          continue;
        }
        expect(Number.isFinite(moved)).toBe(true);
        expect(moved).not.toBe(number);
        expect(Math.sign(moved) * Math.sign(number)).toBeGreaterThanOrEqual(0);
        // No float lies between the two.
        expect([number, moved]).toContain(Math.fround((number + moved) / 2));
      }
    }),
  );
});

it("a well-conditioned model keeps the usual tolerance, a sensitive one gets a wider one, a chaotic one none", () => {
  const { float16 } = PRECISION_TOLERANCE;
  expect(tolerancesFor(measured(1e-6))).toEqual({ ...PRECISION_TOLERANCE, fixed32: 6.4e-5 });
  expect(tolerancesFor(measured(1e-4))).toEqual({ fixed32: 6.4e-3, float32: 6.4e-3, float16 });
  expect(tolerancesFor(measured(2e-4))).toBeNull();
  expect(tolerancesFor(measured(Number.POSITIVE_INFINITY))).toBeNull();
  expect(tolerancesFor(measured(Number.NaN))).toBeNull();
});

it("[PC10] the close tolerance has room for twenty times what float32 back-ends differ by, and is never wider than the narrow one", () => {
  expect(tolerancesFor(measured(0))!.fixed32).toBe(3e-5);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1.5e-4, noNaN: true }), (deviation) => {
      const { fixed32, float32 } = tolerancesFor(measured(deviation))!;
      expect(fixed32).toBeLessThanOrEqual(float32);
      expect(fixed32).toBeGreaterThanOrEqual(64 * deviation);
    }),
  );
});

it("[DP11] what a model makes of half-precision rounding is what it makes of float32's, 8192 times as much, and of other rows five times that", () => {
  expect(amplification(measured(2 ** -24))).toBe(1);
  // 1.2e-6 * 8192 * 5 = .0492 of a tolerance of .05.
  expect(standsHalfPrecision(measured(1.2e-6))).toBe(true);
  expect(standsHalfPrecision(measured(1.3e-6))).toBe(false);
});

it("rows agree within their deviation, and not within less", () => {
  const row = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(row, row, (expected, got) => {
      const deviation = rowDeviation(expected, got);
      if (deviation === Number.POSITIVE_INFINITY) return expect(rowAgrees(expected, got, 1e30)).toBe(false);
      expect(rowAgrees(expected, got, deviation)).toBe(true);
      if (deviation > 0) expect(rowAgrees(expected, got, deviation * (1 - 1e-12))).toBe(false);
    }),
  );
});

it("NaN and infinities lie infinitely far from everything, themselves too", () => {
  expect(rowDeviation([Number.NaN, 1], [Number.NaN, 1])).toBe(Number.POSITIVE_INFINITY);
  expect(rowDeviation([1, 1], [1, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
  expect(rowDeviation([0, 0], [0, -0])).toBe(0);
});
