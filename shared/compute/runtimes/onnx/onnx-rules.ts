/**
 * The operators of ONNX that are taken: for each, the shapes it makes and the multiply-adds it costs for one query. No operator may reach
 * across the batch (tensors/batched-tensor.ts). What is not here: loops, what draws at random, texts, and what makes as many rows as the query
 * decides (onnx-advice.ts says what to do instead).
 *
 * Some of them jump: what rounds, compares or picks the largest. Devices differ in the last place, so a model is tried with inputs that
 * differ there before it is taken; how far its answers then lie apart decides what counts as the same.
 */

import * as known from "../../tensors/known-numbers.ts";
import * as each from "./onnx-elementwise-rules.ts";
import * as places from "./onnx-gather-rules.ts";
import * as matrix from "./onnx-matrix-rules.ts";
import { MICROSOFT_RULES } from "./onnx-microsoft-rules.ts";
import type { OnnxRule } from "./onnx-operator.ts";
import * as quantized from "./onnx-quantized-rules.ts";
import * as rare from "./onnx-rare-rules.ts";
import { recurrent } from "./onnx-recurrent-rules.ts";
import { resize, upsample } from "./onnx-resize-rules.ts";
import * as shapes from "./onnx-shape-rules.ts";
import * as signal from "./onnx-signal-rules.ts";
import { MICROSOFT } from "./onnx-topology.ts";
import * as windows from "./onnx-window-rules.ts";

export const ONNX_RULES: Readonly<Record<string, OnnxRule>> = {
  ...named(
    "Abs Celu Ceil Elu Erf Exp Floor Gelu HardSigmoid HardSwish LeakyRelu Log Mish Neg Not Reciprocal",
    each.unary,
  ),
  ...named("Relu Round Selu Shrink Sigmoid Sign Softplus Softsign Sqrt Swish Tanh ThresholdedRelu", each.unary),
  ...named("Acos Acosh Asin Asinh Atan Atanh Cos Cosh Sin Sinh Tan", each.unary),
  ...named("IsInf IsNaN", each.test),
  Add: each.arithmetic(() => known.add),
  Div: each.arithmetic(known.divide),
  Mul: each.arithmetic(() => known.multiply),
  Sub: each.arithmetic(() => known.subtract),
  Mod: each.moduloOf,
  PRelu: each.binary,
  Pow: each.power,
  And: each.comparison(known.both),
  Equal: each.comparison(known.isEqual),
  Greater: each.comparison(known.isGreater),
  GreaterOrEqual: each.comparison(known.isAtLeast),
  Less: each.comparison(known.isLess),
  LessOrEqual: each.comparison(known.isAtMost),
  Or: each.comparison(known.either),
  Xor: each.comparison(known.onlyOne),
  Max: each.variadic(known.larger),
  Mean: each.variadic(null),
  Min: each.variadic(known.smaller),
  Sum: each.variadic(known.add),
  Cast: each.cast,
  CastLike: each.castLike,
  Clip: each.clip,
  Where: each.where,

  ...named(
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd",
    matrix.reduction,
  ),
  ...named("ReduceSum ReduceSumSquare", matrix.reduction),
  ...named("Hardmax LogSoftmax Softmax", matrix.softmax),
  ...named("LayerNormalization RMSNormalization SimplifiedLayerNormalization", matrix.layerNorm),
  Attention: matrix.attention,
  Einsum: matrix.einsum,
  Gemm: matrix.gemm,
  LpNormalization: matrix.normAlong,
  MatMul: matrix.matMul,
  MeanVarianceNormalization: matrix.meanVarianceNorm,

  ...named("AveragePool LpPool MaxPool", windows.pool),
  ...named("GlobalAveragePool GlobalLpPool GlobalMaxPool", windows.globalPool),
  BatchNormalization: windows.imageNorm(4),
  Conv: windows.conv,
  ConvTranspose: windows.convTranspose,
  GridSample: windows.gridSample,
  GroupNormalization: windows.imageNorm(2),
  InstanceNormalization: windows.imageNorm(2),
  LRN: windows.imageNorm(0),
  Resize: resize,
  Upsample: upsample,

  GRU: recurrent(3, 1),
  LSTM: recurrent(4, 2),
  RNN: recurrent(1, 1),

  ...named("ArgMax ArgMin", places.argMax),
  CumSum: places.cumSum,
  Gather: places.gather,
  GatherElements: places.gatherElements,
  GatherND: places.gatherNd,
  OneHot: places.oneHot,
  Scatter: places.scatterElements,
  ScatterElements: places.scatterElements,
  ScatterND: places.scatterNd,
  TopK: places.topK,
  Trilu: places.trilu,

  ...named("BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor", rare.bits),
  AffineGrid: rare.affineGrid,
  CenterCropPad: rare.centerCropPad,
  Col2Im: rare.columnsToImage,
  Det: rare.determinant,
  EyeLike: rare.eyeLike,
  ReverseSequence: rare.reverseSequence,

  ...named("BlackmanWindow HammingWindow HannWindow", signal.windowOf),
  DFT: signal.dft,
  MelWeightMatrix: signal.melWeights,
  STFT: signal.stft,

  Concat: shapes.concat,
  ConstantOfShape: shapes.constantOfShape,
  DepthToSpace: shapes.depthToSpace,
  Dropout: shapes.dropout,
  Expand: shapes.expand,
  Flatten: shapes.flatten,
  Identity: shapes.identity,
  NonZero: shapes.nonZero,
  Pad: shapes.pad,
  Range: shapes.range,
  Reshape: shapes.reshape,
  Shape: shapes.shapeOf,
  Size: shapes.sizeRule,
  Slice: shapes.slice,
  SpaceToDepth: shapes.spaceToDepth,
  Split: shapes.split,
  Squeeze: shapes.squeeze,
  Tile: shapes.tile,
  Transpose: shapes.transpose,
  Unsqueeze: shapes.unsqueeze,

  ConvInteger: quantized.convInteger,
  DequantizeLinear: quantized.dequantizeLinear,
  DynamicQuantizeLinear: quantized.dynamicQuantize,
  MatMulInteger: quantized.matMulInteger,
  QLinearConv: quantized.qLinearConv,
  QLinearMatMul: quantized.qLinearMatMul,
  QuantizeLinear: quantized.quantizeLinear,
};

function named(names: string, rule: OnnxRule): Record<string, OnnxRule> {
  return Object.fromEntries(names.split(" ").map((name) => [name, rule]));
}

/** @returns null where the operator is not taken */
export function onnxRule({ op, domain }: { op: string; domain?: string }): OnnxRule | null {
  if (domain !== undefined && domain !== "" && domain !== MICROSOFT) return null;
  const rules = domain === MICROSOFT ? MICROSOFT_RULES : ONNX_RULES;
  return Object.hasOwn(rules, op) ? rules[op]! : null;
}

/** Operators whose answer for one row rests on all that are given with it: a graph with one of them runs a row a call. */
export const ONE_ROW_OPERATORS: ReadonlySet<string> = new Set([
  "DynamicQuantizeLinear",
  "DynamicQuantizeLSTM",
  "DynamicQuantizeMatMul",
]);
