import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FieldError } from "./field-error.ts";
import { centredMax, centredOf, MODULUS, residueOf } from "./modulus.ts";
import { largestColumnNorm, largestRowNorm } from "./norms.ts";
import { quantize } from "./quantize.ts";
import { quantizeSafely, rowChunks } from "./safe-scale.ts";

const RUNS = 3_000;

/** The true inner product of what two vectors of residues stand for. */
function signedDot(a: ArrayLike<number>, b: ArrayLike<number>, modulus: number): bigint {
  let sum = 0n;
  for (let i = 0; i < a.length; i++) sum += BigInt(centredOf(a[i]!, modulus)) * BigInt(centredOf(b[i]!, modulus));
  return sum;
}

const magnitude = (value: bigint) => (value < 0n ? -value : value);

/** A row of whole numbers, and a real vector that is bad for it: parallel, anti-parallel or just any. */
const attempt = fc.record({
  row: fc.array(fc.integer({ min: -999, max: 999 }), { minLength: 1, maxLength: 60 }),
  alignment: fc.constantFrom("parallel", "opposite", "signs", "free"),
  free: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 }),
  size: fc.double({ min: -12, max: 12, noNaN: true }).map((exponent) => 10 ** exponent),
  modulus: fc.constantFrom(MODULUS, 2 ** 24 - 3, 1_000_003),
});

function vectorOf({ row, alignment, free, size }: { row: number[]; alignment: string; free: number[]; size: number }) {
  return row.map((entry, i) => {
    if (alignment === "parallel") return entry * size;
    if (alignment === "opposite") return -entry * size;
    return alignment === "signs" ? Math.sign(entry) * size : free[i]! * size;
  });
}

describe("no inner product wraps around", () => {
  test("whatever the row and the vector, aligned worst cases too", () => {
    const tightest: Record<string, number> = {};
    let refusedCount = 0;
    fc.assert(
      fc.property(attempt, (given) => {
        const { row, modulus, alignment } = given;
        const residues = Uint32Array.from(row, (entry) => residueOf(entry, modulus));
        const norm = largestRowNorm(residues, 1, row.length, modulus);
        if (centredMax(modulus) / norm <= Math.sqrt(row.length)) {
          refusedCount++;
          return;
        }
        const quantized = quantizeSafely(vectorOf(given), row.length, 1, norm, modulus);
        const product = magnitude(signedDot(residues, quantized.residues, modulus));
        expect(product <= BigInt(centredMax(modulus))).toBe(true);
        tightest[alignment] = Math.max(tightest[alignment] ?? 0, Number(product) / centredMax(modulus));
      }),
      { seed: 30_030, numRuns: RUNS },
    );
    // The attack is real: parallel vectors come within a thousandth of the bound.
    expect(tightest.parallel).toBeGreaterThan(0.999);
    expect(tightest.opposite).toBeGreaterThan(0.999);
    expect(refusedCount).toBeLessThan(RUNS / 10);
  });

  test("a scale from the unrounded norm alone does wrap around, so the attack is not in vain", () => {
    // B = 50, row (7, 7): R = 9.9, and v parallel to it may have norm 5.05, (3.57, 3.57), which rounds to (4, 4): 56 > 50.
    const residues = quantize([7, 7], 1, 101);
    const norm = largestRowNorm(residues, 1, 2, 101);
    const naive = quantize([1, 1], 50 / norm / Math.SQRT2, 101);
    expect(magnitude(signedDot(residues, naive, 101))).toBe(56n);
    const safe = quantizeSafely([1, 1], 2, 1, norm, 101);
    expect(magnitude(signedDot(residues, safe.residues, 101)) <= 50n).toBe(true);
  });

  test("over a whole small field: every row of two entries against 60 directions", () => {
    let caseCount = 0;
    const modulus = 101;
    for (let a = -9; a <= 9; a++) {
      for (let b = -9; b <= 9; b++) {
        const residues = quantize([a, b], 1, modulus);
        const norm = largestRowNorm(residues, 1, 2, modulus);
        for (let step = 0; step < 60; step++) {
          const angle = (step * Math.PI) / 30;
          const { residues: v } = quantizeSafely([Math.cos(angle), Math.sin(angle)], 2, 1, norm, modulus);
          expect(magnitude(signedDot(residues, v, modulus)) <= 50n).toBe(true);
          caseCount++;
        }
      }
    }
    expect(caseCount).toBe(19 * 19 * 60);
  });
});

test("the columns of a thin matrix share a scale, and each is safe", () => {
  const row = Uint32Array.of(900, 800, 700);
  const norm = largestRowNorm(row, 1, 3, MODULUS);
  const { residues, scale } = quantizeSafely([1, 900, 0.5, 800, 2, 700], 3, 2, norm, MODULUS);
  for (const c of [0, 1]) {
    const column = [0, 1, 2].map((i) => residues[i * 2 + c]!);
    expect(magnitude(signedDot(row, column, MODULUS)) <= BigInt(2 ** 30 - 1)).toBe(true);
  }
  expect(residues).toEqual(quantize([1, 900, 0.5, 800, 2, 700], scale, MODULUS));
});

test("zero has scale 1, next to nothing a finite one, and the largest doubles do no harm", () => {
  expect(quantizeSafely([0, 0], 2, 1, 10, MODULUS)).toEqual({ scale: 1, residues: new Uint32Array(2) });
  for (const value of [Number.MIN_VALUE, 1e-300, 1e300, Number.MAX_VALUE]) {
    const { scale, residues } = quantizeSafely([value], 1, 1, 10, MODULUS);
    expect(scale > 0 && Number.isFinite(scale)).toBe(true);
    expect(centredOf(residues[0]!, MODULUS)).toBeLessThanOrEqual((2 ** 30 - 1) / 10);
  }
  expect(() => quantizeSafely([Number.NaN], 1, 1, 10, MODULUS)).toThrow(/finite values, got NaN at 0/);
});

test("a sum that cannot be safe is refused, and row chunks make it safe", () => {
  const [rows, columns, modulus] = [64, 3, 1_000_003];
  const matrix = Uint32Array.from({ length: rows * columns }, (_, i) => (i * 37) % 1000);
  const values = Array.from({ length: rows }, (_, r) => Math.sin(r));
  expect(() => quantizeSafely(values, rows, 1, 500_000, modulus)).toThrow(/split it/);
  const bounds = rowChunks(matrix, rows, columns, 6, modulus);
  expect(bounds[0]).toBe(0);
  expect(bounds.at(-1)).toBe(rows);
  expect(bounds.length).toBeGreaterThan(2);
  expect(rowChunks(matrix, rows, columns, 1, modulus)).toEqual([0, rows]);
  for (let i = 1; i < bounds.length; i++) {
    const [from, to] = [bounds[i - 1]!, bounds[i]!];
    const norm = largestColumnNorm(matrix, columns, from, to, modulus);
    const { residues } = quantizeSafely(values.slice(from, to), to - from, 1, norm, modulus);
    for (let c = 0; c < columns; c++) {
      const column = Array.from({ length: to - from }, (_, r) => matrix[(from + r) * columns + c]!);
      expect(magnitude(signedDot(column, residues, modulus)) <= BigInt(centredMax(modulus))).toBe(true);
    }
  }
  expect(() => rowChunks(matrix, rows, columns, 30, modulus)).toThrow(FieldError);
});
