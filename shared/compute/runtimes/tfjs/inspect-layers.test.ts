import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { ModelError } from "../../errors.ts";
import { factsOfBundle } from "../../model-facts.ts";
import { MACS_OF_MOVED } from "../../tensors/moving-cost.ts";
import { packTfjs } from "./pack-tfjs.ts";
import { tfjsFormat } from "./tfjs-format.ts";
import { createTfjsRuntime } from "./tfjs-runtime.ts";

const inspectModel = (bundle: Uint8Array) => factsOfBundle(tfjsFormat, bundle);

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A model as tfjs itself saves it. */
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

function sequential(layers: object[], weightShapes: number[][] = []): Uint8Array {
  const weights = weightShapes.map((shape, i) => ({ name: `w${i}`, shape, dtype: "float32" }));
  const size =
    weightShapes.flat().length === 0
      ? 0
      : weightShapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const modelJson = {
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { layers } },
    weightsManifest: [{ paths: ["w"], weights }],
  };
  return packTfjs(encode(modelJson), [{ name: "w", bytes: new Uint8Array(4 * size) }]);
}

const input = { batch_input_shape: [null, 4] };
const dense = (config: object = {}) => ({ class_name: "Dense", config: { name: "d", units: 2, ...input, ...config } });
const layer = (className: string, config: object = {}) => ({ class_name: className, config: { name: "x", ...config } });

beforeAll(() => createTfjsRuntime("cpu"));

