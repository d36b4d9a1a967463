import { expect, test } from "vitest";
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import { type InspectedModel, MeasuredPace, rowMacs, rowsAtOnce } from "./model-cost.ts";

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
  ...{ sha256: "m", bundle: new Uint8Array(), implementation: "first", memorySlack: 1, facts },
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
