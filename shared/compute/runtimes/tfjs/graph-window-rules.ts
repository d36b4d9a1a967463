/** Ops over the places of an image, channels last: convolutions, pools, and images that change their size. */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  elementwise,
  isMultiple,
  type OperatorCost,
  shapesInWords,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import { type Window, windowOutput } from "./conv-window.ts";
import type { GraphNode } from "./graph-node.ts";

type Inputs = readonly BatchedTensor[];

export const GRAPH_WINDOW_RULES: Readonly<Record<string, (node: GraphNode, inputs: Inputs) => OperatorCost>> = {
  AvgPool: pool,
  BatchToSpaceND: batchToSpace,
  Conv2D: conv2d,
  _FusedConv2D: conv2d,
  Conv2DBackpropInput: convBackprop,
  DepthToSpace: depthToSpace,
  DepthwiseConv2dNative: depthwiseConv2d,
  FusedDepthwiseConv2dNative: depthwiseConv2d,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  MaxPool: pool,
  ResizeBilinear: resizeImage,
  ResizeNearestNeighbor: resizeImage,
  SpaceToBatchND: spaceToBatch,
};

/** Rows, columns, channels. */
function image(node: GraphNode, input: BatchedTensor): [batch: number, number, number, number] {
  // Of a batch fixed at 1 the first axis may hold images that were cut out of it.
  const isFirst = input.batch === null || input.batch.axis === 0;
  if (!isFirst || input.shape.length !== 4) {
    fail(node.what, "a batch x rows x columns x channels", shapesInWords([input]));
  }
  if (node.text("data_format", "NHWC") !== "NHWC") {
    fail(`${node.what}: data_format`, "NHWC", node.text("data_format", ""));
  }
  return input.shape as [number, number, number, number];
}

/** What a fused op does after its product: a bias, an activation, and a constant for each that needs one. */
export function requireKnownFusion(node: GraphNode, inputs: Inputs): void {
  const fused = node.texts("fused_ops");
  const known = /^(BIASADD(,(RELU|RELU6|ELU|SIGMOID|PRELU|LEAKYRELU))?|RELU|RELU6|ELU|SIGMOID|PRELU|LEAKYRELU)?$/;
  if (!known.test(fused.join())) fail(`${node.what}: fused_ops`, "BiasAdd and one known activation", fused);
  const extra = fused.filter((op) => op === "BIASADD" || op === "PRELU").length;
  if (inputs.length !== 2 + extra) fail(node.what, `${2 + extra} inputs`, inputs.length);
  if (inputs.slice(1).some(({ batch }) => batch !== null)) {
    fail(node.what, "constants for all but its first input", "a computed value");
  }
}

function windowOf(node: GraphNode, kernel: readonly [number, number], dilations?: readonly [number, number]): Window {
  const padding = node.text("padding", "none");
  if (padding !== "SAME" && padding !== "VALID") fail(`${node.what}: padding`, "SAME or VALID", padding);
  return {
    kernel,
    strides: middle(node, "strides"),
    dilations: dilations ?? middle(node, "dilations"),
    padding: padding === "SAME" ? "same" : "valid",
  };
}

function windowTable(places: readonly [number, number], [rows, columns]: readonly [number, number]): number {
  return rows * columns === 1 ? 0 : places[0] * places[1] * rows * columns;
}

/** Rows and columns out of an attribute over batch, rows, columns, channels. */
function middle(node: GraphNode, key: string): [number, number] {
  const list = node.integers(key) ?? [];
  if (list.length !== 4 || list[0] !== 1 || list[3] !== 1 || list.some((n) => n < 1)) {
    fail(`${node.what}: ${key}`, "[1, rows, columns, 1]", list);
  }
  return [list[1]!, list[2]!];
}

function conv2d(node: GraphNode, inputs: Inputs): OperatorCost {
  requireKnownFusion(node, inputs);
  const [input, filter] = inputs as [BatchedTensor, BatchedTensor];
  const [batch, rows, columns, channels] = image(node, input);
  const [filterRows, filterColumns, depth, filters] = filter.shape;
  if (filter.shape.length !== 4 || depth !== channels) {
    fail(node.what, `a filter for ${channels} channels`, filter.shape);
  }
  const kernel: [number, number] = [filterRows!, filterColumns!];
  const places = windowOutput(rows, columns, windowOf(node, kernel), node.what);
  const shape = [batch, ...places, filters!];
  const macs = sizeOf(shape) * sizeOf(kernel) * channels;
  const outputs = [tensor({ shape, batch: input.batch })];
  return { outputs, macs, perRun: windowTable(places, kernel) };
}

