/**
 * Whole numbers in place of floats: QDQ pairs, QLinear operators, integer products. Scales and zero points are constants, so a row is
 * rounded as it would be alone. What takes its scale from all that it is given would mix rows; a graph with one of those runs a row a
 * call (pack-onnx.ts).
 */
import { fail } from "../../model-json.ts";
import {
  broadcast,
  type ComputedDtype,
  elementwise,
  type OperatorCost,
  shapesInWords,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import { multipliedShapes } from "../../tensors/moves.ts";
import { computedDtype } from "./onnx-dtypes.ts";
import { gemm, requireBefore } from "./onnx-matrix-rules.ts";
import type { OnnxOperator } from "./onnx-operator.ts";
import { concat } from "./onnx-shape-rules.ts";
import { convolutionCost, convolved, globalPool, pool, requireBias } from "./onnx-window-rules.ts";

export function quantizeLinear(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const input = node.floats(0);
  requireConstants(node, 1, 2);
  requireOwnAxis(node);
  const named = computedDtype(node.integer("output_dtype", 0));
  return elementwise(input, node.optional(2)?.dtype ?? (named === null ? "uint8" : named));
}

export function dequantizeLinear(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  requireConstants(node, 1, 2);
  requireOwnAxis(node);
  return elementwise(node.any(0), node.any(1).dtype);
}

/** A scale for each place along an axis, which is not the batch's. */
function requireOwnAxis(node: OnnxOperator): void {
  if (sizeOf(node.any(1).shape) > 1) node.ownAxis(node.any(0), node.integer("axis", 1));
}

/** Its scale spans all that it is given. */
export function dynamicQuantize(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const input = node.floats(0);
  requireNoBatch(node);
  const single = { shape: [], batch: null };
  const outputs = [tensor(input, "uint8"), tensor(single), tensor(single, "uint8")];
  return { outputs, macs: 3 * sizeOf(input.shape) };
}

/** MatMulInteger: the zero points are single numbers, or one for each column. */
export function matMulInteger(node: OnnxOperator): OperatorCost {
  node.atMost(4);
  requireConstants(node, 2, 3);
  const { placed, macs } = multipliedShapes(node.what, node.any(0), node.any(1));
  return { outputs: [tensor(placed, "int32")], macs, scratch: sizeOf(node.any(0).shape) };
}

export function convInteger(node: OnnxOperator): OperatorCost {
  node.atMost(4);
  requireConstants(node, 2, 3);
  const input = node.any(0);
  const convolution = convolved(node, input, node.requiredConstant(1, "a filter"));
  return convolutionCost(input, convolution, "int32");
}

/** QLinearConv: x, w and y, each with a scale and a zero point, and a bias. */
export function qLinearConv(node: OnnxOperator): OperatorCost {
  node.atMost(9);
  requireConstants(node, 1, 2, 4, 5, 6, 7);
  const input = node.any(0);
  const filter = node.requiredConstant(3, "a filter");
  requireChannelsFirst(node);
  requireBias(node, node.constant(8), filter.shape[0]!);
  const dtype = node.any(7).dtype;
  const cost = convolutionCost(input, convolved(node, input, filter), dtype);
  // Sums of 32 bits, and the image with its channels last.
  return { ...cost, scratch: 2 * sizeOf(cost.outputs[0]!.shape) + sizeOf(input.shape) };
}

export function qLinearMatMul(node: OnnxOperator): OperatorCost {
  node.atMost(8);
  requireConstants(node, 1, 2, 4, 5, 6, 7);
  const { placed, macs } = multipliedShapes(node.what, node.any(0), node.any(3));
  return { outputs: [tensor(placed, node.any(7).dtype)], macs, scratch: sizeOf(placed.shape) };
}

/** QLinearAdd, QLinearMul: a and b, each with scale and zero point, then those of the result. */
export function qLinearBinary(node: OnnxOperator): OperatorCost {
  node.atMost(8);
  requireConstants(node, 1, 2, 4, 5, 6, 7);
  return elementwise(broadcast(node.what, [node.any(0), node.any(3)]), node.any(0).dtype);
}

/** QLinearSigmoid, QLinearLeakyRelu. */
export function qLinearUnary(node: OnnxOperator): OperatorCost {
  node.atMost(5);
  requireConstants(node, 1, 2, 3, 4);
  return elementwise(node.any(0), node.any(0).dtype);
}

export function qLinearSoftmax(node: OnnxOperator): OperatorCost {
  const input = node.any(0);
  const axis = node.axis(input.shape.length, node.integer("axis", -1));
  const isWide = node.integer("opset", node.opset) < 13;
  requireBefore(node, input, isWide ? axis : null, axis);
  return qLinearUnary(node);
}

const FIRST_OF = (node: OnnxOperator): OnnxOperator => node.withInputs([0]);

export function qLinearPool(node: OnnxOperator): OperatorCost {
  requireChannelsFirst(node);
  requireConstants(node, 1, 2, 3, 4);
  return node.op === "QLinearGlobalAveragePool" ? globalPool(FIRST_OF(node)) : pool(FIRST_OF(node));
}

function requireChannelsFirst(node: OnnxOperator): void {
  if (node.integer("channels_last", 0) !== 0) {
    fail(`${node.what}: channels_last`, "channels first (saved before optimization for one machine)", 1);
  }
}

/** QLinearConcat: scale and zero point of the result, then each part with its own. */
export function qLinearConcat(node: OnnxOperator): OperatorCost {
  const places = Array.from({ length: Math.ceil((node.inputCount - 2) / 3) }, (_, i) => 2 + 3 * i);
  requireConstants(node, 0, 1, ...places.flatMap((place) => [place + 1, place + 2]));
  return concat(node.withInputs(places));
}

/** QGemm: a and b with scale and zero point, a bias, and those of the result, if it is rounded. */
export function qGemm(node: OnnxOperator): OperatorCost {
  node.atMost(9);
  requireConstants(node, 1, 2, 4, 5, 6, 7, 8);
  const dtype: ComputedDtype = node.optional(8)?.dtype ?? "float32";
  const cost = gemm(node.withInputs([0, 3]));
  return { ...cost, outputs: [{ ...cost.outputs[0]!, dtype }] };
}

/** MatMulIntegerToFloat: a, b, their scales and zero points, a bias. */
export function matMulIntegerToFloat(node: OnnxOperator): OperatorCost {
  node.atMost(7);
  requireConstants(node, 2, 3, 4, 5, 6);
  const { placed, macs } = multipliedShapes(node.what, node.any(0), node.any(1));
  return { outputs: [tensor(placed)], macs, scratch: sizeOf(node.any(0).shape) };
}

/** DynamicQuantizeMatMul: a in floats, b with scale and zero point, a bias. The scale of a spans all of it. */
export function dynamicQuantizeMatMul(node: OnnxOperator): OperatorCost {
  node.atMost(5);
  requireNoBatch(node);
  const { placed, macs } = multipliedShapes(node.what, node.floats(0), node.any(1));
  return { outputs: [tensor(placed)], macs, scratch: 2 * sizeOf(node.any(0).shape) };
}

export function requireNoBatch(node: OnnxOperator): void {
  const input = node.any(0);
  if (input.batch !== null)
    fail(node.what, "a batch of 1: its scale spans all rows that it is given", shapesInWords([input]));
}

function requireConstants(node: OnnxOperator, ...places: number[]): void {
  for (const place of places) node.constant(place);
}
