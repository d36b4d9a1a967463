import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { berrutMatrix } from "./berrut.ts";
import { CodingError } from "./coding-error.ts";
import { evenAnglePoints } from "./points.ts";
import vectors from "./vectors/berrut.json" with { type: "json" };

const VECTOR_TOLERANCE = 1e-10;

/** (rows x inner) times (inner x width) */
function multiply(matrix: Float64Array, rows: readonly (readonly number[])[]): number[][] {
  const inner = rows.length;
  return Array.from({ length: matrix.length / inner }, (_, r) =>
    rows[0]!.map((_, c) => rows.reduce((sum, row, j) => sum + matrix[r * inner + j]! * row[c]!, 0)),
  );
}

function expectWithin(got: number[][], expected: number[][], tolerance: number): void {
  expect(got.length).toBe(expected.length);
  got.forEach((row, r) => {
    row.forEach((value, c) => {
      expect(Math.abs(value - expected[r]![c]!)).toBeLessThan(tolerance);
    });
  });
}

describe("reference vectors", () => {
  test("there are eight", () => {
    expect(vectors).toHaveLength(8);
  });

  test.each(vectors)("K = $queryCount, N = $workerCount: points, coded queries and answers", (vector) => {
    const points = evenAnglePoints(vector.queryCount, vector.workerCount);
    expectWithin([[...points.dataPoints]], [vector.dataPoints], 1e-15);
    expectWithin([[...points.evaluationPoints]], [vector.evaluationPoints], 1e-15);

    const coded = multiply(berrutMatrix(points.evaluationPoints, points.dataPoints), vector.queries);
    expectWithin(coded, vector.codedQueries, VECTOR_TOLERANCE);

    expect(vector.function).toBe("tanh");
    const results = vector.arrived.map((i) => coded[i]!.map(Math.tanh));
    const nodes = vector.arrived.map((i) => points.evaluationPoints[i]!);
    expectWithin(multiply(berrutMatrix(points.dataPoints, nodes), results), vector.decoded, VECTOR_TOLERANCE);
  });
});

const distinctNodes = fc
  .uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 })
  .map((nodes) => nodes.map((node) => node / 1000));

describe("laws", () => {
  test("rows sum to one, and a point on a node has the node's unit row, exactly", () => {
    fc.assert(
      fc.property(distinctNodes, fc.double({ min: -2, max: 2, noNaN: true }), (nodes, point) => {
        const matrix = berrutMatrix([point, ...nodes], nodes);
        expect(matrix.subarray(0, nodes.length).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
        nodes.forEach((_, r) => {
          const row = matrix.subarray((r + 1) * nodes.length, (r + 2) * nodes.length);
          expect([...row]).toEqual(nodes.map((_, j) => (j === r ? 1 : 0)));
        });
      }),
      { seed: 20_001, numRuns: 300 },
    );
  });

  test("the order in which nodes come permutes the columns and nothing else", () => {
    fc.assert(
      fc.property(distinctNodes, (nodes) => {
        const sorted = [...nodes].sort((a, b) => a - b);
        const [matrix, reference] = [berrutMatrix([0.12345], nodes), berrutMatrix([0.12345], sorted)];
        nodes.forEach((node, j) => {
          expect(matrix[j]).toBeCloseTo(reference[sorted.indexOf(node)]!, 12);
        });
      }),
      { seed: 20_002, numRuns: 300 },
    );
  });

  test("a point within 1e-12 of a node is the node", () => {
    expect([...berrutMatrix([0.5 + 9e-13, 0.5 - 9e-13], [0.1, 0.5])]).toEqual([0, 1, 0, 1]);
    expect(berrutMatrix([0.5 + 2e-12], [0.1, 0.5])[0]).not.toBe(0);
  });

  test("typed arrays and plain arrays give the same matrix", () => {
    const plain = berrutMatrix([0.3, -0.2], [1, 0.5, -1]);
    expect(berrutMatrix(Float64Array.of(0.3, -0.2), Float64Array.of(1, 0.5, -1))).toEqual(plain);
    expect(plain).toBeInstanceOf(Float64Array);
  });

  test("no nodes, repeated nodes and points that are not finite are refused", () => {
    expect(() => berrutMatrix([0], [])).toThrow(CodingError);
    expect(() => berrutMatrix([0], [1, 2, 1])).toThrow(/got 1 twice/);
    expect(() => berrutMatrix([Number.NaN], [1])).toThrow(CodingError);
    expect(() => berrutMatrix([0], [1, Number.POSITIVE_INFINITY])).toThrow(CodingError);
  });
});
