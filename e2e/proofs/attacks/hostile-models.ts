/** Models inside all limits of a submission that cost the coordinator what a submitter pays nothing for. */

import { hashNoise } from "../../../shared/compute/hash-noise.ts";
import { packBundle, type WeightSpec } from "../../../shared/compute/model-bundle.ts";
import { packOnnx } from "../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { smallOnnx } from "../../../shared/compute/runtimes/onnx/testing/small-onnx.ts";

interface LayerSpec {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Shapes of its weights by name: kernel, bias. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
}

/** @returns the bundle of a sequence of layers, its weights small noise */
export function sequence(inputShape: readonly number[], layers: readonly LayerSpec[]): Uint8Array {
  const weightSpecs: WeightSpec[] = [];
  const listed = layers.map(({ className, config, weights = {} }, i) => {
    const name = `l${i}`;
    for (const [weight, shape] of Object.entries(weights)) {
      weightSpecs.push({ name: `${name}/${weight}`, shape, dtype: "float32" });
    }
    const first = i === 0 ? { batch_input_shape: [null, ...inputShape] } : {};
    return { class_name: className, config: { name, dtype: "float32", ...first, ...config } };
  });
  const data = weightSpecs.map(({ shape }, i) => bytesOf(noise(i, sizeOf(shape))));
  const modelTopology = { class_name: "Sequential", config: { name: "hostile", layers: listed } };
  return packBundle({ format: "layers-model", modelTopology, weightSpecs }, data);
}

export function conv(filters: number, depth: number, kernel: number): LayerSpec {
  const config = { filters, kernel_size: [kernel, kernel], padding: "same", activation: "relu", use_bias: true };
  return { className: "Conv2D", config, weights: { kernel: [kernel, kernel, depth, filters], bias: [filters] } };
}

export const globalMean: LayerSpec = { className: "GlobalAveragePooling2D", config: {} };

export function dense(units: number, depth: number): LayerSpec {
  return { className: "Dense", config: { units }, weights: { kernel: [depth, units], bias: [units] } };
}

/** 193 weights, and 512 x 512 x 64 numbers between its layers: 64 rows at once are 4 GiB. */
export const convBomb = (): Uint8Array => sequence([512, 512, 1], [conv(64, 1, 1), globalMean, dense(1, 64)]);

/** The same as an ONNX file. */
export function onnxBomb(): Uint8Array {
  const node = (op: string, inputs: string[], output: string) => ({ op, inputs, outputs: [output], attributes: {} });
  const weight = (name: string, ...shape: number[]) => ({ name, shape, values: noise(name.length, sizeOf(shape)) });
  const onnx = smallOnnx({
    input: { name: "x", shape: [-1, 1, 512, 512] },
    outputs: ["y"],
    weights: [weight("k", 64, 1, 1, 1), weight("w", 64, 1)],
    nodes: [
      node("Conv", ["x", "k"], "c"),
      node("Relu", ["c"], "r"),
      node("GlobalAveragePool", ["r"], "p"),
      node("Flatten", ["p"], "f"),
      node("Gemm", ["f", "w"], "y"),
    ],
  });
  return packOnnx(onnx);
}

/** Just below 20 GMAC a query: seconds to a minute of a core for each row. */
export const slowModel = (): Uint8Array =>
  sequence([128, 128, 1], [conv(256, 1, 1), conv(256, 256, 3), conv(256, 256, 3), globalMean, dense(2, 256)]);

/** One pooling whose window is the whole picture, a place for each of its places: 17 GMAC in one operator that is slow at it. */
export function loopModel(): Uint8Array {
  const nodes = [
    {
      op: "MaxPool",
      inputs: ["x"],
      outputs: ["m"],
      attributes: { kernel_shape: { is: [361, 361] }, pads: { is: [180, 180, 180, 180] } },
    },
    { op: "GlobalAveragePool", inputs: ["m"], outputs: ["p"], attributes: {} },
    { op: "Flatten", inputs: ["p"], outputs: ["y"], attributes: {} },
  ];
  return packOnnx(smallOnnx({ input: { name: "x", shape: [-1, 1, 361, 361] }, outputs: ["y"], weights: [], nodes }));
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

function noise(seed: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => hashNoise(seed, i) / Math.sqrt(length));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
