import { expect, test } from "vitest";
import type { NpyArray } from "../../../../../shared/protocol/npy.ts";
import { dataProblem } from "./data-problem.ts";
import { unusableNumber } from "./unusable-number.ts";

const model = (inputShape: readonly number[]) => {
  const inputSize = inputShape.reduce((product, n) => product * n, 1);
  return { inputShape, sizes: { inputSize, outputSize: 10, macsPerQuery: 1, modelBytes: 1 } };
};
const queries = (...shape: number[]) => {
  const rows: NpyArray = { dtype: "F32", shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
  return { rows, queryCount: shape[0]!, labels: null, labelCount: null, unusable: null };
};

test("queries of the model's size pass, in whatever shape; others are told what the model takes and what would help", () => {
  const digits = model([28, 28]);
  expect(dataProblem(queries(3, 784), digits)).toBeNull();
  expect(dataProblem(queries(3, 28, 28, 1), digits)).toBeNull();
  expect(dataProblem(queries(3, 784), null)).toBeNull();
  expect(dataProblem(queries(40, 100), digits)).toBe(
    "Each query has 100 numbers, and the model takes 784 (28 × 28). " +
      "Choose the queries that were made for this model, or the model that was made for these queries.",
  );
  expect(dataProblem(queries(28, 28), digits)).toContain("one query. In Python: np.save(");
  expect(dataProblem(queries(56, 28), digits)).toContain("holds 2 queries, in Python: ");
  expect(dataProblem(queries(56, 28), digits)).toContain("queries.reshape(-1, 28, 28)");
  expect(dataProblem(queries(0, 784), digits)).toBe("The file holds no queries.");
});

test("numbers that float32 does not hold are named with their place", () => {
  expect(unusableNumber({ dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, Number.NaN) })).toMatch(
    /^Query 1 has NaN at place 1: .*nan_to_num/,
  );
  expect(unusableNumber({ dtype: "F64", shape: [1, 1], data: Float64Array.of(1e300) })).toMatch(/^Query 0 has 1e\+300/);
  expect(unusableNumber({ dtype: "I64", shape: [1, 2], data: BigInt64Array.of(1n, 16_777_217n) })).toMatch(
    /^Query 0 has 16777217 at place 1, in i64: .*2\^24/,
  );
  expect(unusableNumber({ dtype: "I32", shape: [2], data: Int32Array.of(-5, 16_777_216) })).toBeNull();
  expect(unusableNumber({ dtype: "U8", shape: [1, 2], data: Uint8Array.of(0, 255) })).toBeNull();
});
