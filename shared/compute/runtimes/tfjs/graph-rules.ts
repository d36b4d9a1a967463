/**
 * The allow-list of ops of Graph models: for each, the shape it makes and the multiply-adds it costs for one query.
 * The batch dimension is -1, always first, and no op may reach across it: a query's answer must not depend on the others in
 * its batch, else neither coding nor audits make sense. Constants have no batch dimension.
 */

import { fail } from "../../model-json.ts";
import { type Window, windowOutput } from "./conv-window.ts";
import type { GraphNode } from "./graph-node.ts";

export interface GraphTensor {
  readonly shape: readonly number[];
  /** Values of a whole-number constant, such as axes or a target shape. */
  readonly integers: readonly number[] | null;
}
export interface OpCost {
  readonly shape: readonly number[];
  readonly macs: number;
  /** Numbers that it needs for a while beside its inputs and its output, for one query. */
  readonly scratch?: number;
  /** Numbers that it keeps for a run whatever the batch: the table of windows, as of layers. */
  readonly perRun?: number;
}
type Shape = readonly number[];
export type OpRule = (node: GraphNode, inputs: readonly GraphTensor[]) => OpCost;

const BATCH = -1;

const unary = named(
  "Abs Elu Erf Exp LeakyRelu Log LogSoftmax Neg Reciprocal Relu Relu6 Rsqrt Selu Sigmoid Softmax Softplus Sqrt Square Tanh",
  (node, inputs) => {
    const [input] = take(node, inputs, 1);
    if (isBatch(input) && input.shape.length < 2) fail(node.what, "a dimension beside the batch", input.shape);
    // tfjs makes it of five others.
    if (node.op === "LogSoftmax") return { ...elementwise(input.shape), scratch: 5 * perQuery(input.shape) };
    return elementwise(input.shape);
  },
);
const binary = named("Add AddV2 Div Maximum Minimum Mul Prelu RealDiv SquaredDifference Sub", (node, inputs) => {
  const [a, b] = take(node, inputs, 2);
  return elementwise(broadcast(node, a.shape, b.shape));
});
const reductions = named("Max Mean Min Prod Sum", reduce);
const matrices = named("MatMul _FusedMatMul", matMul);
const convolutions = named("Conv2D _FusedConv2D", conv2d);
const depthwise = named("DepthwiseConv2dNative FusedDepthwiseConv2dNative", depthwiseConv2d);
const pools = named("AvgPool MaxPool", pool);
const norms = named("FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3", batchNorm);
const moves = named("Identity StopGradient", (node, inputs) => moved(take(node, inputs, 1)[0].shape));

export const GRAPH_RULES: Readonly<Record<string, OpRule>> = {
  ...unary,
  ...binary,
  ...reductions,
  ...matrices,
  ...convolutions,
  ...depthwise,
  ...pools,
  ...norms,
  ...moves,
  ...named("Pad PadV2", pad),
  BiasAdd: biasAdd,
  ConcatV2: concat,
  Reshape: reshape,
  Squeeze: squeeze,
  Transpose: transpose,
};

function named(names: string, rule: OpRule): Record<string, OpRule> {
  return Object.fromEntries(names.split(" ").map((name) => [name, rule]));
}

/** The first `count` inputs, of exactly that many. */
function take(node: GraphNode, inputs: readonly GraphTensor[], count: 1): [GraphTensor];
function take(node: GraphNode, inputs: readonly GraphTensor[], count: 2): [GraphTensor, GraphTensor];
function take(node: GraphNode, inputs: readonly GraphTensor[], count: number): GraphTensor[] {
  return inputs.length === count ? [...inputs] : fail(node.what, `${count} inputs`, inputs.length);
}

const isBatch = (tensor: GraphTensor): boolean => tensor.shape[0] === BATCH;
/** Elements for one query. */
const perQuery = (shape: Shape): number => shape.reduce((size, length) => size * (length === BATCH ? 1 : length), 1);
const moved = (shape: Shape): OpCost => ({ shape, macs: 0 });
const elementwise = (shape: Shape): OpCost => ({ shape, macs: perQuery(shape) });

function broadcast(node: GraphNode, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [one, other] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    const wrongBatch = (one === BATCH || other === BATCH) && i !== 0;
    if (wrongBatch || (one !== other && one !== 1 && other !== 1)) fail(node.what, `shapes that go with [${a}]`, b);
    return one === 1 ? other : one;
  });
}

