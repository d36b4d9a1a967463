/**
 * The ops of Graph models that are taken: for each, the shapes it makes and the multiply-adds it costs for one query. No op may reach
 * across the batch (batched-tensor.ts): a query's answer must not depend on the others in its batch.
 */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  broadcast,
  elementwise,
  isMultiple,
  lastTurned,
  moved,
  type OperatorCost,
  shapesInWords,
  sizeOf,
  tensor,
  without,
} from "../../tensors/batched-tensor.ts";
import * as known from "../../tensors/known-numbers.ts";
import { multipliedShapes } from "../../tensors/moves.ts";
import { isExact, isExactReduced } from "../../tensors/sure-numbers.ts";
import { fixedNumbersOf, ownAxes, requireNoBooleans, take } from "./graph-inputs.ts";
import type { GraphNode } from "./graph-node.ts";
import { GRAPH_SHAPE_RULES } from "./graph-shape-rules.ts";
import { GRAPH_WINDOW_RULES, requireKnownFusion } from "./graph-window-rules.ts";

export type OpRule = (node: GraphNode, inputs: readonly BatchedTensor[]) => OperatorCost;

export const GRAPH_RULES: Readonly<Record<string, OpRule>> = {
  ...named("Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor LeakyRelu Log Log1p", unary),
  ...named("LogSoftmax LogicalNot Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softmax", unary),
  ...named("Softplus Sqrt Square Tan Tanh ZerosLike OnesLike ClipByValue", unary),
  ...named("Div DivNoNan FloorMod Mod Pow RealDiv SquaredDifference", binary),
  Prelu: prelu,
  Add: arithmetic(known.add),
  AddV2: arithmetic(known.add),
  FloorDiv: arithmetic(known.divideDown),
  Maximum: arithmetic(known.larger),
  Minimum: arithmetic(known.smaller),
  Mul: arithmetic(known.multiply),
  Sub: arithmetic(known.subtract),
  Equal: comparison(known.isEqual),
  Greater: comparison(known.isGreater),
  GreaterEqual: comparison(known.isAtLeast),
  Less: comparison(known.isLess),
  LessEqual: comparison(known.isAtMost),
  LogicalAnd: comparison(known.both),
  LogicalOr: comparison(known.either),
  NotEqual: comparison(null),
  ...named("Select SelectV2", select),
  AddN: addN,
  Cast: cast,
  BiasAdd: biasAdd,

  ...named("All Any Max Mean Min Prod Sum", reduce),
  ...named("MatMul _FusedMatMul", matMul),
  ...named("BatchMatMul BatchMatMulV2", batchMatMul),
  ...GRAPH_SHAPE_RULES,
  ...GRAPH_WINDOW_RULES,
};

/** Inputs that are read as a shape, where the size of the batch has its place. */
const SHAPE_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Conv2DBackpropInput: [0],
  Fill: [0],
  Reshape: [1],
  Slice: [2],
  StridedSlice: [2],
};

/** @throws ModelError where how many queries go through at once would be a number that is computed with */
export function requireNoBatchSize(node: GraphNode, inputs: readonly BatchedTensor[], cost: OperatorCost): void {
  if (cost.outputs.every(({ values }) => values !== null)) return;
  for (const [place, { values }] of inputs.entries()) {
    if (values?.some(isMultiple) && !SHAPE_INPUTS[node.op]?.includes(place)) {
      fail(node.what, "numbers that do not depend on the batch", "the batch's size");
    }
  }
}

function named(names: string, rule: OpRule): Record<string, OpRule> {
  return Object.fromEntries(names.split(" ").map((name) => [name, rule]));
}

/** Kernels of WebAssembly that have nothing for a type leave their answer as memory was, which another model may have used. */
const OF_ANY_TYPE = ["LogicalNot", "OnesLike", "ZerosLike"];
const OF_FLOATS = ["Acosh", "Asinh", "Erf", "Log1p"];

function unary(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const [input] = node.op === "ClipByValue" ? take(node, inputs, 3) : take(node, inputs, 1);
  if (!OF_ANY_TYPE.includes(node.op)) requireNoBooleans(node, [input]);
  if (OF_FLOATS.includes(node.op) && input.dtype !== "float32") fail(node.what, "float32", input.dtype);
  const isSoftmax = node.op === "Softmax" || node.op === "LogSoftmax";
  if (isSoftmax && input.batch?.axis === input.shape.length - 1) {
    fail(node.what, "a dimension beside the batch", shapesInWords([input]));
  }
  // tfjs makes it of five others.
  return elementwise(input, input.dtype, node.op === "LogSoftmax" ? 5 * sizeOf(input.shape) : 0);
}

function binary(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const [a, b] = take(node, inputs, 2);
  requireNoBooleans(node, [a, b]);
  const placed = broadcast(node.what, [a, b]);
  // tfjs divides, looks where it may not have, and chooses.
  return elementwise(placed, a.dtype, node.op === "DivNoNan" ? 3 * sizeOf(placed.shape) : 0);
}

/** @returns null where tfjs could get another number than this does */
function computed(
  node: GraphNode,
  inputs: readonly BatchedTensor[],
  dtype: BatchedTensor["dtype"],
  rule: known.KnownRule,
): OperatorCost | null {
  if (!inputs.every(isExact)) return null;
  const cost = known.evaluated(node.what, inputs, dtype, rule);
  return cost?.outputs.every(isExact) ? cost : null;
}

