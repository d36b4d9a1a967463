/** Operators with a window that slides over the places of an image, channels first: convolutions and pools, in 1 to 3 dimensions. */
import { fail } from "../../model-json.ts";
import { elementwise, floatTensor, type OnnxCost, type OnnxOperator, perQuery } from "./onnx-operator.ts";

export function conv(node: OnnxOperator): OnnxCost {
  node.atMost(3);
  const [batch, channels, ...places] = image(node);
  const [filters, depth, ...kernel] = node.constant(1)?.shape ?? fail(node.what, "a filter", "none");
  const group = node.integer("group", 1);
  if (group < 1 || depth! * group !== channels || filters! % group !== 0 || kernel.length !== places.length) {
    fail(node.what, `a filter for ${channels} channels in ${group} groups`, [filters, depth, ...kernel]);
  }
  requireBias(node, filters!);
  const shape = [batch!, filters!, ...slide(node, places, kernel)];
  const taps = depth! * product(kernel);
  const outPlaces = product(shape.slice(2));
  // Of few places and many filters onnxruntime unfolds the image; else it does so in small pieces.
  const perRun = filters! > outPlaces ? taps * outPlaces : 0;
  return { outputs: [floatTensor(shape)], macs: perQuery(shape) * taps, perRun };
}

export function convTranspose(node: OnnxOperator): OnnxCost {
  node.atMost(3);
  const [batch, channels, ...places] = image(node);
  const [depth, perGroup, ...kernel] = node.constant(1)?.shape ?? fail(node.what, "a filter", "none");
  const group = node.integer("group", 1);
  if (group < 1 || depth !== channels || depth! % group !== 0 || kernel.length !== places.length) {
    fail(node.what, `a filter for ${channels} channels in ${group} groups`, [depth, perGroup, ...kernel]);
  }
  requireBias(node, perGroup! * group);
  if (node.list("output_shape") !== null || !isExplicit(node)) {
    fail(node.what, "pads, without auto_pad and output_shape", "one of them");
  }
  const { strides, dilations, pads } = windowOf(node, kernel);
  const extra = node.list("output_padding") ?? kernel.map(() => 0);
  const out = places.map((length, d) => {
    const reach = (kernel[d]! - 1) * dilations[d]! + 1;
    return strides[d]! * (length - 1) + (extra[d] ?? 0) + reach - pads[d]! - pads[d + kernel.length]!;
  });
  if (extra.length !== kernel.length || extra.some((n) => n < 0) || out.some((length) => length < 1)) {
    fail(node.what, "an output with places", out);
  }
  const macs = product(places) * channels! * perGroup! * product(kernel);
  // The product with the filter, before it is added up where windows overlap.
  const perRun = product(places) * perGroup! * product(kernel);
  return { outputs: [floatTensor([batch!, perGroup! * group, ...out])], macs, perRun };
}

export function pool(node: OnnxOperator): OnnxCost {
  node.atMost(1);
  if (node.outputCount !== 1) fail(node.what, "one output", node.outputCount);
  const [batch, channels, ...places] = image(node);
  const kernel = node.list("kernel_shape") ?? [];
  if (kernel.length !== places.length) fail(`${node.what}: kernel_shape`, `${places.length} numbers`, kernel);
  const shape = [batch!, channels!, ...slide(node, places, kernel)];
  return { outputs: [floatTensor(shape)], macs: perQuery(shape) * product(kernel) };
}

export function globalPool(node: OnnxOperator): OnnxCost {
  node.atMost(1);
  const [batch, channels, ...places] = image(node);
  return { outputs: [floatTensor([batch!, channels!, ...places.map(() => 1)])], macs: channels! * product(places) };
}

/** BatchNormalization, InstanceNormalization, GroupNormalization, LRN: what they say of one query depends on that query alone. */
export function imageNorm(constants: number): (node: OnnxOperator) => OnnxCost {
  return (node) => {
    node.atMost(1 + constants);
    for (let place = 1; place <= constants; place++) node.constant(place) ?? fail(node.what, `input ${place}`, "none");
    if (node.integer("training_mode", 0) !== 0 || node.integer("spatial", 1) !== 1 || node.outputCount !== 1) {
      fail(node.what, "a norm as it is after training, one output", "one in training");
    }
    const shape = node.floats(0).shape;
    if (shape.length < 2) fail(node.what, "a batch and channels", shape);
    // GroupNormalization is made of other operators; LRN adds up squares beside.
    return { ...elementwise(shape), scratch: 4 * perQuery(shape) };
  };
}

function image(node: OnnxOperator): readonly number[] {
  const { shape } = node.floats(0);
  return shape.length >= 3 && shape.length <= 5
    ? shape
    : fail(node.what, "batch x channels x 1 to 3 dimensions", shape);
}

function requireBias(node: OnnxOperator, filters: number): void {
  const bias = node.constant(2);
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== filters)) {
    fail(node.what, `a bias of ${filters} numbers`, bias.shape);
  }
}

const isExplicit = (node: OnnxOperator): boolean => node.text("auto_pad", "NOTSET") === "NOTSET";

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

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);
