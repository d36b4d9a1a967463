import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addMod, multiplyMod } from "../field/arithmetic.ts";
import { MODULUS } from "../field/modulus.ts";
import { evaluatePolynomial } from "../field/polynomial.ts";
import { combineRows, matrixProduct, rowsOf } from "../field/products.ts";
import { CodingError } from "./coding-error.ts";
import { evaluationPointAt, lagrangeMatrix, lagrangePoints } from "./lagrange.ts";
import vectors from "./vectors/lagrange.json" with { type: "json" };

describe("reference vectors", () => {
  test("there are eight, one of them with masks", () => {
    expect(vectors).toHaveLength(8);
    expect(vectors.filter(({ maskCount }) => maskCount > 0)).toHaveLength(1);
  });

  test.each(vectors)(
    "K = $blockCount, T = $maskCount, N = $workerCount: points, shards, results, decoding",
    (vector) => {
      const { blockCount, maskCount, workerCount, modulus } = vector;
      const { dataPoints, evaluationPoints } = lagrangePoints(blockCount, maskCount, workerCount);
      expect([...dataPoints]).toEqual(vector.dataPoints);
      expect([...evaluationPoints]).toEqual(vector.evaluationPoints);

      const encodeMatrix = lagrangeMatrix(evaluationPoints, dataPoints, modulus);
      expect([...encodeMatrix]).toEqual(vector.encodeMatrix.flat());
      const blocks = vector.blocks.map((block) => Uint32Array.from(block.flat()));
      const coded = rowsOf(encodeMatrix, workerCount, blocks.length).map((row) =>
        combineRows(row, blocks, blocks[0]!.length, modulus),
      );
      expect(coded.map((shard) => [...shard])).toEqual(vector.codedBlocks.map((block) => block.flat()));

      const [rows, columns] = [vector.blocks[0]!.length, vector.vector.length];
      const results = coded.map((shard) => matrixProduct(shard, rows, columns, vector.vector, 1, modulus));
      expect(results.map((result) => [...result])).toEqual(vector.codedResults);

      const nodes = vector.arrived.map((i) => evaluationPoints[i]!);
      const arrived = vector.arrived.map((i) => results[i]!);
      const decoded = rowsOf(
        lagrangeMatrix(dataPoints.subarray(0, blockCount), nodes, modulus),
        blockCount,
        nodes.length,
      );
      expect(decoded.map((row) => [...combineRows(row, arrived, rows, modulus)])).toEqual(vector.decoded);
    },
  );
});

test("without masks the first K evaluation points are the data points; with masks none is", () => {
  let caseCount = 0;
  for (let blockCount = 1; blockCount <= 6; blockCount++) {
    for (let maskCount = 0; maskCount <= 3; maskCount++, caseCount++) {
      const { dataPoints, evaluationPoints } = lagrangePoints(blockCount, maskCount, 12);
      const shared = [...evaluationPoints].filter((point) => dataPoints.includes(point));
      expect(shared).toEqual(maskCount === 0 ? [...dataPoints] : []);
      expect(new Set(evaluationPoints).size).toBe(12);
      // Who joins later takes the next one, and those before stay.
      expect(evaluationPointAt(blockCount, maskCount, 12)).toBe(evaluationPoints[11]! + 1);
      expect(evaluationPointAt(blockCount, maskCount, 3)).toBe(evaluationPoints[3]);
    }
  }
  expect(caseCount).toBe(24);
});

describe.each([13, 65_537, MODULUS, 2 ** 32 - 5])("the matrix mod %i", (modulus) => {
  const residue = fc.integer({ min: 0, max: modulus - 1 });
  const nodesOf = fc.uniqueArray(residue, { minLength: 1, maxLength: 10 });

  test("carries every polynomial from its values at the nodes to its values anywhere", () => {
    const problem = fc.tuple(nodesOf, fc.array(residue, { maxLength: 5 }), fc.array(residue, { maxLength: 10 }));
    fc.assert(
      fc.property(problem, ([nodes, points, coefficients]) => {
        const polynomial = coefficients.slice(0, nodes.length);
        const matrix = lagrangeMatrix(points, nodes, modulus);
        expect(matrix).toBeInstanceOf(Uint32Array);
        points.forEach((point, r) => {
          const value = nodes.reduce((sum, node, j) => {
            return addMod(
              sum,
              multiplyMod(matrix[r * nodes.length + j]!, evaluatePolynomial(polynomial, node, modulus), modulus),
              modulus,
            );
          }, 0);
          expect(value).toBe(evaluatePolynomial(polynomial, point, modulus));
        });
      }),
      { seed: 30_050, numRuns: 300 },
    );
  });

  test("has a unit row wherever a point is a node", () => {
    fc.assert(
      fc.property(nodesOf, (nodes) => {
        const unit = nodes.flatMap((_, r) => nodes.map((_, j) => (j === r ? 1 : 0)));
        expect([...lagrangeMatrix(nodes, nodes, modulus)]).toEqual(unit);
      }),
      { seed: 30_051, numRuns: 100 },
    );
  });
});

test("nodes that are missing, repeated or no residues are refused, and so are points and counts that are none", () => {
  expect(() => lagrangeMatrix([1], [], 13)).toThrow(CodingError);
  expect(() => lagrangeMatrix([1], [4, 5, 4], 13)).toThrow(/got 4 twice/);
  expect(() => lagrangeMatrix([1], [4, 13], 13)).toThrow(CodingError);
  expect(() => lagrangeMatrix([-1], [4], 13)).toThrow(CodingError);
  expect(() => lagrangeMatrix([1], [4], 2 ** 32)).toThrow(/prime below 2\^32/);
  expect(() => lagrangePoints(0, 0, 4)).toThrow(CodingError);
  expect(() => lagrangePoints(2, -1, 4)).toThrow(CodingError);
  expect(() => lagrangePoints(2, 0, 1.5)).toThrow(CodingError);
});
