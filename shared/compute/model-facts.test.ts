import { expect, test } from "vitest";
import { MODEL_MACS_PER_QUERY_MAX } from "../protocol/limits.ts";
import type { UnpackedModel } from "./model-bundle.ts";
import { factsOf } from "./model-facts.ts";

const model: UnpackedModel = {
  format: "onnx",
  modelTopology: {},
  weightSpecs: [],
  signature: null,
  weightData: new Uint8Array(),
};
const look = (inputShape: readonly number[], macs: number) =>
  factsOf(model, { inputShape, outputShape: [10], macs, activations: 1, numbersPerRun: 0 });

test("a model of too many multiply-adds is refused with the limit, its own number, and what would fit", () => {
  const wanted = `at most ${MODEL_MACS_PER_QUERY_MAX} multiply-adds a query`;
  const macs = 4 * MODEL_MACS_PER_QUERY_MAX;
  expect(() => look([64, 64, 3], macs)).toThrow(`${wanted} (of pictures with sides of 50 % of these`);
  expect(() => look([64, 64, 3], macs)).toThrow(String(macs));
  expect(() => look([784], macs)).toThrow(`${wanted}, got`);
  expect(look([64, 64, 3], MODEL_MACS_PER_QUERY_MAX)).toMatchObject({ macsPerQuery: MODEL_MACS_PER_QUERY_MAX });
});