describe("inspectModel on Layers models that tfjs saved", () => {
  it("a Sequential convolutional net: shapes and weights as tfjs has them, multiply-adds as counted by hand", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, padding: "same", activation: "relu" }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.depthwiseConv2d({ kernelSize: [3, 5], strides: 2, depthMultiplier: 2 }),
        tf.layers.batchNormalization(),
        tf.layers.zeroPadding2d({
          padding: [
            [1, 0],
            [0, 2],
          ],
        }),
        tf.layers.separableConv2d({ filters: 4, kernelSize: 3, useBias: false }),
        tf.layers.upSampling2d({ size: [2, 3] }),
        tf.layers.averagePooling2d({ poolSize: [2, 2], strides: [1, 1], padding: "same" }),
        tf.layers.leakyReLU(),
        tf.layers.flatten(),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 6 }),
        tf.layers.reshape({ targetShape: [2, -1] }),
        tf.layers.softmax(),
      ],
    });
    const facts = inspectModel(await bundleOf(model));
    expect(facts.inputShape).toEqual([28, 28, 1]);
    expect(facts.outputSize).toBe(6);
    expect(facts.weightBytes).toBe(4 * model.countParams());
    const parts = [
      28 * 28 * 8 * 9, // convolution
      14 * 14 * 8 * 4, // pooling
      6 * 5 * 16 * 15, // depthwise: 14 x 14 -> 6 x 5
      6 * 5 * 16, // normalization
      MACS_OF_MOVED * 7 * 7 * 16, // padding
      5 * 5 * (9 * 16 + 16 * 4), // separable
      10 * 15 * 4, // upsampling
      10 * 15 * 4 * 4, // pooling
      600, // leaky ReLU
      600 * 6, // dense
      6, // softmax
    ];
    expect(facts.macsPerQuery).toBe(parts.reduce((a, b) => a + b));
    model.dispose();
  });

  it("a Functional net with a skip and a concatenation", async () => {
    const image = tf.input({ shape: [8, 8, 3] });
    const conv = tf.layers.conv2d({ filters: 3, kernelSize: 1 }).apply(image) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([image, conv]) as tf.SymbolicTensor;
    const both = tf.layers.concatenate().apply([sum, image]) as tf.SymbolicTensor;
    const pooled = tf.layers.globalAveragePooling2d({}).apply(both) as tf.SymbolicTensor;
    const model = tf.model({ inputs: image, outputs: pooled });
    const facts = inspectModel(await bundleOf(model));
    expect(facts).toMatchObject({ inputSize: 192, outputSize: 6, weightBytes: 4 * model.countParams() });
    expect(facts.macsPerQuery).toBe(8 * 8 * 3 * 3 + 192 + MACS_OF_MOVED * 384 + 384);
    // The picture, the sum and both together, when they are joined; then both together beside a turned copy and the six means.
    expect(facts.activationsPerQuery).toBe(Math.max(192 + 192 + 384, 192 + 384 + 384 + 6));
    model.dispose();
  });

  it("memory: branches that wait for each other, activations that are no part of the product, tables of windows", async () => {
    const input = tf.input({ shape: [1000] });
    const branches = Array.from({ length: 30 }, () => tf.layers.reLU().apply(input) as tf.SymbolicTensor);
    const joined = tf.layers.concatenate().apply(branches) as tf.SymbolicTensor;
    const wide = tf.model({ inputs: input, outputs: joined });
    expect(inspectModel(await bundleOf(wide)).activationsPerQuery).toBe(1000 + 30_000 + 30_000);
    const swish = tf.sequential({ layers: [tf.layers.dense({ units: 100, activation: "swish", inputShape: [10] })] });
    expect(inspectModel(await bundleOf(swish)).activationsPerQuery).toBe(10 + 100 + 7 * 100);
    const pool = tf.sequential({
      layers: [tf.layers.maxPooling2d({ poolSize: 64, strides: 1, padding: "same", inputShape: [128, 128, 1] })],
    });
    expect(inspectModel(await bundleOf(pool)).numbersPerRun).toBe(128 * 128 * 64 * 64);
    for (const model of [wide, swish, pool]) model.dispose();
  });

  it("two outputs, two inputs, shared layers and nested models are refused", async () => {
    const a = tf.input({ shape: [3] });
    const b = tf.input({ shape: [3] });
    const shared = tf.layers.dense({ units: 3 });
    const once = shared.apply(a) as tf.SymbolicTensor;
    const twice = shared.apply(once) as tf.SymbolicTensor;
    const inner = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    const cases: [tf.LayersModel, RegExp][] = [
      [tf.model({ inputs: a, outputs: [once, twice] }), /output_layers: expected exactly one/],
      [
        tf.model({ inputs: [a, b], outputs: tf.layers.add().apply([a, b]) as tf.SymbolicTensor }),
        /input_layers: expected exactly one/,
      ],
      [tf.model({ inputs: a, outputs: twice }), /exactly one use of the layer, got "2"/],
      [tf.sequential({ layers: [inner] }), /a flat model, got "a model within the model"/],
    ];
    for (const [model, message] of cases) {
      const bundle = await bundleOf(model);
      expect(() => inspectModel(bundle)).toThrow(message);
    }
    expect(cases).toHaveLength(4);
  });
});

