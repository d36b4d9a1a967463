/** Products of matrices, sums along axes, and norms: the batch is an axis beside those that they reach along. */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  type BatchPlace,
  broadcast,
  elementwise,
  isFloat,
  type Known,
  type OperatorCost,
  reordered,
  shapesInWords,
  sizeOf,
  tensor,
  without,
} from "../../tensors/batched-tensor.ts";
import { held, KNOWN_REDUCTIONS, knownCost } from "../../tensors/known-numbers.ts";
import { multipliedShapes } from "../../tensors/moves.ts";
import { isExactReduced } from "../../tensors/sure-numbers.ts";
import type { OnnxOperator } from "./onnx-operator.ts";

type Placed = Pick<BatchedTensor, "shape" | "batch">;

/** The axes are an input since opset 18, of ReduceSum since 13. */
export function reduction(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  const given = node.numbersAt(1, "axes") ?? [];
  if (given.length === 0 && node.integer("noop_with_empty_axes", 0) !== 0) return elementwise(input, input.dtype);
  if (given.length === 0 && input.batch !== null) {
    fail(`${node.what}: axes`, "axes within one query", "none: all of them");
  }
  const axes = given.length === 0 ? [...input.shape.keys()] : given.map((axis) => node.ownAxis(input, axis));
  const placed = without(input, axes, node.integer("keepdims", 1) !== 0);
  const known = reducedKnown(node, input, axes.length, placed.shape);
  if (known !== null) return known;
  const size = sizeOf(input.shape);
  // Turned first, where it is not reduced along its last axes.
  return { outputs: [tensor(placed, input.dtype)], macs: size, scratch: size };
}

function reducedKnown(
  node: OnnxOperator,
  input: BatchedTensor,
  count: number,
  shape: readonly number[],
): OperatorCost | null {
  const rule = Object.hasOwn(KNOWN_REDUCTIONS, node.op) ? KNOWN_REDUCTIONS[node.op]! : null;
  if (rule === null || input.values === null || count !== input.shape.length || input.values.length === 0) return null;
  // Whole numbers go round, and end the same in any order; sums of floats do not.
  const way = ({ ReduceProd: "product", ReduceSum: "sum" } as const)[node.op] ?? "one of them";
  if (isFloat(input.dtype) && way !== "one of them" && !isExactReduced(way, input)) return null;
  const refuse = (got: unknown): never => fail(node.what, "an answer that the batch does not decide", got);
  const [first, ...more] = node.valuesOf(0)!;
  let all: Known | null = first!;
  for (const value of more) {
    all = held(rule([all, value], refuse), input.dtype);
    if (all === null) return null;
  }
  return knownCost([all], shape, input.dtype);
}

/** Before opset 13 it runs over everything from its axis on, 1 unless it says otherwise; since then over the axis, the last. */
export function softmax(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const input = node.floats(0);
  const axis = node.axis(input.shape.length, node.integer("axis", node.opset < 13 ? 1 : -1));
  requireBefore(node, input, node.opset < 13 ? axis : null, axis);
  // Turned to and fro, where the axis is not the last.
  return elementwise(input, input.dtype, 2 * sizeOf(input.shape));
}

/** @param from all axes from here on; null: `axis` alone */
export function requireBefore(node: OnnxOperator, { batch }: Placed, from: number | null, axis: number): void {
  if (batch !== null && (from === null ? batch.axis === axis : batch.axis >= from)) {
    fail(`${node.what}: axis`, "an axis within one query", axis);
  }
}

/** LayerNormalization and RMSNormalization: over everything from an axis on. */
export function layerNorm(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const input = node.floats(0);
  const axis = node.axis(input.shape.length, node.integer("axis", -1));
  requireBefore(node, input, axis, axis);
  node.giving(node.op === "LayerNormalization" ? 3 : 1);
  const normed = { shape: input.shape.slice(axis), batch: null };
  for (const place of [1, 2]) {
    const constant = node.constant(place);
    if (constant !== null) broadcast(node.what, [normed, constant]);
  }
  // onnxruntime turns scales into others of its own; RMSNormalization is a function of other operators.
  const cost = elementwise(input, input.dtype, node.op === "RMSNormalization" ? 4 * sizeOf(input.shape) : 0);
  // Mean and deviation, with a place of 1 for each axis that they are taken over.
  const each = tensor({ shape: input.shape.map((length, at) => (at < axis ? length : 1)), batch: input.batch });
  return { ...cost, outputs: [...cost.outputs, each, each].slice(0, Math.max(1, node.outputCount)) };
}

