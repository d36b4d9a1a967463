/** Graphs of one operator or few, which together have every operator on the list. */
import { MICROSOFT } from "../../onnx-topology.ts";
import { type Attributes, IMAGE, is, long, node, noise, type OperatorCase, weight } from "../operator-case.ts";
import { ELEMENTWISE_CASES } from "./elementwise-cases.ts";
import { MATRIX_CASES, RECURRENT_CASES } from "./matrix-cases.ts";
import { PLACE_CASES } from "./place-cases.ts";
import { FUSED_CASES, QUANTIZED_CASES } from "./quantized-cases.ts";

const ELEMENTWISE =
  "Abs Celu Elu Erf Exp Gelu HardSigmoid HardSwish Identity LeakyRelu Log LogSoftmax Mish Neg Reciprocal Relu Selu Sigmoid Softmax Softplus Softsign Sqrt Tanh Dropout LRN";
const REDUCTIONS =
  "ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare";

const BASIC_CASES: Record<string, OperatorCase> = {
  ...Object.fromEntries(
    ELEMENTWISE.split(" ").map((op): [string, OperatorCase] => {
      const attributes: Attributes = op === "LRN" ? { size: { i: 3 } } : {};
      return [op, { nodes: [node(op, ["x"], attributes)], output: IMAGE, opset: 20 }];
    }),
  ),
  ...Object.fromEntries(
    REDUCTIONS.split(" ").map((op): [string, OperatorCase] => [
      op,
      {
        opset: 18,
        nodes: [node(op, ["x", "axes"], { keepdims: { i: 0 } })],
        integers: { axes: long(2, -1) },
        output: [4],
      },
    ]),
  ),
  ...Object.fromEntries(
    ["Add", "Div", "Mul", "PRelu", "Pow", "Sub"].map((op): [string, OperatorCase] => [
      op,
      { nodes: [node(op, ["x", "c"])], weights: [weight("c", 4, 1, 1)], output: IMAGE, macs: 120 },
    ]),
  ),
  ...Object.fromEntries(
    ["Max", "Mean", "Min", "Sum"].map((op): [string, OperatorCase] => [
      op,
      { nodes: [node(op, ["x", "c", "x"])], weights: [weight("c", 5)], output: IMAGE },
    ]),
  ),
  AveragePool: {
    nodes: [node("AveragePool", ["x"], { kernel_shape: is(3, 2), strides: is(2, 2), ceil_mode: { i: 1 } })],
    output: [4, 3, 3],
  },
  BatchNormalization: {
    nodes: [node("BatchNormalization", ["x", "a", "b", "c", "d"])],
    weights: ["a", "b", "c", "d"].map((name) => weight(name, 4)),
    output: IMAGE,
  },
  Cast: { nodes: [node("Cast", ["x"], { to: { i: 1 } })], output: IMAGE },
  Clip: {
    nodes: [node("Clip", ["x", "", "top"])],
    weights: [{ name: "top", shape: [], values: noise(1) }],
    output: IMAGE,
  },
  Concat: { nodes: [node("Concat", ["x", "x"], { axis: { i: -1 } })], output: [4, 6, 10] },
  Conv: {
    nodes: [
      node("Conv", ["x", "k", "b"], { group: { i: 2 }, pads: is(1, 0, 1, 2), strides: is(2, 1), dilations: is(1, 2) }),
    ],
    weights: [weight("k", 6, 2, 3, 2), weight("b", 6)],
    output: [6, 3, 5],
    macs: 6 * 3 * 5 * 2 * 6,
  },
  "ConvTranspose as large as its strides say": {
    nodes: [node("ConvTranspose", ["x", "k"], { strides: is(2, 2), auto_pad: { s: "SAME_UPPER" } })],
    weights: [weight("k", 4, 3, 3, 3)],
    output: [3, 12, 10],
  },
  "ConvTranspose as large as it says": {
    nodes: [node("ConvTranspose", ["x", "k"], { strides: is(2, 2), output_shape: is(12, 11) })],
    weights: [weight("k", 4, 3, 3, 3)],
    output: [3, 12, 11],
  },
  "Masks and places that nobody takes": {
    opset: 10,
    nodes: [
      node("MaxPool", ["x"], { kernel_shape: is(2, 2) }, ["p", "places"]),
      node("Dropout", ["p"], {}, ["y", "mask"]),
    ],
    output: [4, 5, 4],
  },
  ConvTranspose: {
    nodes: [node("ConvTranspose", ["x", "k"], { strides: is(2, 2), pads: is(1, 1, 1, 1), output_padding: is(1, 0) })],
    weights: [weight("k", 4, 3, 3, 3)],
    output: [3, 12, 9],
  },
  Expand: {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("Gather", ["s", "zero"], {}, ["n"]),
      node("Concat", ["n", "rest"], { axis: { i: 0 } }, ["target"]),
      node("Expand", ["token", "target"], {}, ["tokens"]),
      node("Concat", ["x", "tokens"], { axis: { i: 1 } }),
    ],
    integers: { zero: long(0), rest: long(1, 6, 5) },
    weights: [weight("token", 1, 1, 6, 5)],
    output: [5, 6, 5],
  },
  "Mod and Reshape of a shape": {
    nodes: [
      node("Mod", ["nine", "five"], {}, ["four"]),
      node("Reshape", ["four", "flat"], {}, ["list"]),
      node("Concat", ["free", "list"], { axis: { i: 0 } }, ["target"]),
      node("Reshape", ["x", "target"]),
    ],
    integers: {
      nine: { dtype: "int64", shape: [], values: [9] },
      five: { dtype: "int64", shape: [], values: [5] },
      flat: long(-1),
      free: long(-1, 30),
    },
    output: [30, 4],
  },
  "Expand as PyTorch writes it": {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("Gather", ["s", "zero"], {}, ["n"]),
      node("Concat", ["n", "rest"], { axis: { i: 0 } }, ["target"]),
      node("Shape", ["target"], {}, ["rank"]),
      node("ConstantOfShape", ["rank"], { value: { t: { int64: 1 } } }, ["ones"]),
      node("Mul", ["ones", "minus"], {}, ["kept"]),
      node("Equal", ["target", "kept"], {}, ["isKept"]),
      node("Where", ["isKept", "ones", "target"], {}, ["wanted"]),
      node("Expand", ["token", "wanted"], {}, ["tokens"]),
      node("Add", ["x", "tokens"]),
    ],
    integers: { zero: long(0), rest: long(-1, -1, 5), minus: long(-1) },
    weights: [weight("token", 1, 4, 1, 5)],
    output: IMAGE,
  },
  Flatten: { nodes: [node("Flatten", ["x"])], output: [120] },
  Gather: {
    nodes: [node("Gather", ["x", "i"], { axis: { i: 2 } })],
    integers: { i: long(5, 0, -2) },
    output: [4, 3, 5],
  },
  Gemm: {
    shape: [7],
    nodes: [node("Gemm", ["x", "k", "b"], { transB: { i: 1 }, alpha: { f: 0.5 } })],
    weights: [weight("k", 3, 7), weight("b", 3)],
    output: [3],
    macs: 21,
  },
  GlobalAveragePool: { nodes: [node("GlobalAveragePool", ["x"])], output: [4, 1, 1] },
  GlobalMaxPool: { nodes: [node("GlobalMaxPool", ["x"])], output: [4, 1, 1] },
  GroupNormalization: {
    opset: 21,
    nodes: [node("GroupNormalization", ["x", "a", "b"], { num_groups: { i: 2 } })],
    weights: [weight("a", 4), weight("b", 4)],
    output: IMAGE,
  },
  InstanceNormalization: {
    nodes: [node("InstanceNormalization", ["x", "a", "b"])],
    weights: [weight("a", 4), weight("b", 4)],
    output: IMAGE,
  },
  LayerNormalization: {
    nodes: [node("LayerNormalization", ["x", "a"], { axis: { i: 2 } })],
    weights: [weight("a", 6, 5)],
    output: IMAGE,
  },
  MatMul: { nodes: [node("MatMul", ["x", "k"])], weights: [weight("k", 5, 8)], output: [4, 6, 8], macs: 4 * 6 * 5 * 8 },
  "MatMul of two batches": {
    nodes: [node("Transpose", ["x"], { perm: is(0, 1, 3, 2) }, ["t"]), node("MatMul", ["x", "t"])],
    output: [4, 6, 6],
  },
  MaxPool: {
    nodes: [node("MaxPool", ["x"], { kernel_shape: is(2, 2), strides: is(2, 2), ceil_mode: { i: 1 } })],
    output: [4, 3, 3],
  },
  "MaxPool with padding": {
    nodes: [node("MaxPool", ["x"], { kernel_shape: is(3, 3), auto_pad: { s: "SAME_UPPER" }, strides: is(4, 2) })],
    output: [4, 2, 3],
  },
  Pad: { nodes: [node("Pad", ["x", "p"])], integers: { p: long(0, 0, 1, 2, 0, 1, 0, 3) }, output: [5, 7, 10] },
  Reshape: { nodes: [node("Reshape", ["x", "s"])], integers: { s: long(0, 2, -1, 5) }, output: [2, 12, 5] },
  "Reshape to what Shape says": {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("Gather", ["s", "zero"], {}, ["n"]),
      node("Unsqueeze", ["n", "axis"], {}, ["n1"]),
      node("Concat", ["n1", "rest"], { axis: { i: 0 } }, ["target"]),
      node("Reshape", ["x", "target"]),
    ],
    integers: { zero: { dtype: "int64", shape: [], values: [0] }, axis: long(0), rest: long(-1) },
    output: [120],
  },
  Shape: {
    nodes: [
      node("Shape", ["x"], { start: { i: 2 } }, ["s"]),
      node("Concat", ["front", "s"], { axis: { i: 0 } }, ["target"]),
      node("Reshape", ["x", "target"]),
    ],
    integers: { front: long(-1, 2, 2) },
    output: [2, 2, 6, 5],
  },
  Slice: {
    nodes: [node("Slice", ["x", "from", "to", "axes", "steps"])],
    integers: { from: long(-1, 1), to: long(-100, Number.MAX_SAFE_INTEGER), axes: long(1, 3), steps: long(-2, 2) },
    output: [2, 6, 2],
  },
  Split: {
    nodes: [
      node("Split", ["x", "sizes"], { axis: { i: 1 } }, ["a", "b"]),
      node("Concat", ["b", "a"], { axis: { i: 1 } }),
    ],
    integers: { sizes: long(1, 3) },
    output: IMAGE,
  },
  Squeeze: { shape: [1, 3, 1], nodes: [node("Squeeze", ["x", "axes"])], integers: { axes: long(1, -1) }, output: [3] },
  Transpose: { nodes: [node("Transpose", ["x"], { perm: is(0, 2, 3, 1) })], output: [6, 5, 4] },
  Unsqueeze: {
    shape: [3],
    nodes: [node("Unsqueeze", ["x", "axes"])],
    integers: { axes: long(1, -1) },
    output: [1, 3, 1],
  },
};

/** By the name of what they try. */
export const ALL_CASES: Readonly<Record<string, OperatorCase>> = {
  ...BASIC_CASES,
  ...ELEMENTWISE_CASES,
  ...Object.fromEntries(Object.entries(FUSED_CASES).map(([name, one]) => [`${MICROSOFT}.${name}`, one])),
  ...MATRIX_CASES,
  ...PLACE_CASES,
  ...QUANTIZED_CASES,
  ...RECURRENT_CASES,
};