function depthwiseConv2d(node: GraphNode, inputs: Inputs): OperatorCost {
  requireKnownFusion(node, inputs);
  const [input, filter] = inputs as [BatchedTensor, BatchedTensor];
  const [batch, rows, columns, channels] = image(node, input);
  const [filterRows, filterColumns, depth, multiplier] = filter.shape;
  if (filter.shape.length !== 4 || depth !== channels) {
    fail(node.what, `a filter for ${channels} channels`, filter.shape);
  }
  const kernel: [number, number] = [filterRows!, filterColumns!];
  const places = windowOutput(rows, columns, windowOf(node, kernel), node.what);
  const shape = [batch, ...places, channels * multiplier!];
  const outputs = [tensor({ shape, batch: input.batch })];
  return { outputs, macs: sizeOf(shape) * sizeOf(kernel), perRun: windowTable(places, kernel) };
}

/** A transposed convolution: the shape of its answer, a filter of rows x columns x answer's channels x channels, and an image. */
function convBackprop(node: GraphNode, inputs: Inputs): OperatorCost {
  const [wanted, filter, input] = inputs;
  if (wanted === undefined || filter === undefined || input === undefined || inputs.length !== 3) {
    return fail(node.what, "a shape, a filter and an image", inputs.length);
  }
  const [batch, rows, columns, channels] = image(node, input);
  const [filterRows, filterColumns, filters, depth] = filter.shape;
  if (filter.batch !== null || filter.shape.length !== 4 || depth !== channels) {
    fail(node.what, `a constant filter for ${channels} channels`, shapesInWords([filter]));
  }
  const values = wanted.values ?? fail(`${node.what}: shape`, "a constant", "a computed value");
  const [front, ...rest] = values;
  const isBatch =
    input.batch === null ? front === batch : front !== undefined && isMultiple(front) && front.batch === batch;
  const [outRows, outColumns, outChannels] = rest as number[];
  const isRight = isBatch && rest.length === 3 && rest.every((n) => Number.isSafeInteger(n) && (n as number) >= 1);
  if (!isRight || outChannels !== filters) {
    return fail(`${node.what}: shape`, `the batch, rows, columns, ${filters} channels`, wanted.values?.length);
  }
  const kernel: [number, number] = [filterRows!, filterColumns!];
  // The convolution that it is the reverse of must lead back to the image.
  const back = windowOutput(outRows!, outColumns!, windowOf(node, kernel), node.what);
  if (back.join() !== [rows, columns].join())
    fail(`${node.what}: shape`, `one that leads back to ${rows} x ${columns}`, back);
  const shape = [batch, outRows!, outColumns!, outChannels!];
  const macs = batch * rows * columns * channels * sizeOf(kernel) * filters!;
  return { outputs: [tensor({ shape, batch: input.batch })], macs, scratch: sizeOf(shape) };
}

function pool(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) return fail(node.what, "1 inputs", inputs.length);
  const [batch, rows, columns, channels] = image(node, input);
  const kernel = middle(node, "ksize");
  const places = windowOutput(rows, columns, windowOf(node, kernel, [1, 1]), node.what);
  const shape = [batch, ...places, channels];
  const outputs = [tensor({ shape, batch: input.batch })];
  return { outputs, macs: sizeOf(shape) * sizeOf(kernel), perRun: windowTable(places, kernel) };
}

function batchNorm(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, ...constants] = inputs;
  if (input === undefined || constants.length !== 4 || constants.some(({ batch }) => batch !== null)) {
    return fail(node.what, "one input, 4 constants", inputs.length);
  }
  if (node.flag("is_training", false)) fail(`${node.what}: is_training`, "false", true);
  image(node, input);
  return elementwise(input);
}

