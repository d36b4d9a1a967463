import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { ModelError } from "../../errors.ts";
import { hashNoise } from "../../hash-noise.ts";
import { unpackModel } from "../../model-bundle.ts";
import { factsOfBundle } from "../../model-facts.ts";
import { ALL_OUTPUTS, selectOutputOf } from "../../select-output.ts";
import { MODEL_OUTPUTS_FILE } from "../runtime-description.ts";
import { packTfjs } from "./pack-tfjs.ts";
import { tfjsFormat } from "./tfjs-format.ts";
import { createTfjsRuntime, type TfjsRuntime } from "./tfjs-runtime.ts";

const inspectModel = (bundle: Uint8Array) => factsOfBundle(tfjsFormat, bundle);
const outputNames = (bundle: Uint8Array) => tfjsFormat.outputs(unpackModel(bundle)).map(({ name }) => name);
const selectOutput = (bundle: Uint8Array, output?: string | number) => selectOutputOf(tfjsFormat, bundle, output);

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

let runtime: TfjsRuntime;
beforeAll(async () => {
  runtime = await createTfjsRuntime("cpu");
});

/** A trunk with a head of classes and a head of one number; the names share a beginning on purpose. */
function twoHeads(): tf.LayersModel {
  const input = tf.input({ shape: [6], name: "image" });
  const trunk = tf.layers.dense({ units: 5, activation: "relu", name: "head" }).apply(input) as tf.SymbolicTensor;
  const classes = tf.layers.dense({ units: 3, name: "head_1" }).apply(trunk) as tf.SymbolicTensor;
  const size = tf.layers.dense({ units: 1, name: "head_10" }).apply(trunk) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: [classes, size] });
}

async function bundleOf(model: tf.LayersModel): Promise<Uint8Array> {
  let bundle = new Uint8Array();
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ["w"], weights: weightSpecs }];
      const bytes = new Uint8Array(weightData as ArrayBuffer);
      bundle = packTfjs(encode({ modelTopology, weightsManifest }), [{ name: "w", bytes }]) as typeof bundle;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  return bundle;
}

/** x (4) -> two products, "a" of 3 numbers and "b" of 2. */
function twoProducts(signature?: object, upTo?: readonly string[]): Uint8Array {
  const dim = [-1, 4].map((size) => ({ size: String(size) }));
  const shape = { shape: { dim } };
  const product = (name: string, kernel: string) => ({ name, op: "MatMul", input: ["x", kernel] });
  const specs = [
    { name: "ka", shape: [4, 3], dtype: "float32" },
    { name: "kb", shape: [4, 2], dtype: "float32" },
  ];
  const nodes = [
    { name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape } },
    { name: "ka", op: "Const" },
    { name: "kb", op: "Const" },
    product("a", "ka"),
    product("b", "kb"),
  ];
  const weights = Float32Array.from({ length: 20 }, (_, i) => hashNoise(5, i));
  const modelJson = {
    format: "graph-model",
    modelTopology: { node: nodes, library: {}, versions: { producer: 1, minConsumer: 1 } },
    weightsManifest: [{ paths: ["w"], weights: specs }],
    ...(signature ? { signature } : {}),
  };
  const said = upTo === undefined ? [] : [{ name: MODEL_OUTPUTS_FILE, bytes: encode({ outputs: upTo }) }];
  return packTfjs(encode(modelJson), [{ name: "w", bytes: new Uint8Array(weights.buffer) }, ...said]);
}

const rows = Float32Array.from({ length: 12 }, (_, i) => hashNoise(8, i));

async function run(bundle: Uint8Array): Promise<number[]> {
  const model = await runtime.load(bundle);
  const outputs = await model.run(rows, rows.length / model.facts.inputSize);
  model.dispose();
  return [...outputs];
}

describe("a Layers model with two outputs", () => {
  it("lists them by name, and each alone says what the whole model says there", async () => {
    const model = twoHeads();
    const bundle = await bundleOf(model);
    expect(outputNames(bundle)).toEqual(["head_1", "head_10"]);
    const expected = model.predict(tf.tensor2d(rows, [2, 6])) as tf.Tensor[];
    for (const [place, name] of ["head_1", "head_10"].entries()) {
      for (const output of [place, name]) {
        const got = await run(selectOutput(bundle, output));
        const whole = [...(await expected[place]!.data())];
        expect(got).toHaveLength(whole.length);
        for (const [i, value] of whole.entries()) expect(got[i]).toBeCloseTo(value, 5);
      }
    }
  });

  it("leaves out what only the other output needed", async () => {
    const bundle = await bundleOf(twoHeads());
    const selected = selectOutput(bundle, "head_10");
    expect(unpackModel(selected).weightSpecs.map(({ name }) => name)).toEqual([
      "head/kernel",
      "head/bias",
      "head_10/kernel",
      "head_10/bias",
    ]);
    expect(inspectModel(selected)).toMatchObject({ outputSize: 1, macsPerQuery: 6 * 5 + 5 });
  });

  it("gives all of them in a row, each as it is alone", async () => {
    const model = twoHeads();
    const expected = (model.predict(tf.tensor2d(rows, [2, 6])) as tf.Tensor[]).map((tensor) => [...tensor.dataSync()]);
    const got = await run(selectOutput(await bundleOf(model), ALL_OUTPUTS));
    const [classes, size] = expected as [number[], number[]];
    const whole = [...classes.slice(0, 3), size[0]!, ...classes.slice(3), size[1]!];
    expect(got).toHaveLength(whole.length);
    for (const [i, value] of whole.entries()) expect(got[i]).toBeCloseTo(value, 5);
  });

  it("is refused where no output is chosen, or one that it has not, with the list", async () => {
    const bundle = await bundleOf(twoHeads());
    expect(() => inspectModel(bundle)).toThrow(ModelError);
    expect(() => selectOutput(bundle, undefined)).toThrow(/expected one of 'head_1', 'head_10'.*got none chosen/);
    expect(() => selectOutput(bundle, 2)).toThrow(/expected one of 'head_1', 'head_10'.*got 2/);
    expect(() => selectOutput(bundle, "head")).toThrow(/got "head"/);
  });
});

