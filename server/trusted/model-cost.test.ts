import { expect, test } from "vitest";
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import { onnx } from "../../shared/compute/runtimes/onnx/onnx.ts";
import { tfjs } from "../../shared/compute/runtimes/tfjs/tfjs.ts";
import { MODEL_BYTES_MAX, TAB_MEMORY_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { tabBytes } from "../kinds/inference/core/tab-bytes.ts";
import { type InspectedModel, MeasuredPace, modelTooLarge, rowMacs, rowsAtOnce } from "./model-cost.ts";

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
});

test("a row costs what its multiply-adds do, and ten for each number between layers", () => {
  expect(rowMacs(LARGE_LAYERS)).toBe(33_554_496 + 10 * 33_816_640);
  const dense = { ...LARGE_LAYERS, inputSize: 784, macsPerQuery: 178_000, activationsPerQuery: 1_084 };
  expect(rowMacs(dense)).toBeLessThan(1.1 * dense.macsPerQuery);
});

test("of what was never measured the second implementation is expected to take eight times as long as the first", () => {
  const pace = new MeasuredPace();
  const first = pace.predictedMs(model(LARGE_LAYERS), 100);
  const second = pace.predictedMs({ ...model(LARGE_LAYERS), implementation: "second" }, 100);
  expect(first / 100).toBeCloseTo(186, 0);
  expect(second / first).toBeCloseTo(8, 2);
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
  const { memorySlack, weightCopies } = onnx;
  expect(modelTooLarge({ facts: vit, memorySlack, weightCopies })).toBeNull();
  expect(modelTooLarge({ ...tfjs, facts: vit })).toMatch(/one row of it is predicted to take 1\.\d+ GiB/);
  expect(tabBytes(vit, 1)).toBeLessThan(TAB_MEMORY_BYTES_MAX);
});
