import fc from "fast-check";
import { Matrix, solve } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { CodingError } from "../../coding-error.ts";
import { smoothingSplineMatrix } from "./smoothing-spline.ts";
import vectors from "./vectors/spline.json" with { type: "json" };

const VECTOR_TOLERANCE = 1e-10;

const rowsOf = (matrix: Float64Array, width: number): number[][] =>
  Array.from({ length: matrix.length / width }, (_, r) => [...matrix.subarray(r * width, (r + 1) * width)]);
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(0, ...Array.from(a, (value, at) => Math.abs(value - b[at]!)));
const times = (row: readonly number[], values: readonly number[]): number =>
  row.reduce((sum, weight, j) => sum + weight * values[j]!, 0);

/**
 * The same minimum by another way: the spline as a line plus one |t - t_i|^3 at each different knot, the penalty integrated
 * exactly in that basis, natural boundary conditions as constraints, one dense linear system (Lagrange multipliers).
 */
function denseSplineMatrix(evaluateAt: readonly number[], knots: readonly number[], smoothing: number): number[][] {
  const different = [...new Set(knots)].sort((a, b) => a - b);
  const m = different.length;
  const kernel = (z: number) => different.map((t) => Math.abs(z - t) ** 3 / 12);
  // For coefficients c with sum c = sum c t = 0 the integral of u''^2 is c' E c, E = |t_i - t_j|^3 / 12, and u'' is 0 outside.
  const size = m + 2;
  const system = Matrix.zeros(size, size);
  const right = Matrix.zeros(size, knots.length);
  different.forEach((t, i) => {
    const own = knots.flatMap((knot, j) => (knot === t ? [j] : []));
    const row = kernel(t);
    // Stationarity, divided by E: w (u(t_i) - mean) + smoothing c_i = 0.
    row.forEach((value, j) => {
      system.set(i, j, value * own.length + (i === j ? smoothing : 0));
    });
    system.set(i, m, own.length);
    system.set(i, m + 1, own.length * t);
    for (const j of own) right.set(i, j, 1);
    system.set(m, i, 1);
    system.set(m + 1, i, t);
  });
  const coefficients = solve(system, right);
  return evaluateAt.map((z) => {
    const basis = [...kernel(z), 1, z];
    return Array.from(knots, (_, j) => times(basis, coefficients.getColumn(j)));
  });
}

/** At least 1/32 apart, so that the dense system is well enough conditioned to be the judge. */
const separateKnots = (minLength: number) =>
  fc
    .uniqueArray(fc.integer({ min: -32, max: 32 }), { minLength, maxLength: 14 })
    .map((knots) => knots.map((knot) => knot / 32));
const points = fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: 1, maxLength: 6 });
const someSmoothing = fc.constantFrom(1e-6, 1e-4, 1e-2, 0.1, 1, 30);

describe("reference vectors", () => {
  test("there are eight, some of them interpolating", () => {
    expect(vectors).toHaveLength(8);
    expect(vectors.some(({ smoothing }) => smoothing === 0)).toBe(true);
  });

  test.each(vectors)("smoothing $smoothing, knots $knots", ({ evaluateAt, knots, smoothing, operator }) => {
    const rows = rowsOf(smoothingSplineMatrix(evaluateAt, knots, smoothing), knots.length);
    rows.forEach((row, r) => {
      expect(largestDifference(row, operator[r]!)).toBeLessThan(VECTOR_TOLERANCE);
    });
  });
});

