import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addMod, inverseMod, multiplyMod, powerMod, reduce, subtractMod } from "./arithmetic.ts";
import { FieldError } from "./field-error.ts";
import { invertBatch } from "./invert-batch.ts";
import { MODULUS } from "./modulus.ts";

/** The largest prime below 2^32 is 2^32-5. */
const PRIMES = [2, 3, 5, 7, 257, 65_537, 2 ** 24 - 3, MODULUS, 2 ** 32 - 5];

describe.each(PRIMES)("mod %i", (modulus) => {
  const residue = fc.oneof(fc.integer({ min: 0, max: modulus - 1 }), fc.constantFrom(0, 1, modulus - 1));
  const big = BigInt(modulus);

  test("sums, differences, products and powers equal BigInt's", () => {
    fc.assert(
      fc.property(residue, residue, fc.integer({ min: 0, max: 40 }), (a, b, exponent) => {
        const [x, y] = [BigInt(a), BigInt(b)];
        expect(addMod(a, b, modulus)).toBe(Number((x + y) % big));
        expect(subtractMod(a, b, modulus)).toBe(Number((((x - y) % big) + big) % big));
        expect(multiplyMod(a, b, modulus)).toBe(Number((x * y) % big));
        expect(powerMod(a, exponent, modulus)).toBe(Number(x ** BigInt(exponent) % big));
      }),
      { seed: 30_001, numRuns: 500 },
    );
  });

  test("reduce is exact up to 2^53 - modulus, beside multiples of the modulus too", () => {
    const most = 2 ** 53 - modulus;
    const value = fc.oneof(
      fc.integer({ min: 0, max: most }),
      fc
        .tuple(fc.integer({ min: 1, max: Math.floor(most / modulus) - 1 }), fc.integer({ min: -1, max: 1 }))
        .map(([multiple, beside]) => multiple * modulus + beside),
      fc.constantFrom(0, most, most - 1),
    );
    fc.assert(
      fc.property(value, (x) => {
        expect(reduce(x, modulus)).toBe(Number(BigInt(x) % big));
      }),
      { seed: 30_004, numRuns: 2_000 },
    );
  });

  test("a number times its inverse is one, which Fermat's power agrees with; zero has none", () => {
    fc.assert(
      fc.property(residue, (a) => {
        if (a === 0) return;
        const inverse = inverseMod(a, modulus);
        expect(multiplyMod(a, inverse, modulus)).toBe(1);
        expect(powerMod(a, modulus - 2, modulus)).toBe(inverse);
      }),
      { seed: 30_002, numRuns: 200 },
    );
    expect(() => inverseMod(0, modulus)).toThrow(FieldError);
  });

  test("a batch of inverses is each one's inverse", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: modulus - 1 }), { maxLength: 30 }), (values) => {
        expect([...invertBatch(values, modulus)]).toEqual(values.map((value) => inverseMod(value, modulus)));
      }),
      { seed: 30_003, numRuns: 100 },
    );
  });

  test("a batch with a zero is refused, and the place named", () => {
    expect(() => invertBatch([1, 1, 0], modulus)).toThrow(/no zero, got one at 2/);
  });
});

test("every product of every pair agrees with BigInt in a small field", () => {
  let pairCount = 0;
  for (let a = 0; a < 101; a++) {
    for (let b = 0; b < 101; b++, pairCount++) {
      expect(multiplyMod(a, b, 101)).toBe((a * b) % 101);
    }
  }
  expect(pairCount).toBe(10_201);
});

test("a modulus that is no prime has numbers without inverse, and exponents below zero are refused", () => {
  expect(() => inverseMod(6, 9)).toThrow(/inverse mod 9, got 6/);
  expect(() => powerMod(2, -1, 7)).toThrow(FieldError);
  expect(() => powerMod(2, 0.5, 7)).toThrow(FieldError);
});
