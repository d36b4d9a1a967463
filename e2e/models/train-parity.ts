/**
 * Trains a parity model for the `parm` code: a network that says of the sum of K queries what the base model would say of
 * each, added up.
 *
 *     npx tsx e2e/models/train-parity.ts [--base FOLDER] [--queries-per-group 8] [--epochs 120] [--out FOLDER]
 *
 * The base model is a folder of tfjs files whose queries are MNIST images / 255; without --base it is the sample model. About
 * half an hour on one core. Everything random comes from SEED, so the same machine gives the same weights.
 *
 * ParM minimises the squared error of the sum. This minimises the cross entropy of each decoded answer (parity output less
 * the other answers) against the base model's own label, which is what a lost answer is judged by: of the same network after
 * the same 20 epochs it decodes .57 of lost labels, the squared error .51.
 */
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { loadMnist } from "../../server/samples/mnist.ts";
import { shuffle, simulationRandom } from "../../shared/random/simulation-random.ts";
import { firstLayers, forward, type Layer, saveDense } from "./dense-network.ts";
import { loadModel, MODEL_FOLDERS } from "./model-files.ts";
import { parityAccuracy } from "./parity-accuracy.ts";

const SEED = 20_240_603;
const HIDDEN_SIZES = [256, 160];
const BATCH = 512;
const LEARNING_RATE = 5e-3;
/** The rate rises for this share of all steps, then falls along a cosine. */
const WARM_UP = 0.1;
/** Decoded logits are multiplied by this before the softmax, or a few lost by far would be all that it learns from. */
const SOFTENING = 0.12;
const EPOCHS_BETWEEN_REPORTS = 10;

const { values: options } = parseArgs({
  options: {
    base: { type: "string", default: MODEL_FOLDERS["mnist-mlp"] },
    "queries-per-group": { type: "string", default: "8" },
    epochs: { type: "string", default: "120" },
    out: { type: "string", default: MODEL_FOLDERS["mnist-mlp-parity-8"] },
  },
});
const [queryCount, epochCount] = [Number(options["queries-per-group"]), Number(options.epochs)];

async function main(): Promise<void> {
  const base = await loadModel(options.base);
  const { inputSize, inputShape, outputSize } = base.facts;
  const [train, test] = await Promise.all([answered(base, "train"), answered(base, "test")]);
  const normalization = normalizationOf(train, inputSize);
  const layers = firstLayers([inputSize, ...HIDDEN_SIZES, outputSize], SEED);
  const optimizer = tf.train.adam(LEARNING_RATE);
  const random = simulationRandom(SEED);
  const stepsPerEpoch = Math.floor(train.count / BATCH);
  const began = Date.now();

  for (let epoch = 0; epoch < epochCount; epoch++) {
    for (let step = 0; step < stepsPerEpoch; step++) {
      const rate = LEARNING_RATE * rateShare((epoch * stepsPerEpoch + step) / (epochCount * stepsPerEpoch));
      // tfjs's Adam has no setter for its rate, but reads this field at every step.
      (optimizer as unknown as { learningRate: number }).learningRate = rate;
      const members = Uint32Array.from({ length: BATCH * queryCount }, () => random.integer(train.count));
      trainStep(layers, optimizer, train, members, normalization);
    }
    if ((epoch + 1) % EPOCHS_BETWEEN_REPORTS > 0 && epoch + 1 < epochCount) continue;
    const order = shuffle(Uint32Array.from(test.labels.keys()), simulationRandom(SEED + 1));
    const degraded = await parityAccuracy(queryCount, test, order, async (sums, count) =>
      tf.tidy(
        () => parityOutputs(layers, normalized(sums, count, normalization), normalization).dataSync() as Float32Array,
      ),
    );
    const seconds = Math.round((Date.now() - began) / 1000);
    console.log(`epoch ${epoch + 1}/${epochCount}: ${degraded.toFixed(4)} of lost test labels, ${seconds} s`);
  }
  await saveDense(folded(layers, normalization), {
    folder: options.out,
    name: `parity-${queryCount}`,
    inputShape,
    generatedBy: "e2e/models/train-parity.ts",
  });
  console.log(`wrote ${options.out}`);
}

interface Answered {
  /** count x inputSize */
  readonly queries: Float32Array;
  /** count x outputSize: what the base model says */
  readonly outputs: Float32Array;
  readonly outputSize: number;
  readonly labels: Uint8Array;
  readonly count: number;
}

