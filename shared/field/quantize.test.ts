import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FieldError } from "./field-error.ts";
import { MODULUS } from "./modulus.ts";
import { dequantize, quantize } from "./quantize.ts";
import vectors from "./vectors/quantize.json" with { type: "json" };

describe("reference vectors", () => {
  test("there are eight, of one rounding", () => {
    expect(vectors).toHaveLength(8);
    expect(new Set(vectors.map(({ rounding }) => rounding))).toEqual(new Set(["floor(x*scale + 1/2)"]));
  });

  test.each(vectors)("scale $scale", ({ values, scale, modulus, residues, dequantized }) => {
    expect(quantize(values, scale, modulus)).toEqual(Uint32Array.from(residues));
    expect(dequantize(residues, scale, modulus)).toEqual(Float64Array.from(dequantized));
  });
});

test("a value comes back within half a step", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { maxLength: 20 }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      (values, scale) => {
        const back = dequantize(quantize(values, scale, MODULUS), scale, MODULUS);
        values.forEach((value, i) => {
          expect(Math.abs(back[i]! - value) * scale).toBeLessThanOrEqual(0.5 + 1e-6);
        });
      },
    ),
    { seed: 30_020, numRuns: 300 },
  );
});

test("halves round up, also below zero", () => {
  expect([...dequantize(quantize([0.5, -0.5, 1.5, -1.5], 1, 101), 1, 101)]).toEqual([1, 0, 2, -1]);
});

test("every whole number that a field holds is kept, and the next is refused", () => {
  let caseCount = 0;
  for (const modulus of [3, 5, 7, 101]) {
    const most = (modulus - 1) / 2;
    for (let value = -most; value <= most; value++, caseCount++) {
      expect(dequantize(quantize([value], 1, modulus), 1, modulus)[0]).toBe(value);
    }
    expect(() => quantize([most + 1], 1, modulus)).toThrow(FieldError);
    expect(() => quantize([-most - 1], 1, modulus)).toThrow(FieldError);
  }
  expect(caseCount).toBe(3 + 5 + 7 + 101);
  expect(() => quantize([2 ** 30], 1, MODULUS)).toThrow(FieldError);
});

test("what is not finite, scales that are none and entries that are no residues are refused", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => quantize([value], 1, 7)).toThrow(FieldError);
  for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => quantize([1], scale, 7)).toThrow(FieldError);
    expect(() => dequantize([1], scale, 7)).toThrow(FieldError);
  }
  expect(() => dequantize([7], 1, 7)).toThrow(/expected residues in \[0, 7\), got 7 at 0/);
  expect(() => quantize([0], 1, 1)).toThrow(FieldError);
});
