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
  Conv2D: conv2d,
  _FusedConv2D: conv2d,
  Conv2DBackpropInput: convBackprop,
  DepthwiseConv2dNative: depthwiseConv2d,
  FusedDepthwiseConv2dNative: depthwiseConv2d,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  MaxPool: pool,
  ResizeBilinear: resizeImage,
  ResizeNearestNeighbor: resizeImage,
};

/** Rows, columns, channels. */
function image(node: GraphNode, input: BatchedTensor): [batch: number, number, number, number] {
  const isFirst = input.batch === null ? input.shape[0] === 1 : input.batch.axis === 0;
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