async function answered(base: Awaited<ReturnType<typeof loadModel>>, part: "train" | "test"): Promise<Answered> {
  const { images, labels, count } = await loadMnist(part);
  const { inputSize, outputSize } = base.facts;
  const queries = Float32Array.from(images, (pixel) => pixel / 255);
  const outputs = new Float32Array(count * outputSize);
  for (let first = 0; first < count; first += 1000) {
    const rows = queries.subarray(first * inputSize, (first + 1000) * inputSize);
    outputs.set(await base.run(rows, 1000), first * outputSize);
  }
  return { queries, outputs, outputSize, labels, count };
}

/**
 * A sum of K queries less K means, over sqrt(K) spreads, has entries of order one, and so has what the network is asked for
 * once it is divided by the answers' spread: it trains much faster so.
 */
interface Normalization {
  /** inputSize entries: of one query */
  readonly mean: Float32Array;
  /** Of all entries of queries together, about their own mean. */
  readonly spread: number;
  /** Root mean square of the base model's outputs. */
  readonly outputScale: number;
}

function normalizationOf({ queries, outputs }: Answered, inputSize: number): Normalization {
  const count = queries.length / inputSize;
  const mean = new Float64Array(inputSize);
  queries.forEach((value, at) => {
    mean[at % inputSize]! += value / count;
  });
  let squares = 0;
  queries.forEach((value, at) => {
    squares += (value - mean[at % inputSize]!) ** 2;
  });
  const outputSquares = outputs.reduce((sum, value) => sum + value * value, 0);
  return {
    mean: Float32Array.from(mean),
    spread: Math.sqrt(squares / queries.length),
    outputScale: Math.sqrt(outputSquares / outputs.length),
  };
}

function normalized(sums: Float32Array, count: number, { mean, spread }: Normalization): tf.Tensor2D {
  const raw = tf.tensor2d(sums, [count, mean.length]);
  return tf.div(tf.sub(raw, tf.mul(mean, queryCount)), spread * Math.sqrt(queryCount));
}

/** What the network in training says of normalized sums, in the base model's units. */
function parityOutputs(layers: readonly Layer[], input: tf.Tensor2D, { outputScale }: Normalization): tf.Tensor2D {
  return tf.mul(forward(layers, input), outputScale);
}

/** The same function as a network on sums as they are. */
function folded(layers: readonly Layer[], { mean, spread, outputScale }: Normalization): Layer[] {
  return layers.map(({ kernel, bias }, i) => {
    const before = i === 0 ? 1 / (spread * Math.sqrt(queryCount)) : 1;
    const after = i === layers.length - 1 ? outputScale : 1;
    const scaled = tf.mul(kernel, before) as tf.Tensor2D;
    const shifted =
      i > 0
        ? bias
        : tf.sub(bias, tf.mul(tf.reshape(tf.matMul(tf.tensor2d(mean, [1, mean.length]), scaled), [-1]), queryCount));
    return { kernel: tf.mul(scaled, after) as tf.Tensor2D, bias: tf.mul(shifted, after) as tf.Tensor1D };
  });
}

function trainStep(
  layers: Layer[],
  optimizer: tf.Optimizer,
  { queries, outputs, outputSize }: Answered,
  members: Uint32Array,
  normalization: Normalization,
): void {
  const inputSize = normalization.mean.length;
  const sums = new Float32Array(BATCH * inputSize);
  const answers = new Float32Array(members.length * outputSize);
  const labels = new Float32Array(members.length * outputSize);
  for (const [m, query] of members.entries()) {
    const to = Math.floor(m / queryCount) * inputSize;
    for (let p = 0, from = query * inputSize; p < inputSize; p++) sums[to + p]! += queries[from + p]!;
    const answer = outputs.subarray(query * outputSize, (query + 1) * outputSize);
    answers.set(answer, m * outputSize);
    labels[m * outputSize + answer.indexOf(Math.max(...answer))] = 1;
  }
  tf.tidy(() => {
    const input = normalized(sums, BATCH, normalization);
    const own = tf.tensor3d(answers, [BATCH, queryCount, outputSize]);
    const total = tf.sum(own, 1);
    const truth = tf.tensor2d(labels, [members.length, outputSize]);
    optimizer.minimize(() => {
      // The parity output less all other answers is the own answer plus what the parity model gets wrong.
      const wrong = tf.sub(parityOutputs(layers, input, normalization), total);
      const decoded = tf.add(own, tf.expandDims(wrong, 1));
      const logits = tf.mul(tf.reshape(decoded, [members.length, outputSize]), SOFTENING);
      return tf.losses.softmaxCrossEntropy(truth, logits) as tf.Scalar;
    });
  });
}

function rateShare(progress: number): number {
  if (progress < WARM_UP) return progress / WARM_UP;
  return (1 + Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP))) / 2;
}

await main();
