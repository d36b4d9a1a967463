/** Operators with a window that slides over the places of an image, channels first: convolutions and pools, in 1 to 3 dimensions. */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  elementwise,
  type OperatorCost,
  sameBatch,
  shapesInWords,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import type { OnnxOperator } from "./onnx-operator.ts";

/** Shape of a convolution's answer, and multiply-adds for each of its numbers. */
export interface Convolution {
  readonly shape: readonly number[];
  readonly taps: number;
}

export function conv(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const input = node.floats(0);
  const filter = node.requiredConstant(1, "a filter");
  const convolution = convolved(node, input, filter);
  requireBias(node, node.constant(2), filter.shape[0]!);
  return convolutionCost(input, convolution);
}

export function convolved(node: OnnxOperator, input: BatchedTensor, filter: BatchedTensor): Convolution {
  const [batch, channels, ...places] = image(node, input);
  const [filters, depth, ...kernel] = filter.shape;
  const group = node.integer("group", 1);
  if (group < 1 || depth! * group !== channels || filters! % group !== 0 || kernel.length !== places.length) {
    fail(node.what, `a filter for ${channels} channels in ${group} groups`, filter.shape);
  }
  return { shape: [batch!, filters!, ...slide(node, places, kernel)], taps: depth! * sizeOf(kernel) };
}

export function convolutionCost(input: BatchedTensor, { shape, taps }: Convolution, dtype = input.dtype): OperatorCost {
  const outPlaces = sizeOf(shape.slice(2));
  // Of few places and many filters onnxruntime unfolds the image; else it does so in small pieces.
  const perRun = shape[1]! > outPlaces ? taps * outPlaces : 0;
  return { outputs: [tensor({ shape, batch: input.batch }, dtype)], macs: sizeOf(shape) * taps, perRun };
}

export function convTranspose(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const input = node.floats(0);
  const [batch, channels, ...places] = image(node, input);
  const filter = node.requiredConstant(1, "a filter");
  const [depth, perGroup, ...kernel] = filter.shape;
  const group = node.integer("group", 1);
  if (group < 1 || depth !== channels || depth! % group !== 0 || kernel.length !== places.length) {
    fail(node.what, `a filter for ${channels} channels in ${group} groups`, filter.shape);
  }
  requireBias(node, node.constant(2), perGroup! * group);
  const { strides, dilations, pads } = windowOf(node, kernel);
  const extra = node.list("output_padding") ?? kernel.map(() => 0);
  const how = node.text("auto_pad", "NOTSET");
  // With the batch and the channels in front, as some write it.
  const told = node.list("output_shape")?.slice(-kernel.length) ?? null;
  const out = places.map((length, d) => {
    if (told !== null) return told[d] ?? 0;
    if (how === "SAME_UPPER" || how === "SAME_LOWER") return strides[d]! * length + (extra[d] ?? 0);
    const reach = (kernel[d]! - 1) * dilations[d]! + 1;
    return (
      strides[d]! * (length - 1) + (extra[d] ?? 0) + reach - (how === "VALID" ? 0 : pads[d]! + pads[d + kernel.length]!)
    );
  });
  if (extra.length !== kernel.length || extra.some((n) => n < 0) || out.some((length) => length < 1)) {
    fail(node.what, "an output with places", out);
  }
  const macs = batch! * sizeOf(places) * channels! * perGroup! * sizeOf(kernel);
  // The product with the filter, before it is added up where windows overlap.
  const perRun = sizeOf(places) * perGroup! * sizeOf(kernel);
  const placed = { shape: [batch!, perGroup! * group, ...out], batch: input.batch };
  return { outputs: [tensor(placed, input.dtype)], macs, perRun };
}

export function pool(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  // The places that MaxPool can tell beside count through the whole batch.
  node.giving(1);
  const input = node.any(0);
  const [batch, channels, ...places] = image(node, input);
  const kernel = node.list("kernel_shape") ?? [];
  if (kernel.length !== places.length) fail(`${node.what}: kernel_shape`, `${places.length} numbers`, kernel);
  const shape = [batch!, channels!, ...slide(node, places, kernel)];
  const macs = sizeOf(shape) * sizeOf(kernel);
  return { outputs: [tensor({ shape, batch: input.batch }, input.dtype)], macs };
}

