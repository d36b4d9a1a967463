import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web/wasm";
import { describe, expect, it } from "vitest";
import { ModelError } from "../../errors.ts";
import { unpackModel } from "../../model-bundle.ts";
import { factsOfBundle } from "../../model-facts.ts";
import { probeBundle } from "../../probe.ts";
import { ALL_OUTPUTS, selectOutputOf } from "../../select-output.ts";
import { startRuntimes } from "../start-runtimes.ts";
import { onnxFormat } from "./onnx-format.ts";
import { createOnnxRuntime, onnxRuntimeOn } from "./onnx-runtime.ts";
import { packOnnx } from "./pack-onnx.ts";
import { node, noise, weight } from "./testing/operator-case.ts";
import { type SmallOnnx, smallOnnx } from "./testing/small-onnx.ts";

const inspectModel = (bundle: Uint8Array) => factsOfBundle(onnxFormat, bundle);
const selectOutput = (bundle: Uint8Array, output?: string | number) => selectOutputOf(onnxFormat, bundle, output);
const outputNames = (bundle: Uint8Array) => onnxFormat.outputs(unpackModel(bundle)).map(({ name }) => name);

const TORCH_FOLDER = new URL("../../../../e2e/models/small-resnet/", import.meta.url);
const runtime = createOnnxRuntime();

async function torchModel() {
  const bundle = packOnnx(await readFile(new URL("model.onnx", TORCH_FOLDER)));
  const said = JSON.parse(await readFile(new URL("outputs.json", TORCH_FOLDER), "utf8")) as Record<string, number[][]>;
  const rowCount = said.logits!.length;
  const rows = Float32Array.from({ length: rowCount * 3 * 32 * 32 }, (_, i) => Math.sin(i));
  return { bundle, rows, rowCount, logits: said.logits!, features: said.features! };
}

const small = (changed: Partial<SmallOnnx>) =>
  packOnnx(smallOnnx({ input: { name: "x", shape: [-1, 2] }, outputs: ["y"], nodes: [], weights: [], ...changed }));

describe("weights of some size", () => {
  const [channels, side] = [16, 6];
  const input = { name: "x", shape: [-1, channels, side, side] };
  const norms = ["scale", "bias", "mean", "variance"].map((name) => weight(name, channels));
  const graphs: Record<string, SmallOnnx> = {
    "beside the file": {
      ...{ input, outputs: ["y"], weights: [weight("k", channels * side * side, 64)] },
      nodes: [node("Flatten", ["x"], {}, ["f"]), node("MatMul", ["f", "k"])],
    },
    "beside it, where a norm is folded into them": {
      ...{ input, outputs: ["y"], weights: [weight("k", channels, channels, 3, 3), ...norms] },
      nodes: [node("Conv", ["x", "k"], {}, ["c"]), node("BatchNormalization", ["c", ...norms.map(({ name }) => name)])],
    },
  };
  for (const [name, graph] of Object.entries(graphs)) {
    it(`are ${name}: the same answers, bit for bit`, async () => {
      const file = smallOnnx(graph);
      const rows = noise(2 * channels * side * side, 5);
      const session = await ort.InferenceSession.create(file);
      const { y } = await session.run({ x: new ort.Tensor("float32", rows, [2, channels, side, side]) });
      const model = await runtime.load(packOnnx(file));
      expect(await model.run(rows, 2)).toEqual(y!.data);
      model.dispose();
      await session.release();
    });
  }
});

it("weights are within the file where the library does not find them beside it", async () => {
  const asked: boolean[] = [];
  const create = (file: Uint8Array, options: ort.InferenceSession.SessionOptions) => {
    asked.push("externalData" in options);
    if ("externalData" in options) throw new Error("Cannot parse data from external tensors");
    return ort.InferenceSession.create(file, options);
  };
  const library = { Tensor: ort.Tensor, InferenceSession: { create } } as never;
  const picky = onnxRuntimeOn({ library, backend: "wasm", options: {}, takesWeightsApart: true });
  const nodes = [node("MatMul", ["x", "k"])];
  const model = await picky.load(small({ nodes, weights: [weight("k", 2, 1_024)] }));
  expect([asked, (await model.run(Float32Array.of(1, 0), 1))[0]]).toEqual([[true, false], weight("k", 2).values[0]]);
  model.dispose();
});