describe("a Graph model with two outputs", () => {
  const signature = {
    inputs: { image: { name: "x:0" } },
    outputs: { classes: { name: "a:0" }, size: { name: "b:0" } },
  };
  it.each([
    ["with a signature", signature, ["classes", "size"]],
    ["without one", undefined, ["a", "b"]],
  ])("%s: lists them, and each alone is its own product", async (_, given, names) => {
    const bundle = twoProducts(given);
    expect(outputNames(bundle)).toEqual(names);
    const kernels = [
      Float32Array.from({ length: 12 }, (_, i) => hashNoise(5, i)),
      Float32Array.from({ length: 8 }, (_, i) => hashNoise(5, 12 + i)),
    ];
    for (const [place, name] of names.entries()) {
      const selected = selectOutput(bundle, name);
      const width = kernels[place]!.length / 4;
      const got = await run(selected);
      expect(got).toHaveLength(3 * width);
      for (const [i, value] of got.entries()) {
        const [r, c] = [Math.floor(i / width), i % width];
        let sum = 0;
        for (let d = 0; d < 4; d++) sum += rows[r * 4 + d]! * kernels[place]![d * width + c]!;
        expect(value).toBeCloseTo(sum, 5);
      }
      expect(unpackModel(selected).weightSpecs).toHaveLength(1);
    }
  });

  it("ends at a node that is said, without what comes behind it or beside it", async () => {
    const bundle = twoProducts(signature, ["b"]);
    expect(outputNames(bundle)).toEqual(["b"]);
    expect(unpackModel(bundle).weightSpecs.map(({ name }) => name)).toEqual(["kb"]);
    expect(await run(bundle)).toEqual(await run(selectOutput(twoProducts(signature), "size")));
    expect(() => twoProducts(signature, ["c"])).toThrow(/output 'c': expected the name of a node of the model/);
  });
});

describe("all outputs of a model", () => {
  it("of several dimensions are flattened, and its own layers keep their names", async () => {
    const input = tf.input({ shape: [2, 3] });
    const turned = tf.layers.reshape({ targetShape: [3, 2], name: "all" }).apply(input) as tf.SymbolicTensor;
    const flat = tf.layers.flatten({ name: "all-0" }).apply(input) as tf.SymbolicTensor;
    const got = await run(selectOutput(await bundleOf(tf.model({ inputs: input, outputs: [turned, flat] })), 1));
    expect(got).toEqual([...rows]);
    const named = tf.model({ inputs: input, outputs: [flat, turned] });
    // An output of that name is meant where there is one.
    expect(await run(selectOutput(await bundleOf(named), "all"))).toHaveLength(12);
    const other = tf.layers.reshape({ targetShape: [3, 2], name: "other" }).apply(input) as tf.SymbolicTensor;
    const both = selectOutput(await bundleOf(tf.model({ inputs: input, outputs: [other, flat] })), ALL_OUTPUTS);
    expect(inspectModel(both).outputSize).toBe(12);
    expect(await run(both)).toEqual([...rows.slice(0, 6), ...rows.slice(0, 6), ...rows.slice(6), ...rows.slice(6)]);
  });

  it.each([[undefined], [{ inputs: { image: { name: "x:0" } }, outputs: { c: { name: "a:0" }, s: { name: "b:0" } } }]])(
    "of a Graph model stand in a row (signature %j)",
    async (signature) => {
      const bundle = twoProducts(signature);
      const [a, b] = [await run(selectOutput(bundle, 0)), await run(selectOutput(bundle, 1))];
      const expected = [0, 1, 2].flatMap((r) => [...a.slice(3 * r, 3 * r + 3), ...b.slice(2 * r, 2 * r + 2)]);
      const got = await run(selectOutput(bundle, ALL_OUTPUTS));
      expect(got).toHaveLength(15);
      for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 5);
    },
  );
});

it("a model with one output is left as it is, and a name that is not its own is refused", async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: "only" })] });
  const bundle = await bundleOf(model);
  expect(selectOutput(bundle, undefined)).toBe(bundle);
  expect(selectOutput(bundle, "only")).toBe(bundle);
  expect(selectOutput(bundle, 0)).toBe(bundle);
  expect(() => selectOutput(bundle, "other")).toThrow(/expected one of 'only'.*got "other"/);
});