export function globalPool(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const input = node.any(0);
  const [batch, channels, ...places] = image(node, input);
  const placed = { shape: [batch!, channels!, ...places.map(() => 1)], batch: input.batch };
  return { outputs: [tensor(placed, input.dtype)], macs: sizeOf(input.shape) };
}

/** BatchNormalization, InstanceNormalization, GroupNormalization, LRN: what they say of one query depends on that query alone. */
export function imageNorm(constants: number): (node: OnnxOperator) => OperatorCost {
  return (node) => {
    node.atMost(1 + constants);
    for (let place = 1; place <= constants; place++) node.requiredConstant(place, `input ${place}`);
    if (node.integer("training_mode", 0) !== 0 || node.integer("spatial", 1) !== 1 || node.outputCount !== 1) {
      fail(node.what, "a norm as it is after training, one output", "one in training");
    }
    const input = node.floats(0);
    if (input.shape.length < 2) fail(node.what, "a batch and channels", shapesInWords([input]));
    node.requireBatchFirst(input);
    // GroupNormalization is made of other operators; LRN adds up squares beside.
    return elementwise(input, input.dtype, 4 * sizeOf(input.shape));
  };
}

/** Samples an image at places that a grid names: one grid for each query. */
export function gridSample(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const [input, grid] = [node.floats(0), node.floats(1)];
  const [batch, channels, ...places] = image(node, input);
  const isRight =
    grid.shape.length === input.shape.length &&
    grid.shape.at(-1) === places.length &&
    grid.shape[0] === batch &&
    sameBatch(grid.batch, input.batch);
  if (!isRight) fail(node.what, "a grid for each image", shapesInWords([input, grid]));
  const placed = { shape: [batch!, channels!, ...grid.shape.slice(1, -1)], batch: input.batch };
  return { outputs: [tensor(placed, input.dtype)], macs: sizeOf(placed.shape) * 4 ** places.length };
}

export function image(node: OnnxOperator, input: BatchedTensor): readonly number[] {
  node.requireBatchFirst(input);
  return input.shape.length >= 3 && input.shape.length <= 5
    ? input.shape
    : fail(node.what, "batch x channels x 1 to 3 dimensions", shapesInWords([input]));
}

export function requireBias(node: OnnxOperator, bias: BatchedTensor | null, filters: number): void {
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== filters)) {
    fail(node.what, `a bias of ${filters} numbers`, bias.shape);
  }
}

function windowOf(node: OnnxOperator, kernel: readonly number[]) {
  const ones = kernel.map(() => 1);
  const strides = node.list("strides") ?? ones;
  const dilations = node.list("dilations") ?? ones;
  const pads = node.list("pads") ?? [...kernel, ...kernel].map(() => 0);
  const named = node.list("kernel_shape") ?? kernel;
  const lengths = [strides.length, dilations.length, pads.length / 2];
  if (
    lengths.some((length) => length !== kernel.length) ||
    [...kernel, ...strides, ...dilations].some((n) => n < 1) ||
    pads.some((n) => n < 0) ||
    named.join() !== kernel.join()
  ) {
    fail(node.what, "strides and dilations >= 1 and pads >= 0 for each dimension", {
      strides,
      dilations,
      pads,
      kernel,
    });
  }
  return { strides, dilations, pads };
}

/** floor((n + pads - reach) / stride) + 1 places; of pools with ceil_mode those too that begin inside and end beyond. */
function slide(node: OnnxOperator, places: readonly number[], kernel: readonly number[]): number[] {
  const { strides, dilations, pads } = windowOf(node, kernel);
  const how = node.text("auto_pad", "NOTSET");
  const rounded = node.integer("ceil_mode", 0) === 0 ? Math.floor : Math.ceil;
  return places.map((length, d) => {
    const [stride, reach] = [strides[d]!, (kernel[d]! - 1) * dilations[d]! + 1];
    if (how === "SAME_UPPER" || how === "SAME_LOWER") return Math.ceil(length / stride);
    const [before, after] = how === "VALID" ? [0, 0] : [pads[d]!, pads[d + kernel.length]!];
    let out = rounded((length + before + after - reach) / stride) + 1;
    if (rounded === Math.ceil && (out - 1) * stride >= length + before) out--;
    return out >= 1 ? out : fail(node.what, `at least ${reach} places under the window`, length);
  });
}
