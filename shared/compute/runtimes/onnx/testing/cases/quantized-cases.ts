/** Whole numbers in place of floats. */
import {
  bytes,
  fromByte,
  fused,
  IMAGE,
  is,
  node,
  type OperatorCase,
  SCALE,
  single,
  toByte,
  weight,
  zero,
} from "../operator-case.ts";

const toFloat = (from: string, to = "y") => node("Cast", [from], { to: { i: 1 } }, [to]);
const CONV = { kernel_shape: is(3, 3), pads: is(1, 1, 1, 1) };

export const QUANTIZED_CASES: Record<string, OperatorCase> = {
  "QuantizeLinear and DequantizeLinear": { nodes: [toByte("x", "q"), fromByte("q")], weights: SCALE, output: IMAGE },
  "DequantizeLinear of weights, a scale a filter": {
    nodes: [node("DequantizeLinear", ["k", "ks", "kz"], { axis: { i: 0 } }, ["kf"]), node("Conv", ["x", "kf"], CONV)],
    weights: [
      bytes("k", "int8", 2, 4, 3, 3),
      weight("ks", 2),
      { ...bytes("kz", "int8", 2), values: new Uint8Array(2) },
    ],
    output: [2, 6, 5],
    macs: 2 * 9 + 2 * 30 * 36 - 18 + 72,
  },
  QLinearConv: {
    nodes: [
      toByte("x", "q"),
      node("QLinearConv", ["q", "s", "z", "k", "ks", "kz", "s", "z", "b"], CONV, ["c"]),
      fromByte("c"),
    ],
    weights: [
      ...SCALE,
      bytes("k", "int8", 2, 4, 3, 3),
      single("ks", 0.001),
      zero("kz", "int8"),
      { name: "b", shape: [2], dtype: "int32", values: Int32Array.of(100, -100) },
    ],
    output: [2, 6, 5],
  },
  QLinearMatMul: {
    nodes: [
      toByte("x", "q"),
      node("QLinearMatMul", ["q", "s", "z", "k", "ks", "kz", "s", "z"], {}, ["m"]),
      fromByte("m"),
    ],
    weights: [...SCALE, bytes("k", "int8", 5, 3), single("ks", 0.002), zero("kz", "int8")],
    output: [4, 6, 3],
    macs: 120 + 4 * 6 * 3 * 5 + 72,
  },
  ConvInteger: {
    nodes: [toByte("x", "q"), node("ConvInteger", ["q", "k", "z"], CONV, ["c"]), toFloat("c")],
    weights: [...SCALE, bytes("k", "uint8", 2, 4, 3, 3)],
    output: [2, 6, 5],
  },
  MatMulInteger: {
    nodes: [toByte("x", "q"), node("MatMulInteger", ["q", "k", "z"], {}, ["m"]), toFloat("m")],
    weights: [...SCALE, bytes("k", "int8", 5, 3)],
    output: [4, 6, 3],
  },
  "DynamicQuantizeLinear, a row a call": {
    nodes: [
      node("DynamicQuantizeLinear", ["x"], {}, ["q", "qs", "qz"]),
      node("MatMulInteger", ["q", "k", "qz"], {}, ["m"]),
      toFloat("m", "f"),
      node("Mul", ["f", "qs"]),
    ],
    weights: [bytes("k", "int8", 5, 3)],
    // Its batch is 1, and so is the answer's.
    output: [1, 4, 6, 3],
  },
  DynamicQuantizeMatMul: {
    nodes: [fused("DynamicQuantizeMatMul", ["x", "k", "ks", "kz"])],
    weights: [bytes("k", "int8", 5, 3), single("ks", 0.01), zero("kz", "int8")],
    output: [1, 4, 6, 3],
  },
  DynamicQuantizeLSTM: {
    shape: [5, 4],
    nodes: [
      node("Transpose", ["x"], { perm: is(1, 0, 2) }, ["steps"]),
      fused(
        "DynamicQuantizeLSTM",
        ["steps", "w", "r", "", "", "", "", "", "ws", "wz", "ws", "wz"],
        { hidden_size: { i: 3 } },
        ["y", "", ""],
      ),
    ],
    weights: [
      bytes("w", "int8", 1, 4, 12),
      bytes("r", "int8", 1, 3, 12),
      { name: "ws", shape: [1], values: Float32Array.of(0.01) },
      { name: "wz", shape: [1], dtype: "int8", values: new Uint8Array(1) },
    ],
    output: [5, 1, 1, 3],
  },
  MatMulIntegerToFloat: {
    nodes: [toByte("x", "q"), fused("MatMulIntegerToFloat", ["q", "k", "s", "ks", "z", "kz"])],
    weights: [...SCALE, bytes("k", "int8", 5, 3), single("ks", 0.01), zero("kz", "int8")],
    output: [4, 6, 3],
  },
  ...Object.fromEntries(
    ["QLinearAdd", "QLinearMul"].map((op): [string, OperatorCase] => [
      op,
      {
        nodes: [toByte("x", "q"), fused(op, ["q", "s", "z", "k", "s", "z", "s", "z"], {}, ["r"]), fromByte("r")],
        weights: [...SCALE, bytes("k", "uint8", 5)],
        output: IMAGE,
      },
    ]),
  ),
  ...Object.fromEntries(
    ["QLinearLeakyRelu", "QLinearSigmoid"].map((op): [string, OperatorCase] => [
      op,
      {
        nodes: [toByte("x", "q"), fused(op, ["q", "s", "z", "s", "z"], {}, ["r"]), fromByte("r")],
        weights: SCALE,
        output: IMAGE,
      },
    ]),
  ),
  QLinearSoftmax: {
    nodes: [
      toByte("x", "q"),
      fused("QLinearSoftmax", ["q", "s", "z", "s", "z"], { opset: { i: 13 }, axis: { i: -1 } }, ["r"]),
      fromByte("r"),
    ],
    weights: SCALE,
    output: IMAGE,
  },
  QLinearAveragePool: {
    nodes: [
      toByte("x", "q"),
      fused("QLinearAveragePool", ["q", "s", "z", "s", "z"], { kernel_shape: is(2, 2) }, ["r"]),
      fromByte("r"),
    ],
    weights: SCALE,
    output: [4, 5, 4],
  },
  QLinearGlobalAveragePool: {
    nodes: [toByte("x", "q"), fused("QLinearGlobalAveragePool", ["q", "s", "z", "s", "z"], {}, ["r"]), fromByte("r")],
    weights: SCALE,
    output: [4, 1, 1],
  },
  QLinearConcat: {
    nodes: [
      toByte("x", "q"),
      fused("QLinearConcat", ["s", "z", "q", "s", "z", "q", "s", "z"], { axis: { i: 1 } }, ["r"]),
      fromByte("r"),
    ],
    weights: SCALE,
    output: [8, 6, 5],
  },
  QGemm: {
    shape: [5],
    nodes: [toByte("x", "q"), fused("QGemm", ["q", "s", "z", "k", "ks", "kz", "", "s", "z"], {}, ["r"]), fromByte("r")],
    weights: [...SCALE, bytes("k", "int8", 5, 3), single("ks", 0.002), zero("kz", "int8")],
    output: [3],
  },
  MatMulNBits: {
    shape: [4, 32],
    nodes: [
      fused("MatMulNBits", ["x", "k", "ks"], { K: { i: 32 }, N: { i: 3 }, bits: { i: 4 }, block_size: { i: 32 } }),
    ],
    weights: [bytes("k", "uint8", 3, 1, 16), weight("ks", 3)],
    output: [4, 3],
    macs: 4 * 3 * 32,
  },
};

