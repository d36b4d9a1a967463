import { describe, expect, test } from "vitest";
import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import {
  INFERENCE_AT_FIRST,
  type InferenceFields,
  type ReadyForm,
  readInferenceForm,
  settingsOf,
  workersFor,
} from "./inference-fields.ts";

const read = (changes: Partial<InferenceFields>) => readInferenceForm({ ...INFERENCE_AT_FIRST, ...changes });
const problemsOf = (changes: Partial<InferenceFields>) =>
  Object.values((read(changes) as { problems: Record<string, string> }).problems);
const readyOf = (changes: Partial<InferenceFields>) => (read(changes) as { submission: ReadyForm }).submission;
const file = (name: string) => new File(["x"], name);

test("the form as it opens is the sample job, just as the schema wants it", () => {
  const { sample, uploads, rest } = readyOf({});
  expect(uploads).toBeNull();
  const source = { kind: "sample", sample: "mnist", ...sample };
  expect(inferenceSubmissionSchema.parse({ ...rest, source })).toMatchObject({
    source: { queryCount: 400 },
    scheme: "systematic",
    queriesPerGroup: 4,
    stragglers: 0,
    liars: 0,
    spares: "auto",
    name: "MNIST sample",
    submitter: "anonymous",
  });
});

test("an own model is one .onnx file, or needs model.json by that name; and queries", () => {
  expect(problemsOf({ source: "uploads" })).toHaveLength(2);
  const weights = [file("group1-shard1of1.bin")];
  expect(problemsOf({ source: "uploads", modelFiles: weights, queriesFile: file("q.npy") })).toEqual([
    "Among the files of the model: expected a file named model.json, or one .onnx file.",
  ]);
  const modelFiles = [file("model.json"), ...weights];
  const ready = readyOf({ source: "uploads", modelFiles, queriesFile: file("q.npy"), inputScale: "1/255" });
  expect(ready.sample).toBeNull();
  expect(ready.uploads).toMatchObject({ model: modelFiles, labels: null, inputScale: 1 / 255 });
  const onnx = { source: "uploads", modelFiles: [file("net.onnx")], queriesFile: file("q.npy") } as const;
  expect(readyOf(onnx).uploads).toMatchObject({ model: onnx.modelFiles });
  const withData = [...onnx.modelFiles, file("net.onnx.data")];
  expect(readyOf({ ...onnx, modelFiles: withData }).uploads).toMatchObject({ model: withData });
  expect(problemsOf({ ...onnx, modelFiles: [...onnx.modelFiles, file("other.onnx")] })).toEqual([
    "Among the files of the model: expected the files of one model.",
  ]);
});

test("of a model with several inputs an array for each is sent, and every size that its file leaves open is asked for", () => {
  const model = { source: "uploads", modelFiles: [file("net.onnx")] } as const;
  const inputFiles = new Map([
    ["ids", file("ids.npy")],
    ["mask", file("mask.npy")],
  ]);
  expect(readyOf({ ...model, inputFiles }).uploads).toMatchObject({ queries: inputFiles });
  expect(problemsOf({ ...model, inputFiles: "none" })).toEqual([
    "Choose a .npz with the queries, or a file for each input.",
  ]);
  const open = { ...model, inputFiles, openSizes: ["length", "height"] };
  expect(problemsOf({ ...open, sizes: { length: "0" } })).toEqual([
    "Size of length must be a whole number from 1 to 65,536. Size of height must be a whole number from 1 to 65,536.",
  ]);
  expect(readyOf({ ...open, sizes: { length: " 128", height: "1" } }).uploads).not.toBeNull();
});

test("numbers that are none, or out of range, are each named", () => {
  expect(problemsOf({ queriesPerGroup: "", stragglers: "-1", liars: "1.5", queryCount: "0" })).toEqual([
    "Number of digits must be a whole number from 1 to 4,000,000.",
    "K must be a whole number from 1 to 64.",
    "S must be a whole number from 0 to 256.",
    "E must be a whole number from 0 to 256.",
  ]);
});

test("the number of tabs follows the code", () => {
  expect(workersFor(INFERENCE_AT_FIRST)?.workers).toBe(4);
  const spares = { ...INFERENCE_AT_FIRST, stragglers: "2", liars: "1" };
  const workers = (changes: Partial<InferenceFields>) => workersFor({ ...spares, ...changes })?.workers;
  expect(workers({})).toBe(7);
  expect(workers({ scheme: "approxifer" })).toBe(11);
  expect(workers({ scheme: "replication" })).toBe(12);
  expect(workers({ scheme: "uncoded" })).toBe(4);
  expect(workers({ scheme: "spline" })).toBe(7);
  expect(workers({ scheme: "parm", stragglers: "1" })).toBe(5);
  expect(workers({ scheme: "parm", stragglers: "2" })).toBeUndefined();
  expect(workers({ queriesPerGroup: "" })).toBeUndefined();
  expect(workers({ stragglers: "300" })).toBeUndefined();
});

describe("parm", () => {
  test("choosing it asks for one straggler, and on the sample for the K of its parity model", () => {
    expect(settingsOf("parm", INFERENCE_AT_FIRST)).toEqual({ stragglers: "1", queriesPerGroup: "8" });
    expect(settingsOf("parm", { ...INFERENCE_AT_FIRST, source: "uploads" })).toEqual({ stragglers: "1" });
    expect(settingsOf("spline", INFERENCE_AT_FIRST)).toEqual({ stragglers: "2", liars: "1" });
    expect(settingsOf("systematic", INFERENCE_AT_FIRST)).toEqual({ stragglers: "0", liars: "0" });
  });

  test("with a model of one's own wants a parity model beside it, unless nobody may be slow", () => {
    const own = { source: "uploads", modelFiles: [file("model.json")], queriesFile: file("q.npy") } as const;
    expect(problemsOf({ ...own, scheme: "parm", stragglers: "1" })).toEqual([
      "Choose the parity model: a TensorFlow.js model (model.json and its weight files), or an .onnx file.",
    ]);
    const parityFiles = [file("model.json"), file("weights.bin")];
    const ready = readyOf({ ...own, scheme: "parm", stragglers: "1", parityFiles });
    expect(ready.uploads).toMatchObject({ parity: parityFiles });
    expect(readyOf({ ...own, scheme: "parm", stragglers: "0" }).uploads).toMatchObject({ parity: [] });
    // Chosen before another scheme was: it is not sent.
    expect(readyOf({ ...own, parityFiles }).uploads).toMatchObject({ parity: [] });
  });
});

test("an output is a place where it is a whole number, else a name; tasks other than classes are for own models", () => {
  const own = { source: "uploads", modelFiles: [file("model.json")], queriesFile: file("q.npy") } as const;
  const restOf = (changes: Partial<InferenceFields>) => readyOf(changes).rest;
  expect(restOf({ ...own, output: " 1 ", task: "regression" })).toMatchObject({ output: 1, task: "regression" });
  expect(restOf({ ...own, output: "dense_2" })).toMatchObject({ output: "dense_2", task: "classification" });
  expect(restOf(own)).not.toHaveProperty("output");
  expect(restOf({ output: "1", task: "regression" })).toMatchObject({ task: "classification" });
});
