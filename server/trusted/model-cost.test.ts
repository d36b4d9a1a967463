import { expect, test } from "vitest";
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import { onnx } from "../../shared/compute/runtimes/onnx/onnx.ts";
import { tfjs } from "../../shared/compute/runtimes/tfjs/tfjs.ts";
import {
  MODEL_BYTES_MAX,
  TAB_LARGE_MEMORY_BYTES_MAX,
  TRUSTED_PROCESS_BYTES_MAX,
} from "../../shared/protocol/limits.ts";
import { tabBytes } from "../kinds/inference/core/tab-bytes.ts";
import {
  type InspectedModel,
  MeasuredPace,
  modelTooLarge,
  processBytesMax,
  rowMacs,
  rowsAtOnce,
} from "./model-cost.ts";
import { modelBytesMaxHere, modelsTakenInWords } from "./models-taken.ts";

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;

/** What inspection says of a convolution that makes 64 pictures of one. */
const LARGE_LAYERS: ModelFacts = {
  inputShape: [512, 512, 1],
  inputs: [{ name: "x", shape: [512, 512, 1], dtype: "float32" }],
  inputSize: 512 * 512,
  outputSize: 1,
  macsPerQuery: 33_554_496,
  weightBytes: 772,
  activationsPerQuery: 33_816_640,
  numbersPerRun: 0,
};
const model = (facts: ModelFacts): InspectedModel => ({
  ...{ sha256: "m", bundle: new Uint8Array(), implementation: "first", memorySlack: 1, weightCopies: 5, facts },
  processBytesMax: tfjs.processBytesMax,
  secondSlowness: tfjs.secondSlowness,
});

test("a row costs what its multiply-adds do, and ten for each number between layers", () => {
  expect(rowMacs(LARGE_LAYERS)).toBe(33_554_496 + 10 * 33_816_640);
  const dense = { ...LARGE_LAYERS, inputSize: 784, macsPerQuery: 178_000, activationsPerQuery: 1_084 };
  expect(rowMacs(dense)).toBeLessThan(1.1 * dense.macsPerQuery);
});

test("of what was never measured the second implementation is expected to take longer than the first, as its runtime says", () => {
  const pace = new MeasuredPace();
  const first = pace.predictedMs(model(LARGE_LAYERS), 100);
  const second = pace.predictedMs({ ...model(LARGE_LAYERS), implementation: "second" }, 100);
  expect(first / 100).toBeCloseTo(186, 0);
  expect(second / first).toBeCloseTo(8, 2);
  const ofOnnx = { ...model(LARGE_LAYERS), implementation: "second", secondSlowness: onnx.secondSlowness } as const;
  expect(pace.predictedMs(ofOnnx, 100) / first).toBeCloseTo(2, 2);
});

test("rows go through together as far as their time allows, numbers between layers counted", () => {
  const flat = { ...LARGE_LAYERS, inputSize: 16, macsPerQuery: 1, activationsPerQuery: 1_000_000 };
  expect(rowsAtOnce(model({ ...flat, activationsPerQuery: 100 }))).toBe(64);
  expect(rowsAtOnce(model(flat))).toBe(Math.floor(3e8 / (1 + 1e7)));
  // Slow code gets fewer, so that a piece takes no longer.
  expect(rowsAtOnce({ ...model(flat), implementation: "second" })).toBe(Math.floor(3e8 / 8 / (1 + 1e7)));
});

test("the largest ONNX model that is taken fits a process here and a tab, with rows of a transformer; of tfjs a process holds two more copies", () => {
  const vit = { ...LARGE_LAYERS, weightBytes: MODEL_BYTES_MAX, inputSize: 3 * 224 * 224, activationsPerQuery: 2e6 };
  expect(modelTooLarge({ ...onnx, facts: vit }, 24 * GIB)).toBeNull();
  expect(modelTooLarge({ ...tfjs, facts: vit }, 24 * GIB)).toMatch(
    /one row of it is predicted to take 5\.\d+ GiB.*the limit is 1\.7 GiB/,
  );
  expect(tabBytes(vit, 1)).toBeLessThan(TAB_LARGE_MEMORY_BYTES_MAX);
});

test("[VF19] what a process may take follows from the weights of its model, and from the machine; a small model gets no more than it ever did", () => {
  const of = (weightBytes: number) => ({ ...onnx, facts: { ...LARGE_LAYERS, weightBytes } });
  expect(processBytesMax(of(1_000), 24 * GIB)).toBe(TRUSTED_PROCESS_BYTES_MAX);
  expect(processBytesMax(of(600 * MIB), 24 * GIB)).toBe((224 + 3 * 600 + 512 + 256) * MIB);
  expect(processBytesMax(of(MODEL_BYTES_MAX), 24 * GIB)).toBe(onnx.processBytesMax - 32 * MIB);
  expect(processBytesMax(of(MODEL_BYTES_MAX), 6 * GIB)).toBe(3 * GIB);
  expect(processBytesMax({ ...of(MODEL_BYTES_MAX), ...tfjs }, 24 * GIB)).toBe(TRUSTED_PROCESS_BYTES_MAX);
});

test("[VF19] the largest model that is taken is told beforehand, and runs", () => {
  for (const gib of [1, 2, 4, 6, 8, 24]) {
    const weightBytes = modelBytesMaxHere(gib * GIB);
    expect(
      modelTooLarge({ ...onnx, facts: { ...LARGE_LAYERS, activationsPerQuery: 2e6, weightBytes } }, gib * GIB),
    ).toBeNull();
  }
  expect(modelBytesMaxHere(8 * GIB)).toBe(MODEL_BYTES_MAX);
  expect(modelBytesMaxHere(6 * GIB)).toBeLessThan(MODEL_BYTES_MAX);
  expect(modelsTakenInWords(4 * GIB)).toBe("4.0 GiB: models of up to 352 MiB; with more memory up to 1024 MiB");
});
