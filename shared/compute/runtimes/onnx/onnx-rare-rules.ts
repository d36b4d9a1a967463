/** Operators that few exporters write: bits, sequences that go backwards, matrices, and images that are cut out, folded or laid on a grid. */
import { fail } from "../../model-json.ts";
import {
  broadcast,
  elementwise,
  isMultiple,
  knownInWords,
  lengthsOf,
  moved,
  type OperatorCost,
  perQuery,
  sameBatch,
  shapesInWords,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import { placedAs } from "../../tensors/moves.ts";
import { computedDtype, dataTypeName } from "./onnx-dtypes.ts";
import type { OnnxOperator } from "./onnx-operator.ts";

/** BitShift, BitwiseAnd, BitwiseNot and their kin: whole numbers alone. */
export function bits(node: OnnxOperator): OperatorCost {
  const count = node.op === "BitwiseNot" ? 1 : 2;
  node.atMost(count);
  const inputs = node.all();
  const [first] = inputs;
  if (first === undefined || inputs.length < count) return fail(node.what, `${count} inputs`, inputs.length);
  const isWhole = /int/.test(first.dtype) && inputs.every(({ dtype }) => dtype === first.dtype);
  if (!isWhole)
    fail(
      node.what,
      "whole numbers of one type",
      inputs.map(({ dtype }) => dtype),
    );
  return elementwise(broadcast(node.what, inputs), first.dtype);
}

/** Each sequence of the batch backwards, up to its own length. */
export function reverseSequence(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const [input, lengths] = [node.any(0), node.any(1)];
  const [time, rows] = [node.integer("time_axis", 0), node.integer("batch_axis", 1)];
  const isRight =
    ((time === 0 && rows === 1) || (time === 1 && rows === 0)) &&
    input.shape.length >= 2 &&
    lengths.shape.length === 1 &&
    lengths.shape[0] === input.shape[rows] &&
    (input.batch === null || (input.batch.axis === rows && sameBatch(lengths.batch, { ...input.batch, axis: 0 }))) &&
    (input.batch !== null || lengths.batch === null);
  if (!isRight) fail(node.what, "a length for each row of the batch", shapesInWords([input, lengths]));
  return moved(input, input);
}

/** Ones on a diagonal: the shape of its input alone counts. */
export function eyeLike(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const { shape, batch, dtype } = node.any(0);
  if (shape.length !== 2 || batch !== null)
    fail(node.what, "a matrix without the batch", shapesInWords([{ shape, batch }]));
  const to = node.integer("dtype", 0);
  const made = to === 0 ? dtype : computedDtype(to);
  return elementwise({ shape, batch }, made ?? fail(`${node.what}: dtype`, "numbers", dataTypeName(to)));
}

/** The determinant of each matrix. */
export function determinant(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const input = node.floats(0);
  const [rows, columns] = input.shape.slice(-2);
  if (input.shape.length < 2 || rows !== columns) fail(node.what, "square matrices", shapesInWords([input]));
  node.ownAxis(input, -1);
  node.ownAxis(input, -2);
  const placed = { shape: input.shape.slice(0, -2), batch: input.batch };
  return { outputs: [tensor(placed, input.dtype)], macs: sizeOf(input.shape) * rows!, scratch: sizeOf(input.shape) };
}

/** Cut out of the middle, or filled up around it. */
export function centerCropPad(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  const rank = input.shape.length;
  const axes = node.list("axes")?.map((axis) => node.axis(rank, axis)) ?? [...input.shape.keys()];
  const wanted = node.knownAt(1, "shape") ?? fail(node.what, "a shape", "none");
  if (wanted.length !== axes.length) fail(`${node.what}: shape`, `${axes.length} numbers`, knownInWords(wanted));
  const lengths = lengthsOf(input);
  const isRight = axes.every((axis, i) => {
    const length = wanted[i]!;
    if (axis !== input.batch?.axis) return !isMultiple(length) && Number.isSafeInteger(length) && length >= 1;
    const own = lengths[axis]!;
    return isMultiple(length) && isMultiple(own) && length.batch === own.batch;
  });
  if (!isRight) fail(`${node.what}: shape`, "sizes above 0 that leave the batch as it is", knownInWords(wanted));
  const shape = axes.reduce((all, axis, i) => all.with(axis, perQuery(wanted[i]!)), [...input.shape]);
  // A function of other operators: it slices, then it pads.
  return { ...moved(input, { shape, batch: input.batch }), scratch: 2 * Math.max(sizeOf(shape), sizeOf(input.shape)) };
}

/** Col2Im: blocks that were unfolded become an image again; where they overlap they are added up. */
export function columnsToImage(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const input = node.floats(0);
  node.requireBatchFirst(input);
  const [image, block] = [node.numbersAt(1, "image_shape") ?? [], node.numbersAt(2, "block_shape") ?? []];
  const ones = image.map(() => 1);
  const [strides, dilations] = [node.list("strides") ?? ones, node.list("dilations") ?? ones];
  const pads = node.list("pads") ?? [...ones, ...ones].map(() => 0);
  const [batch, depth, columns, ...more] = input.shape;
  const lengths = [block.length, strides.length, dilations.length, pads.length / 2];
  const isWhole =
    image.length > 0 &&
    lengths.every((length) => length === image.length) &&
    [...image, ...block, ...strides, ...dilations].every((n) => Number.isSafeInteger(n) && n >= 1) &&
    pads.every((n) => n >= 0);
  if (!isWhole)
    return fail(node.what, "an image, a block, strides and dilations of as many numbers above 0", { image, block });
  const places = image.map((length, d) => {
    const reach = (block[d]! - 1) * dilations[d]! + 1;
    return Math.floor((length + pads[d]! + pads[d + image.length]! - reach) / strides[d]!) + 1;
  });
  const channels = depth! / sizeOf(block);
  if (
    more.length > 0 ||
    places.some((count) => count < 1) ||
    columns !== sizeOf(places) ||
    !Number.isInteger(channels)
  ) {
    fail(node.what, `columns of blocks, ${sizeOf(places)} of them`, shapesInWords([input]));
  }
  const placed = { shape: [batch!, channels, ...image], batch: input.batch };
  return { outputs: [tensor(placed, input.dtype)], macs: sizeOf(input.shape), scratch: sizeOf(placed.shape) };
}

/** A grid for GridSample: theta, batch x 2 x 3 or batch x 3 x 4, and the size of the images. */
export function affineGrid(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const theta = node.floats(0);
  const size = placedAs(node.what, node.knownAt(1, "size") ?? fail(node.what, "a size", "none"));
  const [batch, , ...places] = size.shape;
  const [rows, dimensions, columns] = theta.shape;
  const isRight =
    (places.length === 2 || places.length === 3) &&
    theta.shape.length === 3 &&
    rows === batch &&
    dimensions === places.length &&
    columns === places.length + 1 &&
    sameBatch(theta.batch, size.batch);
  if (!isRight) fail(node.what, "a matrix for each image of the size", shapesInWords([theta, size]));
  node.requireBatchFirst(theta);
  const placed = { shape: [batch!, ...places, places.length], batch: theta.batch };
  const macs = sizeOf(placed.shape) * columns!;
  return {
    outputs: [tensor(placed, theta.dtype)],
    macs,
    scratch: 2 * sizeOf(placed.shape),
    perRun: sizeOf(places) * columns!,
  };
}
