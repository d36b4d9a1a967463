/** The networks that every runtime is tried on, the same ones in each format of models. */

import { hashNoise } from "../hash-noise.ts";
import { type ModelFormat, packModel } from "../model-bundle.ts";
import { packOnnx } from "./onnx/pack-onnx.ts";
import { smallOnnx } from "./onnx/small-onnx.ts";
import { packDenseModel } from "./tfjs/dense-model.ts";

export interface ContractModels {
  /** DENSE, with its fixed weights. */
  dense(): Uint8Array;
  /** CONV, flattened. @param kernel rows x columns x channels x filters, as tfjs has it */
  conv(kernel: Float32Array, bias: Float32Array): Uint8Array;
  /** Images row by row, channels last, as the model takes them. */
  toRows(images: Float32Array): Float32Array;
  /** What the model gives as places row by row, filters last. */
  fromRows(outputs: Float32Array): Float32Array;
}

const noise = (seed: number, length: number) => Float32Array.from({ length }, (_, i) => hashNoise(seed, i));
const same = (values: Float32Array): Float32Array => values;

/** 19-33-12-5, ReLU and tanh between. */
export const DENSE = { inputSize: 19, outputSize: 5 } as const;
const LAYERS = [
  { kernel: noise(11, 19 * 33), bias: noise(12, 33), activation: "relu" },
  { kernel: noise(13, 33 * 12), bias: noise(14, 12), activation: "tanh" },
  { kernel: noise(15, 12 * 5), bias: noise(16, 5), activation: "linear" },
] as const;

/** 6 x 5 x 2 image, conv 3 x 2 with 3 filters, strides 2 x 1, padding "same", ReLU: 3 x 5 x 3 outputs. */
export const CONV = {
  image: [6, 5, 2],
  kernel: [3, 2, 2],
  filters: 3,
  output: [3, 5, 3],
  size: (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1),
  byHand: convolveByHand,
} as const;

export const MODELS_BY_FORMAT: Readonly<Record<ModelFormat, ContractModels>> = {
  "layers-model": { dense: () => packDenseModel(LAYERS), conv: layersConv, toRows: same, fromRows: same },
  "graph-model": { dense: graphDense, conv: graphConv, toRows: same, fromRows: same },
  // ONNX images come channel by channel, and so do the answers.
  onnx: {
    dense: onnxDense,
    conv: onnxConv,
    toRows: (images) => reordered(images, 6 * 5, 2),
    fromRows: (outputs) => reordered(outputs, 3, 3 * 5),
  },
};

// --- tfjs Layers -----------------------------------------------------------------------------------------------------

function layersConv(kernel: Float32Array, bias: Float32Array): Uint8Array {
  const conv = {
    name: "conv",
    filters: 3,
    kernel_size: [3, 2],
    strides: [2, 1],
    padding: "same",
    activation: "relu",
    batch_input_shape: [null, 6, 5, 2],
  };
  const layers = [
    { class_name: "Conv2D", config: conv },
    { class_name: "Flatten", config: { name: "flatten" } },
  ];
  const modelTopology = { class_name: "Sequential", config: { name: "conv-model", layers } };
  return packed("layers-model", modelTopology, [
    { name: "conv/kernel", shape: [3, 2, 2, 3], values: kernel },
    { name: "conv/bias", shape: [3], values: bias },
  ]);
}

// --- tfjs Graph ------------------------------------------------------------------------------------------------------

function graphDense(): Uint8Array {
  const [nodes, weights]: [object[], Weight[]] = [[placeholder(19)], []];
  let input = "x";
  for (const [i, { kernel, bias, activation }] of LAYERS.entries()) {
    const units = bias.length;
    weights.push({ name: `k${i}`, shape: [kernel.length / units, units], values: kernel });
    weights.push({ name: `b${i}`, shape: [units], values: bias });
    nodes.push({ name: `k${i}`, op: "Const" }, { name: `b${i}`, op: "Const" });
    nodes.push({ name: `m${i}`, op: "MatMul", input: [input, `k${i}`] });
    nodes.push({ name: `a${i}`, op: "BiasAdd", input: [`m${i}`, `b${i}`] });
    if (activation !== "linear") {
      nodes.push({ name: `f${i}`, op: activation === "relu" ? "Relu" : "Tanh", input: [`a${i}`] });
    }
    input = activation === "linear" ? `a${i}` : `f${i}`;
  }
  return packed("graph-model", { node: nodes, versions: {} }, weights);
}

function graphConv(kernel: Float32Array, bias: Float32Array): Uint8Array {
  const windows = { strides: integers(1, 2, 1, 1), dilations: integers(1, 1, 1, 1), padding: { s: btoa("SAME") } };
  const nodes = [
    placeholder(6, 5, 2),
    ...["kernel", "bias", "shape"].map((name) => ({ name, op: "Const" })),
    { name: "conv", op: "Conv2D", input: ["x", "kernel"], attr: windows },
    { name: "sum", op: "BiasAdd", input: ["conv", "bias"] },
    { name: "relu", op: "Relu", input: ["sum"] },
    { name: "y", op: "Reshape", input: ["relu", "shape"] },
  ];
  return packed("graph-model", { node: nodes, versions: {} }, [
    { name: "kernel", shape: [3, 2, 2, 3], values: kernel },
    { name: "bias", shape: [3], values: bias },
    { name: "shape", shape: [2], values: Int32Array.of(-1, 45) },
  ]);
}