function integersOf(node: GraphNode, tensor: GraphTensor, name: string): readonly number[] {
  return tensor.integers ?? fail(`${node.what}: ${name}`, "a constant", "a computed value");
}

/** @returns axes >= 0, never the batch's */
function ownAxes(node: GraphNode, input: GraphTensor, axes: readonly number[]): number[] {
  const lowest = isBatch(input) ? 1 : 0;
  return axes.map((given) => {
    const axis = given < 0 ? given + input.shape.length : given;
    return axis >= lowest && axis < input.shape.length
      ? axis
      : fail(`${node.what}: axis`, "an axis within one query", given);
  });
}

function reduce(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [input, axisTensor] = take(node, inputs, 2);
  const axes = ownAxes(node, input, integersOf(node, axisTensor, "axis"));
  const keep = node.flag("keep_dims", false);
  const shape = input.shape.flatMap((length, i) => (axes.includes(i) ? (keep ? [1] : []) : [length]));
  // Turned first, where it is not reduced along its last axes.
  return { shape, macs: perQuery(input.shape), scratch: perQuery(input.shape) };
}

/** What a fused op does after its product: a bias, an activation, and a constant for each that needs one. */
function requireKnownFusion(node: GraphNode, inputs: readonly GraphTensor[]): void {
  const fused = node.texts("fused_ops");
  const known = /^(BIASADD(,(RELU|RELU6|ELU|SIGMOID|PRELU|LEAKYRELU))?|RELU|RELU6|ELU|SIGMOID|PRELU|LEAKYRELU)?$/;
  if (!known.test(fused.join())) fail(`${node.what}: fused_ops`, "BiasAdd and one known activation", fused);
  const extra = fused.filter((op) => op === "BIASADD" || op === "PRELU").length;
  if (inputs.length !== 2 + extra) fail(node.what, `${2 + extra} inputs`, inputs.length);
  if (inputs.slice(1).some(isBatch)) fail(node.what, "constants for all but its first input", "a computed value");
}

function matMul(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  requireKnownFusion(node, inputs);
  const [a, b] = inputs as [GraphTensor, GraphTensor];
  if (node.flag("transpose_a", false)) fail(`${node.what}: transpose_a`, "false", true);
  const [rows, columns] = node.flag("transpose_b", false) ? b.shape.toReversed() : b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[1] !== rows) {
    fail(node.what, `two matrices that go together, [${a.shape}] first`, b.shape);
  }
  return { shape: [a.shape[0]!, columns!], macs: perQuery(a.shape) * columns! };
}

