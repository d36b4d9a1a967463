/**
 * The allow-list of ONNX operators: for each, the shapes it makes and the multiply-adds it costs for one query. As for tfjs's
 * graphs (graph-rules.ts), no operator may reach across a free batch. What is not here: control flow, whatever rounds or
 * compares (honest devices would differ by a whole step), types other than float32, and everything of other domains.
 */
import { fail } from "../../model-json.ts";
import { constantOfShape, equal, integerArithmetic, where } from "./onnx-integer-rules.ts";
import {
  broadcast,
  elementwise,
  floatTensor,
  type OnnxCost,
  type OnnxOperator,
  type OnnxRule,
  perQuery,
} from "./onnx-operator.ts";
import * as shapes from "./onnx-shape-rules.ts";
import { FREE } from "./onnx-topology.ts";
import { conv, convTranspose, globalPool, imageNorm, pool } from "./onnx-window-rules.ts";

export const ONNX_RULES: Readonly<Record<string, OnnxRule>> = {
  ...named("Abs Celu Elu Erf Exp Gelu HardSigmoid HardSwish LeakyRelu Log Mish Neg Reciprocal", unary),
  ...named("Relu Selu Sigmoid Softplus Softsign Sqrt Tanh", unary),
  ...named("PRelu Pow", binary),
  Add: binaryOr((a, b) => a + b),
  Div: binaryOr((a, b) => Math.trunc(a / b)),
  Mod: modulo,
  Mul: binaryOr((a, b) => a * b),
  Sub: binaryOr((a, b) => a - b),
  ...named("Max Mean Min Sum", variadic),
  ...named("ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum", reduce),
  ...named("ReduceSumSquare", reduce),
  ...named("LogSoftmax Softmax", softmax),
  ...named("AveragePool MaxPool", pool),
  ...named("GlobalAveragePool GlobalMaxPool", globalPool),
  BatchNormalization: imageNorm(4),
  Cast: shapes.cast,
  Clip: clip,
  Concat: shapes.concat,
  ConstantOfShape: constantOfShape,
  Conv: conv,
  ConvTranspose: convTranspose,
  Dropout: shapes.dropout,
  Equal: equal,
  Expand: shapes.expand,
  Flatten: shapes.flatten,
  Gather: shapes.gather,
  Gemm: gemm,
  GroupNormalization: imageNorm(2),
  Identity: shapes.identity,
  InstanceNormalization: imageNorm(2),
  LRN: imageNorm(0),
  LayerNormalization: layerNorm,
  MatMul: matMul,
  Pad: shapes.pad,
  Reshape: shapes.reshape,
  Shape: shapes.shapeOf,
  Slice: shapes.slice,
  Split: shapes.split,
  Squeeze: shapes.squeeze,
  Transpose: shapes.transpose,
  Unsqueeze: shapes.unsqueeze,
  Where: where,
};

function named(names: string, rule: OnnxRule): Record<string, OnnxRule> {
  return Object.fromEntries(names.split(" ").map((name) => [name, rule]));
}

function unary(node: OnnxOperator): OnnxCost {
  node.atMost(1);
  const cost = elementwise(node.floats(0).shape);
  return composed(cost, MADE_OF_OTHERS.has(node.op) ? 4 : 0);
}

/** onnxruntime has no kernel of their own for them. */
const MADE_OF_OTHERS = new Set(["Celu", "Gelu", "HardSwish", "Mish"]);

/** @param copies of its output that stand beside it for a while */
function composed(cost: OnnxCost, copies: number): OnnxCost {
  return copies === 0 ? cost : { ...cost, scratch: copies * perQuery(cost.outputs[0]!.shape) };
}

function binary(node: OnnxOperator): OnnxCost {
  node.atMost(2);
  return elementwise(broadcast(node.what, node.floats(0).shape, node.floats(1).shape));
}

/** Of float32 numbers, or of whole ones that are known. */
function binaryOr(onIntegers: (a: number, b: number) => number): OnnxRule {
  return (node) => integerArithmetic(node, onIntegers) ?? binary(node);
}

/** Of whole numbers alone: of float32 it jumps, and honest devices would differ by a whole step. */
function modulo(node: OnnxOperator): OnnxCost {
  const sign = node.integer("fmod", 0) === 0;
  return (
    integerArithmetic(node, (a, b) => (sign ? a - b * Math.floor(a / b) : a % b)) ??
    fail(node.what, "whole numbers that are known", "float32")
  );
}