/** WebAssembly takes as many numbers in a row as there are slopes, and leaves what is over as its memory was. */
function prelu(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const [x, slopes] = take(node, inputs, 2);
  const own = slopes.shape.slice(slopes.shape.findIndex((length) => length !== 1));
  const inner = x.shape.slice((x.batch?.axis ?? -1) + 1);
  const isOfEach =
    slopes.batch === null && own.length <= inner.length && own.join() === inner.slice(-own.length).join();
  if (!isOfEach && sizeOf(slopes.shape) !== 1) {
    fail(node.what, "a slope for each number along the last axes", shapesInWords([x, slopes]));
  }
  return binary(node, inputs);
}

function arithmetic(rule: known.KnownRule): OpRule {
  return (node, inputs) => {
    const [a, b] = take(node, inputs, 2);
    requireNoBooleans(node, [a, b]);
    return computed(node, [a, b], a.dtype, rule) ?? binary(node, inputs);
  };
}

function comparison(rule: known.KnownRule | null): OpRule {
  return (node, inputs) => {
    const both = take(node, inputs, 2);
    const result = rule === null ? null : computed(node, both, "bool", rule);
    return result ?? elementwise(broadcast(node.what, both), "bool");
  };
}

function select(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const all = take(node, inputs, 3);
  requireNoBooleans(node, all.slice(1));
  return computed(node, all, all[1].dtype, known.choice) ?? elementwise(broadcast(node.what, all), all[1].dtype);
}

function addN(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const [first] = inputs;
  if (first === undefined) return fail(node.what, "an input", "none");
  const other = inputs.find((one) => shapesInWords([one]) !== shapesInWords([first]));
  if (other !== undefined) fail(node.what, `inputs of one shape, ${shapesInWords([first])}`, shapesInWords([other]));
  const placed = broadcast(node.what, inputs);
  return { ...elementwise(placed, first.dtype, sizeOf(placed.shape)), macs: sizeOf(placed.shape) * inputs.length };
}

function cast(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const [input] = take(node, inputs, 1);
  const dtype = node.dtype("DstT");
  // WebAssembly keeps a number's lowest byte, which may say false where the number is not 0.
  const isBit = input.values?.every((value) => value === 0 || value === 1) ?? false;
  if (dtype === "bool" && !isBit) return elementwise(input, dtype);
  return computed(node, [input], dtype, known.castTo(dtype)) ?? elementwise(input, dtype);
}

function reduce(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const [input, axisTensor] = take(node, inputs, 2);
  if (node.op !== "All" && node.op !== "Any") requireNoBooleans(node, [input]);
  const axes = ownAxes(node, input, fixedNumbersOf(node, axisTensor, "axis"));
  const placed = without(input, axes, node.flag("keep_dims", false));
  const rule = ({ Max: known.larger, Min: known.smaller, Prod: known.multiply, Sum: known.add } as const)[node.op];
  const isAll = axes.length === input.shape.length && input.values !== null && input.values.length > 0;
  if (rule !== undefined && isAll && isExactReduced(WAYS[node.op] ?? "one of them", input)) {
    const refuse = (got: unknown): never => fail(node.what, "an answer that the batch does not decide", got);
    const value = input.values!.reduce((all, one) => known.rounded(rule([all, one], refuse), input.dtype, node.what));
    return known.knownCost([value], placed.shape, input.dtype);
  }
  const size = sizeOf(input.shape);
  // Turned first, where it is not reduced along its last axes.
  return { outputs: [tensor(placed, input.dtype)], macs: size, scratch: size };
}

const WAYS: Readonly<Record<string, "sum" | "product">> = { Sum: "sum", Prod: "product" };

function matMul(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  requireKnownFusion(node, inputs);
  const [a, given] = inputs as [BatchedTensor, BatchedTensor];
  if (node.flag("transpose_a", false)) fail(`${node.what}: transpose_a`, "false", true);
  const b = node.flag("transpose_b", false) ? { ...given, shape: given.shape.toReversed() } : given;
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[1] !== b.shape[0]) {
    fail(node.what, `two matrices that go together, ${shapesInWords([a])} first`, b.shape);
  }
  const bias = node.texts("fused_ops")[0] === "BIASADD" ? inputs[2]! : null;
  // WebAssembly reads as many numbers as there are columns, whatever the length.
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== b.shape[1])) {
    fail(node.what, `a bias of ${b.shape[1]} numbers`, bias.shape);
  }
  const { placed, macs } = multipliedShapes(node.what, a, b);
  return { outputs: [tensor(placed)], macs };
}

function batchMatMul(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const [a, b] = take(node, inputs, 2);
  const { placed, macs } = multipliedShapes(
    node.what,
    lastTurned(a, node.flag("adj_x", false)),
    lastTurned(b, node.flag("adj_y", false)),
  );
  return { outputs: [tensor(placed)], macs };
}

function biasAdd(node: GraphNode, inputs: readonly BatchedTensor[]): OperatorCost {
  const [input, bias] = take(node, inputs, 2);
  if (bias.shape.length !== 1 || bias.shape[0] !== input.shape.at(-1) || bias.batch !== null) {
    fail(node.what, `a bias of ${input.shape.at(-1)} numbers`, bias.shape);
  }
  return { ...moved(input, input), macs: sizeOf(input.shape) };
}
