/** Operators that pick numbers by their places, or tell places: along an axis of one query, never along the batch. */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  elementwise,
  moved,
  type OperatorCost,
  resized,
  sameBatch,
  shapesInWords,
  shifted,
  sizeOf,
  tensor,
  without,
} from "../../tensors/batched-tensor.ts";
import { knownCost } from "../../tensors/known-numbers.ts";
import type { OnnxOperator } from "./onnx-operator.ts";

export function gather(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const [data, indices] = [node.any(0), node.any(1)];
  const axis = node.axis(data.shape.length, node.integer("axis", 0));
  const length = data.shape[axis]!;
  const known = indices.values === null ? null : node.numbersAt(1, "indices")!;
  if (known?.some((index) => index < -length || index >= length)) fail(node.what, `indices below ${length}`, known);
  if (data.values !== null && known !== null && data.shape.length === 1) {
    const values = node.valuesOf(0)!;
    const picked = known.map((index) => values.at(index)!);
    return knownCost(picked, indices.shape, data.dtype);
  }
  node.ownAxis(data, axis);
  requireOneBatch(node, data, indices);
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  const ownBatch =
    data.batch !== null && data.batch.axis > axis ? shifted(data.batch, indices.shape.length - 1) : data.batch;
  return moved(data, { shape, batch: ownBatch ?? shifted(indices.batch, axis) });
}

/** For each place of the indices the number of the data there, but for one axis. */
export function gatherElements(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const [data, indices] = [node.any(0), node.any(1)];
  requireWithin(node, data, indices);
  return moved(data, indices);
}

export function scatterElements(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const [data, indices, updates] = [node.any(0), node.any(1), node.any(2)];
  requireWithin(node, data, indices);
  if (updates.shape.join() !== indices.shape.join() || !sameBatch(updates.batch, indices.batch)) {
    fail(node.what, "an update for each index", shapesInWords([indices, updates]));
  }
  return { ...moved(data, data), macs: sizeOf(indices.shape) };
}

function requireWithin(node: OnnxOperator, data: BatchedTensor, indices: BatchedTensor): void {
  const axis = node.ownAxis(data, node.integer("axis", 0));
  const isLike =
    indices.shape.length === data.shape.length &&
    sameBatch(indices.batch, data.batch) &&
    indices.shape.every((length, at) => at === axis || length <= data.shape[at]!);
  if (!isLike)
    fail(
      node.what,
      `indices of the shape of what they pick from, but along axis ${axis}`,
      shapesInWords([data, indices]),
    );
}

export function gatherNd(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const [data, indices] = [node.any(0), node.any(1)];
  const shared = node.integer("batch_dims", 0);
  const depth = indices.shape.at(-1) ?? 0;
  const isRight =
    depth >= 1 &&
    indices.batch?.axis !== indices.shape.length - 1 &&
    shared + depth <= data.shape.length &&
    data.shape.slice(0, shared).join() === indices.shape.slice(0, shared).join();
  if (!isRight) fail(node.what, "indices that point into it", shapesInWords([data, indices]));
  const front = indices.shape.length - 1;
  const shape = [...indices.shape.slice(0, -1), ...data.shape.slice(shared + depth)];
  const place = data.batch?.axis ?? -1;
  if (data.batch !== null && place < shared) {
    if (!sameBatch(data.batch, indices.batch)) fail(node.what, "the batch in both", shapesInWords([data, indices]));
    return moved(data, { shape, batch: data.batch });
  }
  requireOneBatch(node, data, indices);
  if (data.batch !== null && place < shared + depth) failAcross(node);
  return moved(data, { shape, batch: indices.batch ?? shifted(data.batch, front - shared - depth) });
}

export function scatterNd(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const [data, indices, updates] = [node.any(0), node.any(1), node.any(2)];
  const depth = indices.shape.at(-1) ?? 0;
  const front = indices.shape.length - 1;
  const wanted = [...indices.shape.slice(0, -1), ...data.shape.slice(depth)];
  if (depth < 1 || depth > data.shape.length || updates.shape.join() !== wanted.join()) {
    fail(node.what, `updates of shape [${wanted}]`, shapesInWords([updates]));
  }
  if (data.batch !== null && data.batch.axis < depth) failAcross(node);
  // What is written into lies in rows of its own, or all of it is without a batch.
  const isRight = indices.batch === null && sameBatch(updates.batch, shifted(data.batch, front - depth));
  if (!isRight) fail(node.what, "updates with the batch of what they go into", shapesInWords([data, indices, updates]));
  return { ...moved(data, data), macs: sizeOf(updates.shape) };
}

function failAcross(node: OnnxOperator): never {
  return fail(node.what, "indices within one query (or a batch of 1)", "indices into the batch");
}

function requireOneBatch(node: OnnxOperator, data: BatchedTensor, indices: BatchedTensor): void {
  if (data.batch !== null && indices.batch !== null) {
    fail(node.what, "the batch in what it picks from or in the indices (or a batch of 1)", "both");
  }
}

export function argMax(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const input = node.any(0);
  const axis = node.ownAxis(input, node.integer("axis", 0));
  const placed = without(input, [axis], node.integer("keepdims", 1) !== 0);
  return { outputs: [tensor(placed, "int64")], macs: sizeOf(input.shape) };
}

/** The largest along an axis, and where they are. How many is an input since opset 10. */
export function topK(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  node.giving(2);
  const input = node.any(0);
  const axis = node.ownAxis(input, node.integer("axis", -1));
  const length = input.shape[axis]!;
  const count = node.inputCount > 1 ? node.numbersAt(1, "k")?.[0] : node.integer("k", 0);
  if (count === undefined || count < 1 || count > length) {
    return fail(`${node.what}: k`, `1 to ${length}, which there are along axis ${axis}`, count);
  }
  const placed = resized(input, axis, count);
  const macs = sizeOf(input.shape) * Math.max(1, Math.ceil(Math.log2(length)));
  return { outputs: [tensor(placed, input.dtype), tensor(placed, "int64")], macs, scratch: 2 * length };
}

export function oneHot(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const indices = node.any(0);
  const depth = node.numbersAt(1, "depth")?.[0] ?? 0;
  if (!(depth >= 1)) fail(`${node.what}: depth`, "a number above 0", depth);
  const axis = node.axis(indices.shape.length + 1, node.integer("axis", -1));
  const shape = indices.shape.toSpliced(axis, 0, depth);
  const isBefore = indices.batch !== null && axis <= indices.batch.axis;
  return elementwise({ shape, batch: shifted(indices.batch, isBefore ? 1 : 0) }, node.any(2).dtype);
}

export function cumSum(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  const axis = node.numbersAt(1, "axis")?.[0];
  node.ownAxis(input, axis ?? fail(`${node.what}: axis`, "an axis", "none"));
  return elementwise(input, input.dtype);
}

export function trilu(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  const rank = input.shape.length;
  if (rank < 2) fail(node.what, "matrices", shapesInWords([input]));
  node.ownAxis(input, -1);
  node.ownAxis(input, -2);
  return moved(input, input);
}
