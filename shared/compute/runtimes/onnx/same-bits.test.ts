import * as ort from "onnxruntime-web/wasm";
import { expect, test } from "vitest";
import { ELEMENTWISE_CASES } from "./testing/cases/elementwise-cases.ts";
import { MATRIX_CASES, RECURRENT_CASES } from "./testing/cases/matrix-cases.ts";
import { PLACE_CASES } from "./testing/cases/place-cases.ts";
import { FUSED_CASES, QUANTIZED_CASES } from "./testing/cases/quantized-cases.ts";
import { IMAGE, noise, type OperatorCase } from "./testing/operator-case.ts";
import { smallOnnx } from "./testing/small-onnx.ts";

const CASES = {
  ...{ ...ELEMENTWISE_CASES, ...MATRIX_CASES, ...RECURRENT_CASES },
  ...{ ...PLACE_CASES, ...QUANTIZED_CASES, ...FUSED_CASES },
};
const ROWS = 7;
/** Their scale spans all rows of a call: such models run one row a call. */
const ACROSS_ROWS = /^DynamicQuantize/;

/** @returns whether a row has the same bits in company of six others, of two, of one, and alone */
async function hasSameBits({ shape = IMAGE, nodes, integers, weights = [], opset }: OperatorCase): Promise<boolean> {
  const file = smallOnnx({
    ...{ input: { name: "x", shape: [-1, ...shape] }, outputs: [nodes.at(-1)!.outputs[0]!], nodes, weights },
    ...(integers ? { integers } : {}),
    ...(opset ? { opset } : {}),
  });
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
  const size = shape.reduce((one, other) => one * other, 1);
  const rows = noise(ROWS * size, 5);
  const run = async (first: number, count: number) => {
    const x = new ort.Tensor("float32", rows.slice(first * size, (first + count) * size), [count, ...shape]);
    return [...(Object.values(await session.run({ x }, { logSeverityLevel: 4 }))[0]!.data as Float32Array)];
  };
  const all = await run(0, ROWS);
  const each = all.length / ROWS;
  let isSame = true;
  for (const count of [1, 2, 3]) {
    const some = await run(0, count);
    isSame &&= some.every((value, i) => Object.is(value, all[i])) && some.length === count * each;
  }
  await session.release();
  return isSame;
}

test("[PC10] whatever the operator, a row has the same bits in any company: what a tab computed in a batch is checked alone", {
  timeout: 240_000,
}, async () => {
  ort.env.wasm.numThreads = 1;
  const different: string[] = [];
  let compared = 0;
  for (const [name, asked] of Object.entries(CASES)) {
    if (ACROSS_ROWS.test(name)) continue;
    // Some cases are of shapes alone, and hold no numbers that the library takes.
    const isSame = await hasSameBits(asked).catch(() => null);
    if (isSame !== null) compared++;
    if (isSame === false) different.push(name);
  }
  expect(different).toEqual([]);
  expect(compared).toBeGreaterThan(130);
});