/** LpNormalization, along one axis. */
export function normAlong(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const input = node.floats(0);
  node.ownAxis(input, node.integer("axis", -1));
  return elementwise(input, input.dtype);
}

/** MeanVarianceNormalization, which reaches across the batch unless it is told not to. */
export function meanVarianceNorm(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const input = node.floats(0);
  for (const axis of node.list("axes") ?? [0, 2, 3]) node.ownAxis(input, axis);
  return elementwise(input, input.dtype, 4 * sizeOf(input.shape));
}

const turned = (input: Placed, isTurned: boolean): Placed => (isTurned ? reordered(input, [1, 0]) : input);

export function gemm(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const [left, right] = [node.any(0), node.any(1)];
  if (left.shape.length !== 2 || right.shape.length !== 2)
    return fail(node.what, "two matrices", shapesInWords([left, right]));
  const a = turned(left, node.integer("transA", 0) !== 0);
  const b = turned(right, node.integer("transB", 0) !== 0);
  const { placed, macs } = multipliedShapes(node.what, a, b);
  const bias = node.optional(2);
  if (bias !== null && broadcast(node.what, [placed, bias]).shape.join() !== placed.shape.join()) {
    fail(node.what, `a bias for ${shapesInWords([placed])}`, shapesInWords([bias]));
  }
  return { outputs: [tensor(placed, left.dtype)], macs };
}

export function matMul(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const [a, b] = [node.any(0), node.any(1)];
  if (isFloat(a.dtype) && a.dtype !== b.dtype) fail(node.what, "matrices of one type", [a.dtype, b.dtype]);
  const { placed, macs } = multipliedShapes(node.what, a, b);
  return { outputs: [tensor(placed, a.dtype)], macs };
}

/** Sums over products by the letters of an equation: the batch keeps its letter. */
export function einsum(node: OnnxOperator): OperatorCost {
  const inputs = node.all();
  const { terms, right } = spelledOut(node.text("equation", ""), inputs);
  if (right === "" || terms.length !== inputs.length || !/^[a-zA-Z]+$/.test(terms.join("") + right)) {
    return fail(`${node.what}: equation`, "letters for each axis of each input", node.text("equation", ""));
  }
  const lengths = new Map<string, number>();
  let batch: { letter: string; place: BatchPlace } | null = null;
  for (const [i, term] of terms.entries()) {
    const input = inputs[i]!;
    if (term.length !== input.shape.length || new Set(term).size !== term.length) {
      fail(`${node.what}: equation`, `a letter of its own for each axis of ${shapesInWords([input])}`, term);
    }
    for (const [axis, letter] of [...term].entries()) {
      const length = input.shape[axis]!;
      const isBatch = input.batch?.axis === axis;
      if (isBatch) {
        const place = input.batch!;
        const isOther = batch !== null && (batch.letter !== letter || batch.place.lead !== place.lead);
        if (isOther) fail(node.what, "one letter for the batch", term);
        batch = { letter, place };
      }
      if ((lengths.get(letter) ?? length) !== length) fail(node.what, `axes '${letter}' of one length`, length);
      lengths.set(letter, length);
    }
  }
  return einsumCost(node, inputs, terms, right, lengths, batch);
}

/**
 * Letters for what an equation leaves open: for dots the axes that have no letter, one for each, and without an arrow those that stand once, in
 * the order of the alphabet, behind the axes of the dots.
 */
