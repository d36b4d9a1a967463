import { expect, test } from "vitest";
import type { RunnableModel } from "../../../../shared/compute/model-runtime.ts";
import { RECOMPUTED_BYTES_AT_ONCE_MAX } from "../../../../shared/protocol/limits.ts";
import { rowsWithin, runRows } from "./run-rows.ts";

/** Its answer to a row is the row's first number. */
function firstNumber(inputSize: number): { model: RunnableModel; calls: number[] } {
  const calls: number[] = [];
  const facts = {
    ...{ inputShape: [inputSize], inputs: [], inputSize, outputSize: 1 },
    ...{ macsPerQuery: 1, weightBytes: 0, activationsPerQuery: 1, numbersPerRun: 0 },
  };
  const run = async (rows: Float32Array, rowCount: number) => {
    calls.push(rowCount);
    return Float32Array.from({ length: rowCount }, (_, r) => rows[r * inputSize]!);
  };
  return { model: { facts, run }, calls };
}

test("rows that are small go together, those that fill the bound one by one, and answers come back in their order", async () => {
  for (const [inputSize, expected] of [
    [2, [5]],
    [RECOMPUTED_BYTES_AT_ONCE_MAX / 4 / 2 - 1, [2, 2, 1]],
    [RECOMPUTED_BYTES_AT_ONCE_MAX / 4, [1, 1, 1, 1, 1]],
  ] as const) {
    const { model, calls } = firstNumber(inputSize);
    const values = new Uint8Array(3 * inputSize);
    for (let query = 0; query < 3; query++) values[query * inputSize] = 10 + query;
    const answers = await runRows(model, { values, inputSize, scale: 1 }, Uint32Array.of(2, 0, 1, 1, 2));
    expect([...answers]).toEqual([12, 10, 11, 11, 12]);
    expect(calls).toEqual(expected);
  }
});

test("at least one row fits", () => {
  expect([rowsWithin(64, 4), rowsWithin(63, 4), rowsWithin(4, 100)]).toEqual([4, 3, 1]);
});