function variadic(node: OnnxOperator): OnnxCost {
  const [first, ...others] = node.allFloats();
  if (first === undefined) return fail(node.what, "an input", "none");
  const shape = others.reduce((all, { shape }) => broadcast(node.what, all, shape), first.shape);
  return composed({ outputs: [floatTensor(shape)], macs: perQuery(shape) * (others.length + 1) }, 2);
}

/** Its ends are attributes, or scalars since opset 11. */
function clip(node: OnnxOperator): OnnxCost {
  node.atMost(3);
  for (const place of [1, 2]) {
    const end = node.constant(place);
    if (end !== null && perQuery(end.shape) !== 1) fail(node.what, "single numbers as ends", end.shape);
  }
  return elementwise(node.floats(0).shape);
}

/** The axes are an input since opset 18, of ReduceSum since 13. */
function reduce(node: OnnxOperator): OnnxCost {
  node.atMost(2);
  const { shape } = node.floats(0);
  const given = node.numbersAt(1, "axes") ?? [];
  if (given.length === 0 && node.integer("noop_with_empty_axes", 0) !== 0) return elementwise(shape);
  if (given.length === 0 && shape[0] === FREE) fail(`${node.what}: axes`, "axes within one query", "none: all of them");
  const axes = given.length === 0 ? [...shape.keys()] : given.map((axis) => node.ownAxis(shape, axis));
  const keeps = node.integer("keepdims", 1) !== 0;
  const kept = shape.flatMap((length, i) => (axes.includes(i) ? (keeps ? [1] : []) : [length]));
  // Turned first, where it is not reduced along its last axes.
  return { outputs: [floatTensor(kept)], macs: perQuery(shape), scratch: perQuery(shape) };
}

/** Before opset 13 it runs over everything from its axis on, 1 unless it says otherwise; since then over the axis, the last. */
function softmax(node: OnnxOperator): OnnxCost {
  node.atMost(1);
  const { shape } = node.floats(0);
  node.ownAxis(shape, node.integer("axis", node.opset < 13 ? 1 : -1));
  // Turned to and fro, where the axis is not the last.
  return composed(elementwise(shape), 2);
}

function layerNorm(node: OnnxOperator): OnnxCost {
  node.atMost(3);
  const { shape } = node.floats(0);
  const axis = node.ownAxis(shape, node.integer("axis", -1));
  if (node.outputCount !== 1) fail(node.what, "one output", node.outputCount);
  for (const place of [1, 2]) {
    const constant = node.constant(place);
    if (constant !== null) broadcast(node.what, shape.slice(axis), constant.shape);
  }
  return elementwise(shape);
}

function gemm(node: OnnxOperator): OnnxCost {
  node.atMost(3);
  const a = node.floats(0).shape;
  const b = node.constant(1)?.shape ?? fail(node.what, "a matrix of weights", "none");
  if (a[0] === FREE && node.integer("transA", 0) !== 0) fail(`${node.what}: transA`, "0: the batch stays first", 1);
  const [rows, inner] = node.integer("transA", 0) === 0 ? a : a.toReversed();
  const [depth, columns] = node.integer("transB", 0) === 0 ? b : b.toReversed();
  if (a.length !== 2 || b.length !== 2 || inner !== depth) {
    fail(node.what, `two matrices that go together, [${a}] first`, b);
  }
  const shape = [rows!, columns!];
  const bias = node.inputCount > 2 ? node.floats(2).shape : [];
  if (broadcast(node.what, shape, bias).join() !== shape.join()) fail(node.what, `a bias for [${shape}]`, bias);
  return { outputs: [floatTensor(shape)], macs: perQuery(shape) * inner! };
}

function matMul(node: OnnxOperator): OnnxCost {
  node.atMost(2);
  const [a, b] = [node.floats(0).shape, node.floats(1).shape];
  const [rows, inner] = a.slice(-2);
  const [depth, columns] = b.slice(-2);
  const isRight = a.length >= 2 && b.length >= 2 && inner === depth && inner !== FREE && columns !== FREE;
  if (!isRight) return fail(node.what, `matrices that go together, [${a}] first`, b);
  const lead = broadcast(node.what, a.slice(0, -2), b.slice(0, -2));
  const shape = [...lead, rows!, columns!];
  if (shape.includes(FREE, 1)) fail(node.what, "the batch as the first dimension of both", { a, b });
  return { outputs: [floatTensor(shape)], macs: perQuery(shape) * inner! };
}