export const FUSED_CASES: Record<string, OperatorCase> = {
  ...Object.fromEntries(
    ["FastGelu", "Gelu", "QuickGelu"].map((op): [string, OperatorCase] => [
      op,
      { nodes: [fused(op, ["x"])], output: IMAGE },
    ]),
  ),
  BiasGelu: { nodes: [fused("BiasGelu", ["x", "b"])], weights: [weight("b", 5)], output: IMAGE },
  FusedConv: {
    nodes: [fused("FusedConv", ["x", "k"], { ...CONV, activation: { s: "Relu" } })],
    weights: [weight("k", 2, 4, 3, 3)],
    output: [2, 6, 5],
  },
  FusedGemm: {
    shape: [5],
    nodes: [fused("FusedGemm", ["x", "k"], { activation: { s: "Relu" } })],
    weights: [weight("k", 5, 3)],
    output: [3],
  },
  FusedMatMul: {
    nodes: [fused("FusedMatMul", ["x", "k"], { transB: { i: 1 }, alpha: { f: 0.5 } })],
    weights: [weight("k", 3, 5)],
    output: [4, 6, 3],
  },
  SkipLayerNormalization: {
    shape: [4, 8],
    nodes: [fused("SkipLayerNormalization", ["x", "x", "c", "d"], {}, ["n", "", "", "sum"]), node("Add", ["n", "sum"])],
    weights: [weight("c", 8), weight("d", 8)],
    output: [4, 8],
  },
  SkipSimplifiedLayerNormalization: {
    shape: [4, 8],
    nodes: [fused("SkipSimplifiedLayerNormalization", ["x", "x", "c"])],
    weights: [weight("c", 8)],
    output: [4, 8],
  },
  Attention: {
    shape: [4, 8],
    nodes: [fused("Attention", ["x", "w", "b"], { num_heads: { i: 2 } })],
    weights: [weight("w", 8, 24), weight("b", 24)],
    output: [4, 8],
    macs: 4 * (8 * 24 + 4 * 16),
  },
  MultiHeadAttention: {
    shape: [4, 8],
    nodes: [fused("MultiHeadAttention", ["x", "x", "x"], { num_heads: { i: 2 } })],
    output: [4, 8],
    macs: 4 * 4 * 16,
  },
  "Attention with lengths that its embedding tells": {
    shape: [4],
    nodes: [
      node("Mul", ["x", "many"], {}, ["more"]),
      node("Cast", ["more"], { to: { i: 6 } }, ["ids"]),
      node("Less", ["x", "half"], {}, ["isWord"]),
      node("Cast", ["isWord"], { to: { i: 6 } }, ["mask"]),
      fused("EmbedLayerNormalization", ["ids", "", "words", "places", "", "g", "b", "mask"], {}, ["e", "lengths"]),
      fused("Attention", ["e", "w", "a", "lengths"], { num_heads: { i: 2 } }),
    ],
    weights: [
      ...[single("many", 5), single("half", 0.6), weight("words", 9, 8), weight("places", 6, 8)],
      ...[weight("g", 8), weight("b", 8), weight("w", 8, 24), weight("a", 24)],
    ],
    output: [4, 8],
  },
  "Attention and MultiHeadAttention with a mask of steps": {
    shape: [4, 8],
    nodes: [
      node("ReduceMean", ["x"], { axes: { is: [2] }, keepdims: { i: 0 } }, ["mean"]),
      node("Less", ["mean", "half"], {}, ["isWord"]),
      node("Cast", ["isWord"], { to: { i: 6 } }, ["mask"]),
      fused("Attention", ["x", "w", "b", "mask"], { num_heads: { i: 2 } }, ["a"]),
      fused("MultiHeadAttention", ["a", "a", "a", "", "mask"], { num_heads: { i: 2 } }),
    ],
    opset: 17,
    weights: [weight("w", 8, 24), weight("b", 24), single("half", 0.6)],
    output: [4, 8],
  },
  QAttention: {
    shape: [4, 8],
    nodes: [toByte("x", "q"), fused("QAttention", ["q", "w", "b", "s", "ws", "", "z", "wz"], { num_heads: { i: 2 } })],
    weights: [...SCALE, bytes("w", "int8", 8, 24), weight("b", 24), single("ws", 0.01), zero("wz", "int8")],
    output: [4, 8],
  },
};
