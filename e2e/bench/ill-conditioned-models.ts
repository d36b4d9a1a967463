/** Thirty models on which float32 is hard, or hopeless, as bundles: what somebody may submit in good faith. */
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { type DenseLayer, packDenseModel } from "../../shared/compute/runtimes/tfjs/dense-model.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { normal, simulationRandom } from "../../shared/random/simulation-random.ts";

export const WIDTH = 32;
const OUTPUTS = 8;

export interface IllConditioned {
  readonly name: string;
  readonly bundle: Uint8Array;
}

export function illConditionedModels(seed: number): IllConditioned[] {
  const random = simulationRandom(seed);
  return [
    ...[6, 12, 20].flatMap((depth) =>
      [2, 5, 10, 20].map((gain) => ({
        name: `tanh, ${depth} layers, gain ${gain}`,
        bundle: packDenseModel(layers(random, depth, gain, "tanh")),
      })),
    ),
    ...[2, 5, 10, 20].map((gain) => ({
      name: `sine, 8 layers, gain ${gain} (ONNX)`,
      bundle: sineNet(random, 8, gain),
    })),
    ...[8, 16].flatMap((depth) =>
      [20, 100].map((gain) => ({
        name: `softmax, ${depth} layers, gain ${gain}`,
        bundle: packDenseModel(layers(random, depth, gain, "softmax")),
      })),
    ),
    ...[1e3, 1e5, 1e6, 1e7].map((size) => ({
      name: `difference of numbers ${size.toExponential(0)} times as large`,
      bundle: packDenseModel(cancelling(random, size)),
    })),
    ...[1e3, 1e5, 1e6].map((size) => ({
      name: `hidden numbers of ${size.toExponential(0)}`,
      bundle: packDenseModel(large(random, size)),
    })),
    ...[10, 20, 40].map((steps) => ({ name: `tent map, ${steps} steps`, bundle: packDenseModel(tentMaps(steps)) })),
  ];
}

function weights(random: RandomSource, rows: number, columns: number, gain: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, () => (normal(random) * gain) / Math.sqrt(rows));
}

function layer(kernel: Float32Array, units: number, activation: DenseLayer["activation"]): DenseLayer {
  return { kernel, bias: new Float32Array(units), activation };
}

function layers(random: RandomSource, depth: number, gain: number, activation: DenseLayer["activation"]): DenseLayer[] {
  const hidden = Array.from({ length: depth - 1 }, () => layer(weights(random, WIDTH, WIDTH, gain), WIDTH, activation));
  return [...hidden, layer(weights(random, WIDTH, OUTPUTS, 1), OUTPUTS, "linear")];
}

function sineNet(random: RandomSource, depth: number, gain: number): Uint8Array {
  const nodes = Array.from({ length: depth }, (_, i) => [
    { op: "MatMul", inputs: [i === 0 ? "x" : `s${i - 1}`, `w${i}`], outputs: [`m${i}`], attributes: {} },
    { op: "Sin", inputs: [`m${i}`], outputs: [i === depth - 1 ? "y" : `s${i}`], attributes: {} },
  ]).flat();
  return packOnnx(
    smallOnnx({
      input: { name: "x", shape: [-1, WIDTH] },
      outputs: ["y"],
      nodes,
      weights: Array.from({ length: depth }, (_, i) => {
        const columns = i === depth - 1 ? OUTPUTS : WIDTH;
        return { name: `w${i}`, shape: [WIDTH, columns], values: weights(random, WIDTH, columns, gain) };
      }),
    }),
  );
}

/** Sums that are `size` times as large as what is left of them. */
function cancelling(random: RandomSource, size: number): DenseLayer[] {
  const kernel = weights(random, WIDTH, WIDTH, 1);
  const twice = new Float32Array(WIDTH * 2 * WIDTH);
  for (let row = 0; row < WIDTH; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const large = kernel[(row * 7 + column) % kernel.length]! * size;
      twice[row * 2 * WIDTH + 2 * column] = large + kernel[row * WIDTH + column]!;
      twice[row * 2 * WIDTH + 2 * column + 1] = large;
    }
  }
  const difference = new Float32Array(2 * WIDTH * WIDTH);
  for (let column = 0; column < WIDTH; column++) {
    difference[2 * column * WIDTH + column] = 1;
    difference[(2 * column + 1) * WIDTH + column] = -1;
  }
  const last = layer(weights(random, WIDTH, OUTPUTS, 1), OUTPUTS, "linear");
  return [layer(twice, 2 * WIDTH, "linear"), layer(difference, WIDTH, "linear"), last];
}

/** Beyond 65504 half precision knows no numbers. */
function large(random: RandomSource, size: number): DenseLayer[] {
  return [
    layer(weights(random, WIDTH, WIDTH, size), WIDTH, "relu"),
    layer(weights(random, WIDTH, OUTPUTS, 1 / size), OUTPUTS, "linear"),
  ];
}

/** x -> 1.9 min(x, 1 - x) of each number, again and again: what differs is stretched 1.9 times in each step. */
function tentMaps(steps: number): DenseLayer[] {
  const slope = 1.9;
  const split = new Float32Array(WIDTH * 2 * WIDTH);
  const joined = new Float32Array(2 * WIDTH * WIDTH);
  for (let i = 0; i < WIDTH; i++) {
    split[i * 2 * WIDTH + 2 * i] = 1;
    split[i * 2 * WIDTH + 2 * i + 1] = 1;
    joined[2 * i * WIDTH + i] = slope;
    joined[(2 * i + 1) * WIDTH + i] = -2 * slope;
  }
  const bias = Float32Array.from({ length: 2 * WIDTH }, (_, i) => (i % 2 === 0 ? 0 : -0.5));
  const step = (): DenseLayer[] => [{ kernel: split, bias, activation: "relu" }, layer(joined, WIDTH, "linear")];
  return Array.from({ length: steps }, step).flat();
}
