/**
 * Trains the sample model, 784-200-100-10 with ReLU and logits, on the 60,000 MNIST training images, and writes it as a
 * tfjs Layers model: `npx tsx e2e/models/train-mnist-mlp.ts [folder]`. A few minutes on one core. Everything random comes
 * from SEED, so the same machine gives the same weights.
 *
 * Logits and not probabilities: interpolation between answers works better on them. No augmentation and no mixing of
 * images: the model must be an ordinary one, which knows nothing of coding.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import { loadMnist, MNIST_MODEL_FILES, type Mnist } from "../../server/samples/mnist.ts";
import { hash32, hashNoise } from "../../shared/compute/hash-noise.ts";

const SEED = 20_240_601;
const LAYER_SIZES = [784, 200, 100, 10];
const EPOCHS = 20;
const BATCH = 128;
const LEARNING_RATE_FIRST = 1.5e-3;
const LEARNING_RATE_LAST = 2e-5;
/** Decoupled (AdamW): kernels shrink by this times the learning rate at each step. */
const WEIGHT_DECAY = 0.03;

interface Layer {
  kernel: tf.Variable<tf.Rank.R2>;
  bias: tf.Variable<tf.Rank.R1>;
}

async function main(): Promise<void> {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(tfjsWasmFiles());
  await tf.setBackend("wasm");
  const [train, test] = await Promise.all([loadMnist("train"), loadMnist("test")]);
  const layers = firstLayers();
  const optimizer = tf.train.adam(LEARNING_RATE_FIRST);
  const stepsPerEpoch = Math.floor(train.count / BATCH);
  const stepCount = EPOCHS * stepsPerEpoch;

  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = shuffled(train.count, SEED + 1 + epoch);
    for (let i = 0; i < stepsPerEpoch; i++) {
      const learningRate = cosine((epoch * stepsPerEpoch + i) / stepCount);
      // tfjs's Adam has no setter for its rate, but reads this field at every step.
      (optimizer as unknown as { learningRate: number }).learningRate = learningRate;
      trainStep(layers, optimizer, train, order.subarray(i * BATCH, (i + 1) * BATCH), learningRate);
    }
    console.log(`epoch ${epoch + 1}/${EPOCHS}: test accuracy ${accuracy(layers, test)}`);
  }

  const folder = process.argv[2] ?? dirname(MNIST_MODEL_FILES.modelJson);
  await save(layers, folder);
  console.log(`wrote ${folder}`);
}

function firstLayers(): Layer[] {
  return LAYER_SIZES.slice(1).map((outputSize, layer) => {
    const inputSize = LAYER_SIZES[layer]!;
    // He initialization, uniform: variance 2 / inputSize.
    const scale = Math.sqrt(6 / inputSize);
    const kernel = Float32Array.from(
      { length: inputSize * outputSize },
      (_, i) => scale * hashNoise(SEED - 1 - layer, i),
    );
    return {
      kernel: tf.variable(tf.tensor2d(kernel, [inputSize, outputSize])),
      bias: tf.variable(tf.zeros([outputSize])),
    };
  });
}

function trainStep(
  layers: Layer[],
  optimizer: tf.Optimizer,
  data: Mnist,
  rows: Uint32Array,
  learningRate: number,
): void {
  tf.tidy(() => {
    const input = batch(data, rows);
    const truth = oneHot(data, rows);
    optimizer.minimize(() => tf.losses.softmaxCrossEntropy(truth, forward(layers, input)) as tf.Scalar);
    for (const { kernel } of layers) kernel.assign(tf.mul(kernel, 1 - learningRate * WEIGHT_DECAY));
  });
}

function forward(layers: Layer[], input: tf.Tensor2D): tf.Tensor2D {
  let values = input;
  for (const [layer, { kernel, bias }] of layers.entries()) {
    values = tf.add(tf.matMul(values, kernel), bias);
    if (layer < layers.length - 1) values = tf.relu(values);
  }
  return values;
}

function batch(data: Mnist, rows: Uint32Array): tf.Tensor2D {
  const size = data.rows * data.columns;
  const values = new Float32Array(rows.length * size);
  for (const [to, from] of rows.entries()) {
    for (let p = 0; p < size; p++) values[to * size + p] = data.images[from * size + p]! / 255;
  }
  return tf.tensor2d(values, [rows.length, size]);
}

function oneHot(data: Mnist, rows: Uint32Array): tf.Tensor2D {
  const values = new Float32Array(rows.length * 10);
  for (const [to, from] of rows.entries()) values[to * 10 + data.labels[from]!] = 1;
  return tf.tensor2d(values, [rows.length, 10]);
}

function accuracy(layers: Layer[], data: Mnist): number {
  return tf.tidy(() => {
    const rows = Uint32Array.from({ length: data.count }, (_, i) => i);
    const labels = tf.argMax(forward(layers, batch(data, rows)), 1).dataSync() as Int32Array;
    return labels.reduce((hits, label, i) => hits + (label === data.labels[i] ? 1 : 0), 0) / data.count;
  });
}

/** Fisher-Yates. */
function shuffled(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((hash32(seed, i) / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function cosine(progress: number): number {
  return LEARNING_RATE_LAST + ((LEARNING_RATE_FIRST - LEARNING_RATE_LAST) * (1 + Math.cos(Math.PI * progress))) / 2;
}

async function save(layers: Layer[], folder: string): Promise<void> {
  const model = tf.sequential({ name: "mnist-mlp" });
  for (const [i, { kernel }] of layers.entries()) {
    model.add(
      tf.layers.dense({
        name: `dense${i + 1}`,
        units: kernel.shape[1],
        activation: i === layers.length - 1 ? "linear" : "relu",
        ...(i === 0 ? { inputShape: [kernel.shape[0]] } : {}),
      }),
    );
  }
  model.setWeights(layers.flatMap(({ kernel, bias }) => [kernel, bias]));
  await mkdir(folder, { recursive: true });
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const { modelTopology, weightSpecs, weightData } = artifacts;
      const modelJson = {
        format: "layers-model",
        generatedBy: "e2e/models/train-mnist-mlp.ts",
        modelTopology,
        weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }],
      };
      await writeFile(join(folder, "model.json"), `${JSON.stringify(modelJson, null, 2)}\n`);
      await writeFile(join(folder, "weights.bin"), new Uint8Array(weightData as ArrayBuffer));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
}

await main();