function placeholder(...shape: number[]): object {
  const dim = [-1, ...shape].map((size) => ({ size: String(size) }));
  return { name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim } } } };
}

const integers = (...values: number[]): object => ({ list: { i: values.map(String) } });

// --- ONNX ------------------------------------------------------------------------------------------------------------

function onnxDense(): Uint8Array {
  const ops = { relu: "Relu", tanh: "Tanh", linear: "Identity" } as const;
  const nodes = LAYERS.flatMap(({ activation }, i) => [
    { op: "Gemm", inputs: [i === 0 ? "x" : `y${i - 1}`, `k${i}`, `b${i}`], outputs: [`s${i}`], attributes: {} },
    { op: ops[activation], inputs: [`s${i}`], outputs: [`y${i}`], attributes: {} },
  ]);
  const weights = LAYERS.flatMap(({ kernel, bias }, i) => [
    { name: `k${i}`, shape: [kernel.length / bias.length, bias.length], values: kernel },
    { name: `b${i}`, shape: [bias.length], values: bias },
  ]);
  return packOnnx(smallOnnx({ input: { name: "x", shape: [-1, 19] }, outputs: ["y2"], nodes, weights }));
}

function onnxConv(kernel: Float32Array, bias: Float32Array): Uint8Array {
  const attributes = { strides: { is: [2, 1] }, auto_pad: { s: "SAME_UPPER" } };
  const nodes = [
    { op: "Conv", inputs: ["x", "kernel", "bias"], outputs: ["conv"], attributes },
    { op: "Relu", inputs: ["conv"], outputs: ["relu"], attributes: {} },
    { op: "Flatten", inputs: ["relu"], outputs: ["y"], attributes: {} },
  ];
  // Filters first, then channels, rows, columns.
  const filters = new Float32Array(kernel.length);
  for (let place = 0; place < 6; place++) {
    for (let channel = 0; channel < 2; channel++) {
      for (let f = 0; f < 3; f++) filters[(f * 2 + channel) * 6 + place] = kernel[(place * 2 + channel) * 3 + f]!;
    }
  }
  const weights = [
    { name: "kernel", shape: [3, 2, 3, 2], values: filters },
    { name: "bias", shape: [3], values: bias },
  ];
  return packOnnx(smallOnnx({ input: { name: "x", shape: [-1, 2, 6, 5] }, outputs: ["y"], nodes, weights }));
}

/** Each row of one x other numbers as other x one. */
function reordered(values: Float32Array, one: number, other: number): Float32Array {
  const size = one * other;
  return Float32Array.from(values, (_, i) => {
    const [row, place] = [Math.floor(i / size), i % size];
    return values[row * size + (place % one) * other + Math.floor(place / one)]!;
  });
}

// --- all --------------------------------------------------------------------------------------------------------------

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

function packed(format: ModelFormat, modelTopology: object, weights: readonly Weight[]): Uint8Array {
  const specs = weights.map(({ name, shape, values }) => {
    return { name, shape, dtype: values instanceof Int32Array ? "int32" : "float32" };
  });
  const files = weights.map(({ name, values }) => ({ name, bytes: new Uint8Array(values.buffer) }));
  const weightsManifest = specs.map((spec) => ({ paths: [spec.name], weights: [spec] }));
  const modelJson = { format, modelTopology, weightsManifest };
  return packModel(new TextEncoder().encode(JSON.stringify(modelJson)), files);
}

/** "same": rows 6 -> 3 needs (3-1)*2+3-6 = 1 row of zeros, below; columns 5 -> 5 needs 1 column of zeros, on the right. */
function convolveByHand(rows: Float32Array, rowCount: number, kernel: Float32Array, bias: Float32Array): Float32Array {
  const outputs = new Float32Array(rowCount * 45);
  for (let n = 0; n < rowCount; n++) {
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 5; x++) {
        for (let filter = 0; filter < 3; filter++) {
          let sum = bias[filter]!;
          for (let ky = 0; ky < 3; ky++) {
            for (let kx = 0; kx < 2; kx++) {
              const [row, column] = [2 * y + ky, x + kx];
              if (row >= 6 || column >= 5) continue;
              for (let channel = 0; channel < 2; channel++) {
                const pixel = rows[((n * 6 + row) * 5 + column) * 2 + channel]!;
                sum += pixel * kernel[((ky * 2 + kx) * 2 + channel) * 3 + filter]!;
              }
            }
          }
          outputs[((n * 3 + y) * 5 + x) * 3 + filter] = Math.max(0, sum);
        }
      }
    }
  }
  return outputs;
}
