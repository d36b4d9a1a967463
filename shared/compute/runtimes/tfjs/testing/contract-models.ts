import { memory } from "@tensorflow/tfjs";
import { type ContractModels, LAYERS } from "../../testing/contract-networks.ts";
import { packDenseModel } from "../dense-model.ts";
import { packTfjs } from "../pack-tfjs.ts";

/** Tensors that the library holds; to find leaks. */
export const tensorCount = (): number => memory().numTensors;

const same = (values: Float32Array): Float32Array => values;

export const CONTRACT_MODELS: Readonly<Record<string, ContractModels>> = {
  "layers-model": { dense: () => packDenseModel(LAYERS), conv: layersConv, toRows: same, fromRows: same },
  "graph-model": { dense: graphDense, conv: graphConv, toRows: same, fromRows: same },
};

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

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

function packed(format: string, modelTopology: object, weights: readonly Weight[]): Uint8Array {
  const specs = weights.map(({ name, shape, values }) => {
    return { name, shape, dtype: values instanceof Int32Array ? "int32" : "float32" };
  });
  const files = weights.map(({ name, values }) => ({ name, bytes: new Uint8Array(values.buffer) }));
  const weightsManifest = specs.map((spec) => ({ paths: [spec.name], weights: [spec] }));
  const modelJson = { format, modelTopology, weightsManifest };
  return packTfjs(new TextEncoder().encode(JSON.stringify(modelJson)), files);
}