describe("inspectModel refuses, by name, before anything is allocated", () => {
  const cases: [string, () => Uint8Array, RegExp][] = [
    [
      "Lambda",
      () => sequential([dense(), layer("Lambda")], [[4, 2], [2]]),
      /layer 'x' \(Lambda\): expected a layer on the list, got "Lambda"; convert it as a Graph model/,
    ],
    [
      "all reasons at once",
      () =>
        sequential([
          layer("InputLayer", { batch_input_shape: [null, null] }),
          layer("Lambda"),
          layer("LSTM"),
          layer("Lambda"),
        ]),
      /3 reasons.*\n\(1\) .*a size for 'x:1'.*\n\(2\) .*"Lambda".* \(and 1 more like it\)\n\(3\) .*"LSTM"/,
    ],
    ["a layer named like a method of Object", () => sequential([layer("constructor", input)]), /got "constructor"/],
    ["a recurrent layer", () => sequential([layer("LSTM", input)]), /layer 'x' \(LSTM\)/],
    [
      "an unknown activation",
      () => sequential([dense({ activation: "evil" })]),
      /layer 'd' \(Dense\): activation: expected linear.*got "evil"/,
    ],
    [
      "free dimensions",
      () => sequential([dense({ batch_input_shape: [null, null] })]),
      /a size for 'd:1', got "batch x free"; submit it with --size d:1=N/,
    ],
    ["a fixed batch", () => sequential([dense({ batch_input_shape: [2, 4] })]), /a free batch dimension \(null\)/],
    [
      "no input shape",
      () => sequential([layer("Dense", { units: 2 })]),
      /batch_input_shape: expected an array, got nothing/,
    ],
    [
      "too few weights",
      () => sequential([dense()], [[4, 2]]),
      /model weights: expected 10 numbers, as the layers have, got 8/,
    ],
    [
      "more units than weights",
      () => sequential([dense({ units: 1e9 })], [[4, 2], [2]]),
      /output of layer 'd' .*at most/,
    ],
    [
      "a giant in between",
      () => sequential([layer("ZeroPadding2D", { batch_input_shape: [null, 2, 2, 1], padding: 100_000 })]),
      /output of layer 'x' .*at most \d+ elements/,
    ],
    [
      "a giant input",
      () => sequential([layer("Flatten", { batch_input_shape: [null, 1e8, 1e8] })]),
      /input of layer 'x'/,
    ],
    [
      "an output too large",
      () => sequential([layer("Flatten", { batch_input_shape: [null, 5_000_000] })]),
      /model output: expected at most 4194304/,
    ],
    [
      "too many multiply-adds",
      () =>
        sequential([
          layer("AveragePooling2D", {
            batch_input_shape: [null, 256, 256, 1],
            pool_size: 256,
            padding: "same",
            strides: 1,
          }),
          layer("AveragePooling2D", { pool_size: 2048, padding: "same", strides: 1 }),
          layer("GlobalMaxPooling2D"),
        ]),
      /at most 20000000000 multiply-adds/,
    ],
    [
      "camelCase, which tfjs would let override snake_case",
      () => sequential([dense({ useBias: false })]),
      /keys in snake_case, got "useBias"/,
    ],
    [
      "channels first",
      () => sequential([layer("Flatten", { ...input, data_format: "channels_first" })]),
      /data_format: expected channels_last/,
    ],
    ["other numbers", () => sequential([dense({ dtype: "int32" })]), /dtype: expected float32, got "int32"/],
    [
      "a window larger than its image",
      () => sequential([layer("MaxPooling2D", { batch_input_shape: [null, 3, 3, 1], pool_size: 4 })]),
      /at least 4 rows or columns/,
    ],
    [
      "a reshape that loses numbers",
      () => sequential([layer("Reshape", { ...input, target_shape: [3] })]),
      /target_shape: expected 4 elements, got \[3\]/,
    ],
    [
      "softmax over the batch",
      () => sequential([layer("Softmax", { ...input, axis: 0 })]),
      /axis: expected 1 to 1, or -1, got 0/,
    ],
    ["no layers", () => sequential([]), /at least one layer/],
  ];
  for (const [what, make, message] of cases) {
    it(what, () => {
      const bundle = make();
      expect(() => inspectModel(bundle)).toThrow(ModelError);
      expect(() => inspectModel(bundle)).toThrow(message);
    });
  }
});

describe("a model that tfjs refuses after the static look", () => {
  it("is a ModelError and leaves no tensor behind", async () => {
    const runtime = await createTfjsRuntime("cpu");
    // The right number of numbers under the wrong names.
    const bundle = sequential([dense()], [[4, 2], [2]]);
    const before = tf.memory().numTensors;
    await expect(runtime.load(bundle)).rejects.toThrow(/ModelError|tfjs refused it/);
    await expect(runtime.load(bundle)).rejects.toBeInstanceOf(ModelError);
    expect(tf.memory().numTensors).toBe(before);
  });
});
