/** Images that become larger or smaller: Resize, and Upsample as it was before opset 10. */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  isMultiple,
  type Known,
  knownInWords,
  lengthsOf,
  type OperatorCost,
  perQuery,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import type { OnnxOperator } from "./onnx-operator.ts";

export function resize(node: OnnxOperator): OperatorCost {
  node.atMost(4);
  const input = node.any(0);
  // What is cut out of it is the same of every image.
  if (node.text("coordinate_transformation_mode", "") === "tf_crop_and_resize") {
    node.requiredConstant(1, "a part of the image (roi) that is a constant");
  }
  const rank = input.shape.length;
  const axes = node.list("axes")?.map((axis) => node.axis(rank, axis)) ?? [...input.shape.keys()];
  const own = lengthsOf(input);
  const sizes = node.opset > 10 && node.optional(3) !== null ? node.knownAt(3, "sizes")! : null;
  const scales = sizes === null ? scalesOf(node) : null;
  const given = sizes ?? scales!;
  if (given.length !== axes.length) fail(node.what, `${axes.length} sizes or scales`, given.length);
  const wanted = own.with(0, own[0]!);
  const policy = node.text("keep_aspect_ratio_policy", "stretch");
  const kept = sizes === null || policy === "stretch" ? null : keptScale(node, policy, own, axes, sizes);
  for (const [i, axis] of axes.entries()) {
    if (kept !== null) wanted[axis] = roundedHalfUp(kept * perQuery(own[axis]!));
    else wanted[axis] = sizes !== null ? sizes[i]! : scaled(own[axis]!, scales![i]!);
  }
  return cost(node, input, wanted);
}

/** One scale for all axes: the smallest or the largest that the sizes ask for. */
function keptScale(
  node: OnnxOperator,
  policy: string,
  own: readonly Known[],
  axes: readonly number[],
  sizes: readonly Known[],
): number {
  if (axes.some((axis) => isMultiple(own[axis]!)) || sizes.some(isMultiple)) {
    fail(`${node.what}: keep_aspect_ratio_policy`, "axes of the image alone (axes=[2, 3])", "the batch among them");
  }
  const scales = axes.map((axis, i) => Math.fround(perQuery(sizes[i]!) / perQuery(own[axis]!)));
  return policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
}

const roundedHalfUp = (value: number): number => Math.floor(Math.fround(value) + 0.5);

export function upsample(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  const scales = node.numbersAt(1, "scales") ?? [];
  const own = lengthsOf(input);
  if (scales.length !== own.length) fail(node.what, `${own.length} scales`, scales.length);
  return cost(
    node,
    input,
    own.map((length, axis) => scaled(length, scales[axis]!)),
  );
}

/** The third input, of opset 10 the second. */
function scalesOf(node: OnnxOperator): readonly number[] {
  const scales = node.numbersAt(node.opset > 10 ? 2 : 1, "scales");
  return scales ?? fail(node.what, "scales or sizes that are constants", "none");
}

/** As the runtime rounds it. */
function scaled(length: Known, scale: number): Known {
  if (isMultiple(length)) return scale === 1 ? length : { batch: Number.NaN };
  return Math.floor(Math.fround(Math.fround(scale) * length));
}

function cost(node: OnnxOperator, input: BatchedTensor, wanted: readonly Known[]): OperatorCost {
  const isRight = wanted.every((length, axis) => {
    if (axis === input.batch?.axis) return isMultiple(length) && length.batch === input.shape[axis];
    return !isMultiple(length) && Number.isSafeInteger(length) && length >= 1;
  });
  if (!isRight) fail(node.what, "sizes above 0 that hold for any batch", knownInWords(wanted));
  const shape = wanted.map(perQuery);
  const mode = node.text("mode", "nearest");
  const grown = shape.filter((length, axis) => length !== input.shape[axis]).length;
  // Cubic weights are computed anew at each place: measured at some thirty multiply-adds a tap.
  const taps = mode === "cubic" ? 32 * 4 ** grown : mode === "nearest" ? 1 : 2 ** grown;
  // With antialias each place takes in all that it covers.
  const covers = node.integer("antialias", 0) === 0 ? 1 : Math.max(1, sizeOf(input.shape) / sizeOf(shape)) * 4;
  const out = tensor({ shape, batch: input.batch }, input.dtype);
  const tables = 8 * shape.slice(-2).reduce((sum, length) => sum + length, 0);
  return { outputs: [out], macs: Math.ceil(sizeOf(shape) * taps * covers), scratch: sizeOf(shape), perRun: tables };
}