describe("a model of PyTorch", () => {
  it("gives what PyTorch itself gave, by the output's name, its place, or all of them in a row", async () => {
    const { bundle, rows, rowCount, logits, features } = await torchModel();
    expect(outputNames(bundle)).toEqual(["logits", "features"]);
    const all = logits.map((row, r) => [...row, ...features[r]!]);
    for (const [output, expected] of [
      ["logits", logits],
      [1, features],
      [ALL_OUTPUTS, all],
    ] as const) {
      const model = await runtime.load(selectOutput(bundle, output));
      const got = await model.run(rows, rowCount);
      for (const [i, value] of expected.flat().entries()) expect(got[i]).toBeCloseTo(value, 4);
      expect(got).toHaveLength(expected.flat().length);
      model.dispose();
    }
  });

  it("without the output that was not asked for is smaller, and says so in its cost", async () => {
    const { bundle } = await torchModel();
    const [logits, features] = [selectOutput(bundle, "logits"), selectOutput(bundle, "features")];
    const weightsOf = (one: Uint8Array) => inspectModel(one).weightBytes;
    expect(weightsOf(logits) - weightsOf(features)).toBe((8 * 10 + 10) * 4);
    expect(inspectModel(logits).macsPerQuery - inspectModel(features).macsPerQuery).toBe(8 * 10);
    expect(() => selectOutput(bundle, undefined)).toThrow(/expected one of 'logits', 'features'.*got none chosen/);
    expect(() => selectOutput(bundle, "softmax")).toThrow(/'logits', 'features'.*got "softmax"/);
  });
});

describe("the runtime of ONNX models", () => {
  it("runs a model whose batch is fixed at 1 row by row, whatever it does across its first dimension", async () => {
    const sum = { op: "ReduceSum", inputs: ["x", "axes"], outputs: ["y"], attributes: { keepdims: { i: 0 } } };
    const integers = { axes: { dtype: "int64", shape: [2], values: [0, 1] } } as const;
    const bundle = small({ input: { name: "x", shape: [1, 2] }, nodes: [sum], integers });
    expect(inspectModel(bundle)).toMatchObject({ inputShape: [2], inputSize: 2, outputSize: 1 });
    const model = await runtime.load(bundle);
    expect([...(await model.run(Float32Array.of(1, 2, 3, 4, 5, 6), 3))]).toEqual([3, 7, 11]);
    model.dispose();
  });

  it("joins outputs of any shape where the batch is fixed at 1", async () => {
    const sum = { op: "ReduceSum", inputs: ["x"], outputs: ["s"], attributes: { keepdims: { i: 0 } } };
    const twice = { op: "Add", inputs: ["x", "x"], outputs: ["all"], attributes: {} };
    const bundle = small({ input: { name: "x", shape: [1, 2] }, nodes: [sum, twice], outputs: ["s", "all"] });
    // An output of that very name is meant first; by places it can be told apart.
    expect(inspectModel(selectOutput(bundle, ALL_OUTPUTS)).outputSize).toBe(2);
    const renamed = small({
      input: { name: "x", shape: [1, 2] },
      nodes: [sum, { ...twice, outputs: ["t"] }],
      outputs: ["s", "t"],
    });
    const model = await runtime.load(selectOutput(renamed, ALL_OUTPUTS));
    expect([...(await model.run(Float32Array.of(1, 2, 3, 4), 2))]).toEqual([3, 2, 4, 7, 6, 8]);
    model.dispose();
  });

  it("says so where memory runs out, and goes on with what fits", async () => {
    const pads = { dtype: "int64", shape: [8], values: [0, 0, 0, 0, 0, 0, 4_095, 4_094] } as const;
    const bundle = small({
      input: { name: "x", shape: [-1, 1, 1, 1] },
      nodes: [
        { op: "Pad", inputs: ["x", "pads"], outputs: ["p"], attributes: {} },
        { op: "GlobalMaxPool", inputs: ["p"], outputs: ["y"], attributes: {} },
      ],
      integers: { pads },
    });
    const model = await runtime.load(bundle);
    // Nearly 64 MiB a row, and WebAssembly has 4 GiB in all: 64 rows are just too many, 80 are beyond what it can address.
    for (const rowCount of [64, 80]) {
      const run = model.run(new Float32Array(rowCount).fill(5), rowCount);
      await expect(run).rejects.toThrow(/out of memory: this device has not enough/);
    }
    expect([...(await model.run(Float32Array.of(7), 1))]).toEqual([7]);
    model.dispose();
  });

  it("refuses models of other formats, and a bundle whose graph was changed to one that is not on the list", async () => {
    await expect(runtime.load(probeBundle())).rejects.toThrow(/an ONNX model, got "layers-model"/);
    const bundle = small({ nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"], attributes: {} }] });
    const text = new TextDecoder("latin1").decode(bundle).replace('"Relu"', '"Loop"');
    const changed = Uint8Array.from(text, (character) => character.charCodeAt(0));
    await expect(runtime.load(changed)).rejects.toThrow(/\(Loop\): expected an operator on the list/);
  });
});

describe("one runtime for all formats", () => {
  it("starts the library for ONNX with the first such model, once, and again where that failed", async () => {
    let starts = 0;
    const both = startRuntimes("cpu", async (name) => {
      if (name === "onnx" && ++starts === 1) throw new Error("no network");
      return {};
    });
    (await both.load(probeBundle())).dispose();
    expect(starts).toBe(0);
    const bundle = small({ nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"], attributes: {} }] });
    await expect(both.load(bundle)).rejects.toThrow("no network");
    for (let i = 0; i < 2; i++) (await both.load(bundle)).dispose();
    expect(starts).toBe(2);
    await expect(both.load(new Uint8Array(3))).rejects.toBeInstanceOf(ModelError);
  });
});
