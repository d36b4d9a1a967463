/** What rules for ops ask of an op's inputs: how many, numbers that are known, axes within one query. */
import { fail } from "../../model-json.ts";
import { type BatchedTensor, isMultiple, type Known, moved, type OperatorCost } from "../../tensors/batched-tensor.ts";
import { knownCost } from "../../tensors/known-numbers.ts";
import type { GraphNode } from "./graph-node.ts";

export type Inputs = readonly BatchedTensor[];
export type PlacedShape = Pick<BatchedTensor, "shape" | "batch">;

/** The first `count` inputs, of exactly that many. */
export function take(node: GraphNode, inputs: Inputs, count: 1): [BatchedTensor];
export function take(node: GraphNode, inputs: Inputs, count: 2): [BatchedTensor, BatchedTensor];
export function take(node: GraphNode, inputs: Inputs, count: 3): [BatchedTensor, BatchedTensor, BatchedTensor];
export function take(node: GraphNode, inputs: Inputs, count: number): BatchedTensor[] {
  return inputs.length === count ? [...inputs] : fail(node.what, `${count} inputs`, inputs.length);
}

/** Kernels of WebAssembly that have nothing for true and false leave their answer as memory was. */
export function requireNoBooleans(node: GraphNode, inputs: Inputs): void {
  if (inputs.some(({ dtype }) => dtype === "bool"))
    fail(node.what, "numbers, which Cast makes of true and false", "bool");
}

export function knownOf(node: GraphNode, input: BatchedTensor, name: string): readonly Known[] {
  return input.values ?? fail(`${node.what}: ${name}`, "a constant of whole numbers", "fractions, or what is computed");
}

/** The same where the batch has no place among them. */
export function fixedNumbersOf(node: GraphNode, input: BatchedTensor, name: string): readonly number[] {
  const values = knownOf(node, input, name);
  return values.some(isMultiple)
    ? fail(`${node.what}: ${name}`, "numbers that do not depend on the batch", "the batch's size")
    : (values as readonly number[]);
}

/** @returns axes >= 0, never the batch's */
export function ownAxes(node: GraphNode, { shape, batch }: PlacedShape, axes: readonly number[]): number[] {
  return axes.map((given) => {
    const axis = given < 0 ? given + shape.length : given;
    return axis >= 0 && axis < shape.length && axis !== batch?.axis
      ? axis
      : fail(`${node.what}: axis`, "an axis within one query", given);
  });
}

export const ownAxis = (node: GraphNode, placed: PlacedShape, axis: number): number =>
  ownAxes(node, placed, [axis])[0]!;

/** Keeps numbers that are known, where the shape alone changes. */
export function movedOrKnown(input: BatchedTensor, placed: PlacedShape): OperatorCost {
  if (input.values === null || placed.batch !== null) return moved(input, placed);
  return knownCost(input.values, placed.shape, input.dtype);
}
