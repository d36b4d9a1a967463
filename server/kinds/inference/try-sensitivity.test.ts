import { expect, test } from "vitest";
import { SENSITIVITY_SECOND_MACS_MAX } from "../../../shared/protocol/limits.ts";
import type { InferenceExecutor, InferenceInputs } from "./engine/task-types.ts";
import { tryRounding } from "./try-sensitivity.ts";

/** One number in and out; row r is 1 + r, which comes out as it is. */
const ROWS = 16;
const inputs = Float32Array.from({ length: ROWS }, (_, row) => 1 + row);

/** A model that makes so much of each row's rounding, and gives other rows on other code. @param secondIs what its second implementation gives */
async function tried(
  rowMacs: number,
  { gainOf, secondIs }: { gainOf(row: number): number; secondIs(row: number): number },
) {
  const asked: number[][] = [];
  const executor = {
    async run(_task: string, { inputs: rows, manner }: InferenceInputs["run"]) {
      const isSecond = manner?.implementation === "second";
      if (isSecond) asked.push([...rows]);
      return rows.map((value) => {
        const row = Math.round(value) - 1;
        return isSecond ? secondIs(row) : inputs[row]! + gainOf(row) * Math.abs(value - inputs[row]!);
      });
    },
  } as unknown as InferenceExecutor;
  const onProblem = () => {};
  const { sensitivity } = await tryRounding(
    { executor, onProblem },
    {
      ...{ model: { sha256: "ab", bundle: new Uint8Array() }, inputs, outputs: inputs },
      ...{ inputSize: 1, outputSize: 1, rowMacs, scaleFloor: 0 },
    },
  );
  return { sensitivity, asked: asked.flat() };
}

const alike = (row: number) => 1 + row;

test("[VF12] of a model that costs little all rows run on the second implementation", async () => {
  const { sensitivity, asked } = await tried(1_000, { gainOf: () => 1, secondIs: alike });
  expect(asked).toEqual([...inputs]);
  expect(sensitivity).toMatchObject({ rows: ROWS, rowsOnSecond: ROWS });
});

test("[VF12] of a costly one those that rounding has moved most do, two at least", async () => {
  const gainOf = (row: number) => ([3, 7, 12].includes(row) ? 1_000 : 1);
  const three = await tried(SENSITIVITY_SECOND_MACS_MAX / 3, { gainOf, secondIs: alike });
  expect(three.asked).toEqual([4, 8, 13]);
  expect(three.sensitivity).toMatchObject({ rows: ROWS, rowsOnSecond: 3 });
  const two = await tried(SENSITIVITY_SECOND_MACS_MAX, { gainOf, secondIs: alike });
  expect(two.sensitivity.rowsOnSecond).toBe(2);
  expect([4, 8, 13]).toEqual(expect.arrayContaining(two.asked));
});

test("[VF12] the deviation is the largest of any row, on inputs apart or on other code", async () => {
  const onInputs = await tried(1_000, { gainOf: (row) => (row === 5 ? 2 ** 13 : 1), secondIs: alike });
  // One unit in the last place of 6 is 2^-21.
  expect(onInputs.sensitivity.deviation).toBeCloseTo((2 ** -21 * 2 ** 13) / 6, 5);
  const onSecond = await tried(1_000, { gainOf: () => 1, secondIs: (row) => (row === 9 ? 11 : 1 + row) });
  expect(onSecond.sensitivity.deviation).toBeCloseTo(0.1, 6);
});