/** ResizeBilinear, ResizeNearestNeighbor. */
function resizeImage(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, size] = inputs;
  if (input === undefined || size === undefined || inputs.length !== 2)
    return fail(node.what, "2 inputs", inputs.length);
  const [batch, , , channels] = image(node, input);
  const values = size.values ?? fail(`${node.what}: size`, "a constant", "a computed value");
  const [rows, columns] = values as number[];
  if (values.length !== 2 || values.some((n) => !(Number.isSafeInteger(n) && (n as number) >= 1))) {
    fail(`${node.what}: size`, "rows and columns above 0", values.length);
  }
  const shape = [batch, rows!, columns!, channels];
  const taps = node.op === "ResizeBilinear" ? 4 : 1;
  return { outputs: [tensor({ shape, batch: input.batch }, input.dtype)], macs: sizeOf(shape) * taps };
}

/** Channels become places: block x block of them each. */
function depthToSpace(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) return fail(node.what, "1 inputs", inputs.length);
  const [batch, rows, columns, channels] = image(node, input);
  const block = node.integer("block_size", 0);
  if (!(block >= 2 && channels % (block * block) === 0)) {
    return fail(`${node.what}: block_size`, `2 or more, whose square divides ${channels} channels`, block);
  }
  const shape = [batch, rows * block, columns * block, channels / (block * block)];
  return { outputs: [tensor({ shape, batch: input.batch }, input.dtype)], macs: 0, scratch: sizeOf(shape) };
}

/** Places that are a block apart become images of their own, before the batch: how dilated convolutions are written. */
function spaceToBatch(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, block, paddings] = blocksOf(node, inputs);
  const [batch, rows, columns, channels] = image(node, input);
  const lengths = [rows, columns].map((length, at) => length + paddings[2 * at]! + paddings[2 * at + 1]!);
  if (lengths.some((length, at) => length % block[at]! !== 0)) {
    fail(`${node.what}: block_shape`, `one that divides ${lengths.join(" x ")} places`, block);
  }
  const count = sizeOf(block);
  if (input.batch !== null && input.batch.times !== 1) fail(node.what, "images of the batch", shapesInWords([input]));
  const shape = [batch * count, lengths[0]! / block[0]!, lengths[1]! / block[1]!, channels];
  const grown = input.batch && { ...input.batch, lead: input.batch.lead * count };
  return { outputs: [tensor({ shape, batch: grown }, input.dtype)], macs: 0, scratch: 2 * sizeOf(shape) };
}

function batchToSpace(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, block, crops] = blocksOf(node, inputs);
  const [batch, rows, columns, channels] = image(node, input);
  const count = sizeOf(block);
  const isWhole =
    input.batch === null ? batch % count === 0 : input.batch.times === 1 && input.batch.lead % count === 0;
  if (!isWhole) fail(`${node.what}: block_shape`, "one that images were cut into before", block);
  const lengths = [rows, columns].map((length, at) => length * block[at]! - crops[2 * at]! - crops[2 * at + 1]!);
  if (lengths.some((length) => length < 1)) fail(`${node.what}: crops`, "something that is left", crops);
  const shape = [batch / count, lengths[0]!, lengths[1]!, channels];
  const shrunk = input.batch && { ...input.batch, lead: input.batch.lead / count };
  const scratch = 2 * sizeOf(input.shape);
  return { outputs: [tensor({ shape, batch: shrunk }, input.dtype)], macs: 0, scratch };
}

/** An image, rows and columns of a block, and two numbers for the ends of each. */
function blocksOf(node: GraphNode, inputs: Inputs): [BatchedTensor, number[], number[]] {
  const [input, ...rest] = inputs;
  if (input === undefined || rest.length !== 2) return fail(node.what, "3 inputs", inputs.length);
  const [block, ends] = rest.map(({ values }) => values ?? fail(node.what, "constant blocks", "computed ones"));
  const isWhole = (least: number) => (n: unknown) => Number.isSafeInteger(n) && (n as number) >= least;
  if (block!.length !== 2 || ends!.length !== 4 || !block!.every(isWhole(1)) || !ends!.every(isWhole(0))) {
    return fail(node.what, "rows and columns of a block, and two numbers for each", [block!.length, ends!.length]);
  }
  return [input, block as number[], ends as number[]];
}
