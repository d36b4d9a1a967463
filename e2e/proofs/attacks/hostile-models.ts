/** Models inside all limits of a submission that cost the coordinator what a submitter pays nothing for, as files to upload. */
import { hashNoise } from "../../../shared/compute/hash-noise.ts";
import { unpackModel } from "../../../shared/compute/model-bundle.ts";
import { packOnnx } from "../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { smallOnnx } from "../../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { packTfjs } from "../../../shared/compute/runtimes/tfjs/pack-tfjs.ts";
import type { ModelFile } from "../../../shared/sdk/paritab-client.ts";

export interface HostileModel {
  readonly files: readonly ModelFile[];
  readonly bundle: Uint8Array;
  /** Shape of a query. */
  readonly inputShape: readonly number[];
}

/** Each picture becomes 64 of its size, 64 MiB: 64 rows at once are 4 GiB. Its weights are 772 bytes. */
export const convBomb = (side = 512): HostileModel =>
  sequence([side, side, 1], [conv(64, 1, 1), globalMean, dense(1, 64)]);

/** The same as an ONNX file. */
export function onnxBomb(side = 512): HostileModel {
  const weights = [weight("k", 64, 1, 1, 1), weight("w", 64, 1)];
  const nodes = [
    node("Conv", ["x", "k"], "c"),
    node("Relu", ["c"], "r"),
    node("GlobalAveragePool", ["r"], "p"),
    node("Flatten", ["p"], "f"),
    node("Gemm", ["f", "w"], "y"),
  ];
  return onnx([1, side, side], nodes, weights);
}

/** Powers of powers: each number of each is one multiply-add to inspection, and some fifty nanoseconds to whoever computes it. */
export function loopModel(powers: number, size = 2_000_000): HostileModel {
  const names = ["x", ...Array.from({ length: powers }, (_, i) => `p${i}`)];
  const nodes = names.slice(1).map((name, i) => node("Pow", [names[i]!, "e"], name));
  const axes = { axes: { is: [1] } };
  const mean = { ...node("ReduceMean", [names.at(-1)!], "m"), attributes: axes };
  const values = Float32Array.of(0.999);
  return onnx(
    [size],
    [...nodes, mean, node("Concat", ["m", "m"], "y", { axis: { i: 1 } })],
    [{ name: "e", shape: [1], values }],
  );
}

/** A pooling whose window is as large as the picture, at each of its places: up to 20 GMAC in an operator that is slow at them. */
export function slowModel(side: number): HostileModel {
  const pool = node("MaxPool", ["x"], "m", {
    kernel_shape: { is: [side, side] },
    pads: { is: [side >> 1, side >> 1, side >> 1, side >> 1] },
  });
  const nodes = [
    pool,
    node("GlobalAveragePool", ["m"], "p"),
    node("Flatten", ["p"], "f"),
    node("Concat", ["f", "f"], "y", { axis: { i: 1 } }),
  ];
  return onnx([1, side, side], nodes, []);
}

/** The odd side whose slowModel has just below 20 GMAC a query. */
export const SLOWEST_SIDE = 375;

interface LayerSpec {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Shapes of its weights by name: kernel, bias. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
}

export function conv(filters: number, depth: number, kernel: number): LayerSpec {
  const config = { filters, kernel_size: [kernel, kernel], padding: "same", activation: "relu", use_bias: true };
  return { className: "Conv2D", config, weights: { kernel: [kernel, kernel, depth, filters], bias: [filters] } };
}

export const globalMean: LayerSpec = { className: "GlobalAveragePooling2D", config: {} };

export function dense(units: number, depth: number): LayerSpec {
  return { className: "Dense", config: { units }, weights: { kernel: [depth, units], bias: [units] } };
}

/** A sequence of layers whose weights are small noise. */
export function sequence(inputShape: readonly number[], layers: readonly LayerSpec[]): HostileModel {
  const specs = layers.flatMap(({ weights = {} }, i) =>
    Object.entries(weights).map(([name, shape]) => ({ name: `l${i}/${name}`, shape, dtype: "float32" })),
  );
  const config = layers.map(({ className, config }, i) => {
    const first = i === 0 ? { batch_input_shape: [null, ...inputShape] } : {};
    return { class_name: className, config: { name: `l${i}`, dtype: "float32", ...first, ...config } };
  });
  const modelJson = jsonBytes({
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { name: "hostile", layers: config } },
    weightsManifest: [{ paths: ["weights.bin"], weights: specs }],
  });
  const values = specs.flatMap(({ shape }, i) => [...noise(i, sizeOf(shape))]);
  const weights = { name: "weights.bin", bytes: new Uint8Array(Float32Array.from(values).buffer) };
  return {
    inputShape,
    bundle: packTfjs(modelJson, [weights]),
    files: [
      { name: "model.json", data: modelJson },
      { name: weights.name, data: weights.bytes },
    ],
  };
}

/** The files of a Layers model that is a bundle already. */
export function filesOf(bundle: Uint8Array): HostileModel["files"] {
  const { format, modelTopology, weightSpecs, weightData } = unpackModel(bundle);
  const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
  return [
    { name: "model.json", data: jsonBytes({ format, modelTopology, weightsManifest }) },
    { name: "weights.bin", data: Uint8Array.from(weightData) },
  ];
}

type Graph = Parameters<typeof smallOnnx>[0];
type Node = Graph["nodes"][number];

function onnx(inputShape: readonly number[], nodes: readonly Node[], weights: Graph["weights"]): HostileModel {
  const file = smallOnnx({ input: { name: "x", shape: [-1, ...inputShape] }, outputs: ["y"], nodes, weights });
  return { inputShape, bundle: packOnnx(file), files: [{ name: "hostile.onnx", data: file }] };
}

function node(op: string, inputs: string[], output: string, attributes: Node["attributes"] = {}): Node {
  return { op, inputs, outputs: [output], attributes };
}

function weight(name: string, ...shape: number[]) {
  return { name, shape, values: noise(name.length, sizeOf(shape)) };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

function noise(seed: number, length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => hashNoise(seed, i) / Math.sqrt(length));
}

function jsonBytes(value: object): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(value)));
}
