/** Operators that take numbers one by one: what an output's number is made of stands at its own place, broadcast where that fits. */
import { fail } from "../../model-json.ts";
import {
  broadcast,
  type ComputedDtype,
  elementwise,
  isFloat,
  moved,
  type OperatorCost,
  sizeOf,
} from "../../tensors/batched-tensor.ts";
import * as known from "../../tensors/known-numbers.ts";
import { computedDtype, dataTypeName, halfKind } from "./onnx-dtypes.ts";
import type { OnnxOperator, OnnxRule } from "./onnx-operator.ts";

/** onnxruntime has no kernel of their own for them: they are functions of other operators. */
const MADE_OF_OTHERS = new Set(["Celu", "Gelu", "HardSwish", "Mish", "Swish"]);

export function unary(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  node.giving(1);
  const input = node.any(0);
  const rule = Object.hasOwn(known.KNOWN_UNARY, node.op) ? known.KNOWN_UNARY[node.op]! : null;
  const result = rule === null ? null : node.evaluated(input.dtype, rule);
  return result ?? elementwise(input, input.dtype, MADE_OF_OTHERS.has(node.op) ? 4 * sizeOf(input.shape) : 0);
}

/** Whether a number is one of some kind. */
export function test(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  return elementwise(node.floats(0), "bool");
}

export function binary(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  return elementwise(broadcast(node.what, [node.any(0), node.any(1)]), sameDtype(node));
}

export const arithmetic =
  (ruleOf: (dtype: ComputedDtype) => known.KnownRule): OnnxRule =>
  (node) => {
    node.atMost(2);
    if (node.inputCount < 2) fail(node.what, "2 inputs", node.inputCount);
    const dtype = sameDtype(node);
    return node.evaluated(dtype, ruleOf(dtype)) ?? binary(node);
  };

/** Its exponent may be of another type. */
export function power(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  return elementwise(broadcast(node.what, [node.any(0), node.any(1)]), node.any(0).dtype);
}

export function moduloOf(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  if (node.inputCount < 2) fail(node.what, "2 inputs", node.inputCount);
  const rule = known.modulo(node.integer("fmod", 0) !== 0);
  return node.evaluated(sameDtype(node), rule) ?? binary(node);
}

export const comparison =
  (rule: known.KnownRule): OnnxRule =>
  (node) => {
    node.atMost(2);
    if (node.inputCount < 2) fail(node.what, "2 inputs", node.inputCount);
    sameDtype(node);
    return node.evaluated("bool", rule) ?? elementwise(broadcast(node.what, node.all()), "bool");
  };

export function where(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const [condition, yes, no] = [node.any(0), node.any(1), node.any(2)];
  if (condition.dtype !== "bool") fail(node.what, "true or false as a condition", condition.dtype);
  if (yes.dtype !== no.dtype) fail(node.what, "two choices of one type", [yes.dtype, no.dtype]);
  const chosen = node.evaluated(yes.dtype, known.choice, true);
  return chosen ?? elementwise(broadcast(node.what, [condition, yes, no]), yes.dtype);
}

export function variadic(rule: known.KnownRule | null): OnnxRule {
  return (node) => {
    const inputs = node.all();
    if (inputs.length === 0) return fail(node.what, "an input", "none");
    const dtype = sameDtype(node);
    // Of more than two floats the library rounds each sum.
    if (rule !== null && (rule !== known.add || !isFloat(dtype) || inputs.length <= 2)) {
      const folded: known.KnownRule = (values, refuse) => values.reduce((all, value) => rule([all, value], refuse));
      const result = node.evaluated(dtype, folded, rule !== known.add);
      if (result !== null) return result;
    }
    const placed = broadcast(node.what, inputs);
    return { ...elementwise(placed, dtype, 2 * sizeOf(placed.shape)), macs: sizeOf(placed.shape) * inputs.length };
  };
}

/** Its ends are attributes, or scalars since opset 11. */
export function clip(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  for (const place of [1, 2]) {
    const end = node.constant(place);
    if (end !== null && sizeOf(end.shape) !== 1) fail(node.what, "single numbers as ends", end.shape);
  }
  return elementwise(node.any(0), node.any(0).dtype);
}

export function cast(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const to = node.integer("to", 0);
  const dtype = computedDtype(to) ?? fail(`${node.what}: to`, "numbers or true and false", dataTypeName(to));
  const half = halfKind(to);
  return castTo(node, dtype, half === null ? known.castTo(dtype) : known.toHalfOf(half));
}

export function castLike(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  return { outputs: [{ ...moved(input, input).outputs[0]!, dtype: node.any(1).dtype }], macs: sizeOf(input.shape) };
}

function castTo(node: OnnxOperator, dtype: ComputedDtype, rule: known.KnownRule): OperatorCost {
  const input = node.any(0);
  const result = node.evaluated(dtype, rule);
  return result ?? elementwise(input, dtype);
}

/** @throws ModelError where the inputs are of several types, as no operator of arithmetic takes them */
function sameDtype(node: OnnxOperator): ComputedDtype {
  const [first, ...others] = node.all();
  if (first === undefined) return fail(node.what, "an input", "none");
  const other = others.find(({ dtype }) => dtype !== first.dtype);
  if (other !== undefined) fail(node.what, `inputs of one type, ${first.dtype} as the first`, other.dtype);
  return first.dtype;
}