function spelledOut(equation: string, inputs: readonly BatchedTensor[]): { terms: string[]; right: string } {
  const [left = "", ...results] = equation.replaceAll(" ", "").split("->");
  const written = left.split(",");
  const taken = new Set(equation);
  const free = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"].filter((letter) => !taken.has(letter));
  const covered = written.map((term, i) =>
    term.includes(DOTS) ? Math.max(0, (inputs[i]?.shape.length ?? 0) - (term.length - DOTS.length)) : 0,
  );
  // Aligned at their last axis, as broadcasting has it.
  const dots = free.slice(0, Math.max(0, ...covered)).join("");
  const terms = written.map((term, i) => term.replace(DOTS, dots.slice(dots.length - covered[i]!)));
  const once = [...new Set(left.replaceAll(/[,.]/g, ""))].filter((letter) => left.split(letter).length === 2);
  const [right = dots + once.sort().join(""), ...more] = results.map((result) => result.replace(DOTS, dots));
  return more.length > 0 ? { terms, right: "" } : { terms, right };
}

const DOTS = "...";

function einsumCost(
  node: OnnxOperator,
  inputs: readonly BatchedTensor[],
  terms: readonly string[],
  result: string,
  lengths: ReadonlyMap<string, number>,
  batch: { letter: string; place: BatchPlace } | null,
): OperatorCost {
  const isMissing = [...result].some((letter) => !lengths.has(letter)) || new Set(result).size !== result.length;
  if (isMissing) fail(`${node.what}: equation`, "a result of its inputs' letters, each once", result);
  // Where an input has the batch's letter, it has the batch: one without it would be as long as one query alone.
  const isMixed =
    batch !== null && terms.some((term, i) => term.includes(batch.letter) !== (inputs[i]!.batch !== null));
  if (batch !== null && (isMixed || !result.includes(batch.letter))) {
    fail(node.what, "the batch's letter in the result", node.text("equation", ""));
  }
  const shape = [...result].map((letter) => lengths.get(letter)!);
  const placed = { shape, batch: batch && { ...batch.place, axis: result.indexOf(batch.letter) } };
  const macs = sizeOf([...lengths.values()]);
  const turnedRoom = inputs.reduce((sum, one) => sum + sizeOf(one.shape), 2 * sizeOf(shape));
  return { outputs: [tensor(placed, inputs[0]!.dtype)], macs, scratch: turnedRoom };
}

/**
 * Attention of opset 23: heads of queries, keys and values, 4 axes, or 3 with the heads folded in.
 */
export function attention(node: OnnxOperator): OperatorCost {
  node.atMost(4);
  node.giving(1);
  const [q, k, v] = [node.floats(0), node.floats(1), node.floats(2)];
  const rank = q.shape.length;
  if ((rank !== 3 && rank !== 4) || k.shape.length !== rank || v.shape.length !== rank) {
    return fail(node.what, "queries, keys and values of 3 or 4 axes", shapesInWords([q, k, v]));
  }
  for (const one of [q, k, v]) node.requireBatchFirst(one);
  const heads = rank === 4 ? q.shape[1]! : node.integer("q_num_heads", 0);
  const keyHeads = rank === 4 ? k.shape[1]! : node.integer("kv_num_heads", 0);
  const [queries, keys] = [q.shape.at(-2)!, k.shape.at(-2)!];
  const depth = v.shape.at(-1)! / (rank === 4 ? 1 : keyHeads);
  const batch = broadcast(
    node.what,
    [q, k, v].map((one) => ({ shape: one.shape.slice(0, 1), batch: one.batch })),
  );
  if (heads < 1 || keyHeads < 1 || !Number.isInteger(depth)) fail(node.what, "numbers of heads", [heads, keyHeads]);
  const mask = node.optional(3);
  if (mask !== null) node.requireBatchFirst(mask);
  const shape = rank === 4 ? [batch.shape[0]!, heads, queries, depth] : [batch.shape[0]!, queries, heads * depth];
  const scores = batch.shape[0]! * heads * queries * keys;
  const macs = queries * keys * (sizeOf(q.shape) / queries + heads * depth);
  const room = 2 * scores + sizeOf(q.shape) + sizeOf(k.shape) + sizeOf(v.shape) + sizeOf(shape);
  return { outputs: [tensor({ shape, batch: batch.batch }, q.dtype)], macs, scratch: 2 * room };
}