describe("laws", () => {
  test("a dense construction in another basis gives the same matrix, repeated knots included", () => {
    let repeatCount = 0;
    fc.assert(
      fc.property(separateKnots(3), points, someSmoothing, fc.nat(3), (different, evaluateAt, smoothing, repeats) => {
        const knots = [...different, ...different.slice(0, repeats)];
        if (repeats > 0) repeatCount++;
        const rows = rowsOf(smoothingSplineMatrix(evaluateAt, knots, smoothing), knots.length);
        const dense = denseSplineMatrix(evaluateAt, knots, smoothing);
        rows.forEach((row, r) => {
          expect(largestDifference(row, dense[r]!)).toBeLessThan(1e-7);
        });
      }),
      { seed: 20_101, numRuns: 300 },
    );
    expect(repeatCount).toBeGreaterThan(100);
  });

  test("straight lines come back, within the knots and beyond, for any smoothing; so rows sum to one", () => {
    fc.assert(
      fc.property(separateKnots(2), points, fc.constantFrom(0, 1e-6, 0.1, 1e3, 1e9), (knots, evaluateAt, smoothing) => {
        const rows = rowsOf(smoothingSplineMatrix(evaluateAt, knots, smoothing), knots.length);
        rows.forEach((row, r) => {
          const line = knots.map((t) => 3 - 2 * t);
          expect(Math.abs(times(row, line) - (3 - 2 * evaluateAt[r]!))).toBeLessThan(1e-8);
        });
      }),
      { seed: 20_102, numRuns: 300 },
    );
  });

  test("without smoothing a value at a knot is the knot's own, exactly", () => {
    fc.assert(
      fc.property(separateKnots(1), (knots) => {
        const matrix = smoothingSplineMatrix(knots, knots, 0);
        rowsOf(matrix, knots.length).forEach((row, r) => {
          expect(row.map(Math.abs)).toEqual(knots.map((_, j) => (j === r ? 1 : 0)));
        });
      }),
      { seed: 20_103, numRuns: 200 },
    );
  });

  test("with more and more smoothing it becomes the least-squares line", () => {
    fc.assert(
      fc.property(separateKnots(3), points, fc.constantFrom(1e12, 1e100, 1e300), (knots, evaluateAt, smoothing) => {
        const n = knots.length;
        const mean = knots.reduce((a, b) => a + b) / n;
        const spread = knots.reduce((sum, t) => sum + (t - mean) ** 2, 0);
        const rows = rowsOf(smoothingSplineMatrix(evaluateAt, knots, smoothing), n);
        rows.forEach((row, r) => {
          const line = knots.map((t) => 1 / n + ((evaluateAt[r]! - mean) * (t - mean)) / spread);
          expect(largestDifference(row, line)).toBeLessThan(1e-7);
        });
      }),
      { seed: 20_104, numRuns: 200 },
    );
  });

  test("the order of the knots permutes the columns and nothing else", () => {
    fc.assert(
      fc.property(separateKnots(3), points, fc.constantFrom(0, 0.01), (knots, evaluateAt, smoothing) => {
        const sorted = [...knots].sort((a, b) => b - a);
        const [rows, reference] = [knots, sorted].map((given) =>
          rowsOf(smoothingSplineMatrix(evaluateAt, given, smoothing), given.length),
        );
        rows!.forEach((row, r) => {
          knots.forEach((knot, j) => {
            expect(row[j]).toBeCloseTo(reference![r]![sorted.indexOf(knot)]!, 12);
          });
        });
      }),
      { seed: 20_105, numRuns: 200 },
    );
  });
});

describe("few knots", () => {
  test("one is a constant, and repeats of it share it", () => {
    expect([...smoothingSplineMatrix([-3, 0.5], [0.5], 0)]).toEqual([1, 1]);
    expect([...smoothingSplineMatrix([2], [0.5, 0.5], 1)]).toEqual([0.5, 0.5]);
  });

  test("two are a straight line for any smoothing", () => {
    for (const smoothing of [0, 1, 1e6]) {
      expect([...smoothingSplineMatrix([0.25, 2], [0, 1], smoothing)]).toEqual([0.75, 0.25, -1, 2]);
    }
    expect([...smoothingSplineMatrix([0.25], [1, 0, 1], 5)]).toEqual([0.125, 0.75, 0.125]);
  });
});

test("no knots, repeats without smoothing, bad smoothing and points that are not finite are refused", () => {
  expect(() => smoothingSplineMatrix([0], [], 1)).toThrow(CodingError);
  expect(() => smoothingSplineMatrix([0], [1, 2, 1], 0)).toThrow(/got 1 twice/);
  for (const smoothing of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => smoothingSplineMatrix([0], [1, 2], smoothing)).toThrow(/expected a smoothing from 0 on/);
  }
  expect(() => smoothingSplineMatrix([Number.NaN], [1, 2], 1)).toThrow(CodingError);
  expect(() => smoothingSplineMatrix([0], [1, Number.NaN], 1)).toThrow(CodingError);
});
