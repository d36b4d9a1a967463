import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MODULUS } from "../../../../shared/field/modulus.ts";
import { dequantize } from "../../../../shared/field/quantize.ts";
import { transposeMatrix } from "../../../coded/engine/transpose.ts";
import { joinLimbs, quantizeFeatures } from "./features.ts";
import { planRounding } from "./rounding.ts";
import type { FeatureSource } from "./survey.ts";
import { surveyFeatures } from "./survey.ts";

const source = (rows: number, values: number[], inputScale = 1): FeatureSource => ({
  values: Float64Array.from(values),
  rows,
  columns: values.length / rows,
  inputScale,
});

test("columns of whole numbers up to 4095 are kept as they are, whatever the input scale", () => {
  const { matrix, scales } = quantizeFeatures(source(2, [999, -7, 0, 4095], 1 / 999), null);
  expect([...dequantize(matrix, 1, MODULUS)]).toEqual([999, -7, 0, 4095]);
  expect(scales[0]).toBeCloseTo(999, 9);
});

test("every other column's largest entry becomes 1023 steps, so that its error is at most 1/2046 of it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 6 }),
      fc.double({ min: 0.001, max: 1000, noNaN: true }),
      (values, inputScale) => {
        const { matrix, scales } = quantizeFeatures(source(3, values, inputScale), null);
        for (let i = 0; i < 6; i++) {
          const column = [values[i % 2]!, values[(i % 2) + 2]!, values[(i % 2) + 4]!];
          const peak = Math.max(...column.map(Math.abs)) * inputScale;
          const kept = dequantize([matrix[i]!], scales[i % 2]!, MODULUS)[0]!;
          expect(Math.abs(kept - values[i]! * inputScale)).toBeLessThanOrEqual((peak / 2046) * (1 + 1e-9) + 1e-250);
        }
      },
    ),
    { seed: 41_001 },
  );
});

test("columns of zeros, constant columns and tiny numbers are no trouble; constant ones are told", () => {
  const { matrix, scales, constantColumns } = quantizeFeatures(
    source(2, [0, 5, 1e-200, 0.25, 0, 5, 3e-200, 0.5]),
    null,
  );
  expect(constantColumns).toEqual([0, 1]);
  expect(scales.every((scale) => Number.isFinite(scale) && scale > 0)).toBe(true);
  expect([...matrix]).toEqual([0, 5, 341, 512, 0, 5, 1023, 1023]);
});

test("what is no number is refused with its place, and shapes that do not fit", () => {
  expect(() => quantizeFeatures(source(2, [1, 2, 3, Number.NaN]), null)).toThrow("got NaN in row 1, column 1");
  expect(() => quantizeFeatures(source(1, [Number.NEGATIVE_INFINITY]), null)).toThrow(
    "got -Infinity in row 0, column 0",
  );
  expect(() => quantizeFeatures({ ...source(2, [1, 2]), rows: 3 }, null)).toThrow(/rows x columns/);
  expect(() => quantizeFeatures(source(1, [1], 0), null)).toThrow(/input scale/);
});

test("transposing twice is nothing", () => {
  const matrix = Uint32Array.from({ length: 37 * 65 }, (_, i) => i);
  const transposed = transposeMatrix(matrix, 37, 65);
  expect(transposed[64 * 37 + 3]).toBe(3 * 65 + 64);
  expect(transposeMatrix(transposed, 65, 37)).toEqual(matrix);
});

describe("limbs", () => {
  const rounded = (given: FeatureSource, featureBits: number) => {
    const rounding = planRounding(surveyFeatures(given), featureBits);
    const { matrix, limbs, limbBits, scales } = quantizeFeatures(given, rounding);
    const size = given.values.length;
    const signed = dequantize(matrix, 1, MODULUS);
    const steps = Array.from({ length: size }, (_, i) =>
      Array.from({ length: limbs }, (_, limb) => signed[limb * size + i]! * 2 ** (limb * limbBits)).reduce(
        (a, b) => a + b,
      ),
    );
    return { signed, limbs, limbBits, scales, steps };
  };

  test("put together they are the steps, all but the highest of them half a unit of the next one at most", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 4, max: 30 }),
        fc.double({ min: 0.001, max: 1000, noNaN: true }),
        (values, featureBits, inputScale) => {
          const { signed, limbs, limbBits, scales, steps } = rounded(source(3, values, inputScale), featureBits);
          values.forEach((value, i) => {
            const scaled = value * inputScale * scales[i % 2]!;
            expect(Math.abs(steps[i]! - scaled)).toBeLessThanOrEqual(0.5 + Math.abs(scaled) * 1e-12);
          });
          for (let i = 0; i < 6 * (limbs - 1); i++)
            expect(Math.abs(signed[i]!)).toBeLessThanOrEqual(2 ** (limbBits - 1));
        },
      ),
      { seed: 41_002 },
    );
  });

  test("whole numbers stay exact, times a power of two that makes them as large as other columns", () => {
    const { scales, steps } = rounded(source(2, [1, 0.3, 0, 0.7]), 22);
    expect(scales[0]).toBe(2 ** 21);
    expect([steps[0], steps[2]]).toEqual([2 ** 21, 0]);
  });

  test("a product of limbs is put together as the features are", () => {
    expect([...joinLimbs(Float64Array.of(1, 2, 3, 4), 2, 10)]).toEqual([1 + 3 * 1024, 2 + 4 * 1024]);
    expect([...joinLimbs(Float64Array.of(1, 2), 1, 10)]).toEqual([1, 2]);
  });
});