function image(node: GraphNode, tensor: GraphTensor): [number, number, number] {
  const [batch, rows, columns, channels] = tensor.shape;
  if (batch !== BATCH || tensor.shape.length !== 4)
    fail(node.what, "a batch x rows x columns x channels", tensor.shape);
  if (node.text("data_format", "NHWC") !== "NHWC")
    fail(`${node.what}: data_format`, "NHWC", node.text("data_format", ""));
  return [rows!, columns!, channels!];
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

function conv2d(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  requireKnownFusion(node, inputs);
  const [input, filter] = inputs as [GraphTensor, GraphTensor];
  const [rows, columns, channels] = image(node, input);
  const [filterRows, filterColumns, depth, filters] = filter.shape;
  if (filter.shape.length !== 4 || depth !== channels)
    fail(node.what, `a filter for ${channels} channels`, filter.shape);
  const places = windowOutput(rows, columns, windowOf(node, [filterRows!, filterColumns!]), node.what);
  const shape = [BATCH, ...places, filters!];
  const macs = perQuery(shape) * filterRows! * filterColumns! * channels;
  return { shape, macs, perRun: windowTable(places, [filterRows!, filterColumns!]) };
}

function depthwiseConv2d(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  requireKnownFusion(node, inputs);
  const [input, filter] = inputs as [GraphTensor, GraphTensor];
  const [rows, columns, channels] = image(node, input);
  const [filterRows, filterColumns, depth, multiplier] = filter.shape;
  if (filter.shape.length !== 4 || depth !== channels)
    fail(node.what, `a filter for ${channels} channels`, filter.shape);
  const places = windowOutput(rows, columns, windowOf(node, [filterRows!, filterColumns!]), node.what);
  const shape = [BATCH, ...places, channels * multiplier!];
  const macs = perQuery(shape) * filterRows! * filterColumns!;
  return { shape, macs, perRun: windowTable(places, [filterRows!, filterColumns!]) };
}

function pool(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [rows, columns, channels] = image(node, take(node, inputs, 1)[0]);
  const kernel = middle(node, "ksize");
  const places = windowOutput(rows, columns, windowOf(node, kernel, [1, 1]), node.what);
  const shape = [BATCH, ...places, channels];
  return { shape, macs: perQuery(shape) * kernel[0] * kernel[1], perRun: windowTable(places, kernel) };
}

function batchNorm(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [input, ...constants] = inputs;
  if (!input || constants.length !== 4 || constants.some(isBatch))
    fail(node.what, "one input, 4 constants", inputs.length);
  if (node.flag("is_training", false)) fail(`${node.what}: is_training`, "false", true);
  image(node, input!);
  return elementwise(input!.shape);
}

function biasAdd(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [input, bias] = take(node, inputs, 2);
  if (bias.shape.length !== 1 || bias.shape[0] !== input.shape.at(-1)) {
    fail(node.what, `a bias of ${input.shape.at(-1)} numbers`, bias.shape);
  }
  return elementwise(input.shape);
}

function concat(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [first, ...others] = inputs.slice(0, -1);
  const axisTensor = inputs.at(-1);
  if (!first || !axisTensor) return fail(node.what, "tensors and an axis", inputs.length);
  const [axis] = ownAxes(node, first, integersOf(node, axisTensor, "axis")) as [number];
  const rest = (tensor: GraphTensor): string => tensor.shape.with(axis, 0).join();
  for (const other of others) {
    if (other.shape.length !== first.shape.length || rest(other) !== rest(first)) {
      fail(node.what, `shapes that differ from [${first.shape}] along axis ${axis} alone`, other.shape);
    }
  }
  return moved(
    first.shape.with(
      axis,
      [first, ...others].reduce((sum, tensor) => sum + tensor.shape[axis]!, 0),
    ),
  );
}

function pad(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [input, paddingTensor] = inputs;
  if (!input || !paddingTensor || inputs.length > 3) return fail(node.what, "2 or 3 inputs", inputs.length);
  const padding = integersOf(node, paddingTensor, "paddings");
  const wrong =
    padding.length !== 2 * input.shape.length || padding.some((n, i) => n < 0 || (i < 2 && isBatch(input) && n > 0));
  if (wrong) fail(`${node.what}: paddings`, "whole numbers >= 0, none for the batch", padding);
  return moved(
    input.shape.map((length, i) => (length === BATCH ? BATCH : length + padding[2 * i]! + padding[2 * i + 1]!)),
  );
}

function reshape(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [input, shapeTensor] = take(node, inputs, 2);
  const [batch, ...shape] = integersOf(node, shapeTensor, "shape");
  if (!isBatch(input) || batch !== BATCH || shape.some((n) => n < 1) || perQuery(shape) !== perQuery(input.shape)) {
    fail(`${node.what}: shape`, `-1 for the batch, then ${perQuery(input.shape)} elements`, [batch, ...shape]);
  }
  return moved([BATCH, ...shape]);
}

function squeeze(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [input] = take(node, inputs, 1);
  const axes = ownAxes(node, input, node.integers("squeeze_dims") ?? node.integers("axis") ?? []);
  // Without axes it would also drop the batch dimension of a batch of one.
  if (axes.length === 0 || axes.some((axis) => input.shape[axis] !== 1)) {
    fail(`${node.what}: squeeze_dims`, "axes of length 1, by number", axes);
  }
  return moved(input.shape.filter((_, i) => !axes.includes(i)));
}

function transpose(node: GraphNode, inputs: readonly GraphTensor[]): OpCost {
  const [input, permTensor] = take(node, inputs, 2);
  const order = integersOf(node, permTensor, "perm");
  const isOrder = order.toSorted((a, b) => a - b).every((axis, i) => axis === i) && order.length === input.shape.length;
  if (!isOrder || (isBatch(input) && order[0] !== 0))
    fail(`${node.what}: perm`, "an order of axes, the batch first", order);
  return moved(order.map((axis) => input.shape[axis]!));
}
