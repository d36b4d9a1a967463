/**
 * The allow-list of Layers classes: for each, the shape it makes, the weights it holds and the multiply-adds it costs.
 * Shapes are without the batch dimension. What is not here does not run: Lambda and custom layers never are.
 */

import { fail } from "../../model-json.ts";
import { MACS_OF_MOVED } from "../../tensors/moving-cost.ts";
import { windowOutput } from "./conv-window.ts";
import type { LayerConfig } from "./layer-config.ts";

export interface LayerCost {
  readonly shape: readonly number[];
  /** Numbers in all its weights. */
  readonly weights: number;
  /** Multiply-adds for one query; layers without weights count one per number they touch, mere moves none. */
  readonly macs: number;
  /** Numbers that it needs for a while beside its inputs and its output, for one query. */
  readonly scratch?: number;
  /** Numbers that it keeps for a run whatever the batch: XNNPACK's table of windows, a pointer of 4 bytes for each tap of each place. */
  readonly perRun?: number;
}

type Shape = readonly number[];
export type LayerRule = (config: LayerConfig, inputs: readonly Shape[]) => LayerCost;

export const LAYER_RULES: Readonly<Record<string, LayerRule>> = {
  Dense: dense,
  Conv2D: conv2d,
  DepthwiseConv2D: depthwiseConv2d,
  SeparableConv2D: separableConv2d,
  MaxPooling2D: pool2d,
  AveragePooling2D: pool2d,
  GlobalAveragePooling2D: globalPool2d,
  GlobalMaxPooling2D: globalPool2d,
  Flatten: one((_, input) => seen([product(input)])),
  Reshape: one(reshape),
  ZeroPadding2D: one(zeroPadding2d),
  UpSampling2D: one(upSampling2d),
  Dropout: one((_, input) => seen(input)),
  SpatialDropout2D: one((_, input) => seen(input)),
  GaussianNoise: one((_, input) => seen(input)),
  GaussianDropout: one((_, input) => seen(input)),
  Activation: one((config, input) => {
    config.requireKnownActivation();
    return withCopies(elementwise(input), config.activationCopies());
  }),
  ReLU: one((_, input) => elementwise(input)),
  LeakyReLU: one((_, input) => elementwise(input)),
  ELU: one((_, input) => elementwise(input)),
  ThresholdedReLU: one((_, input) => withCopies(elementwise(input), 2)),
  Softmax: one((config, input) => {
    inputAxis(config, input);
    return elementwise(input);
  }),
  BatchNormalization: one(batchNormalization),
  Add: merge,
  Multiply: merge,
  Average: merge,
  Maximum: merge,
  Minimum: merge,
  Concatenate: concatenate,
};

function one(rule: (config: LayerConfig, input: Shape) => LayerCost): LayerRule {
  return (config, inputs) => rule(config, onlyInput(config, inputs));
}

function onlyInput(config: LayerConfig, inputs: readonly Shape[]): Shape {
  const [input] = inputs;
  return input && inputs.length === 1 ? input : fail(config.what, "one input", inputs.length);
}

function image(config: LayerConfig, inputs: readonly Shape[]): [number, number, number] {
  const input = onlyInput(config, inputs);
  if (input.length !== 3) fail(config.what, "an input of rows x columns x channels", input);
  return input as unknown as [number, number, number];
}

const product = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);
/** The same numbers under another shape. */
const seen = (shape: Shape): LayerCost => ({ shape, weights: 0, macs: 0 });
const moved = (shape: Shape): LayerCost => ({ shape, weights: 0, macs: MACS_OF_MOVED * product(shape) });
const elementwise = (shape: Shape): LayerCost => ({ shape, weights: 0, macs: product(shape) });

/** @param copies of its output that it makes on the way */
const withCopies = (cost: LayerCost, copies: number): LayerCost => ({ ...cost, scratch: copies * product(cost.shape) });

function dense(config: LayerConfig, inputs: readonly Shape[]): LayerCost {
  const input = onlyInput(config, inputs);
  const depth = input.at(-1) ?? fail(config.what, "an input with at least one dimension", input);
  const units = config.integer("units", 1);
  config.requireKnownActivation();
  const cost = {
    shape: [...input.slice(0, -1), units],
    weights: depth * units + (config.flag("use_bias", true) ? units : 0),
    macs: product(input) * units,
  };
  return withCopies(cost, config.activationCopies());
}

/** @param shape rows x columns x channels of the output */
const windowTable = (shape: Shape, kernel: readonly [number, number]): number =>
  product(kernel) === 1 ? 0 : shape[0]! * shape[1]! * product(kernel);

function convWindow(config: LayerConfig) {
  config.requireKnownActivation();
  return {
    kernel: config.pair("kernel_size", 1),
    strides: config.pair("strides", 1, 1),
    dilations: config.pair("dilation_rate", 1, 1),
    padding: config.oneOf("padding", ["valid", "same"], "valid"),
  };
}

function conv2d(config: LayerConfig, inputs: readonly Shape[]): LayerCost {
  const [rows, columns, channels] = image(config, inputs);
  const window = convWindow(config);
  const filters = config.integer("filters", 1);
  // tfjs ignores groups, and would give other answers than the model's maker saw.
  if (config.integer("groups", 1, 1) !== 1) fail(`${config.what}: groups`, "1", config.get("groups"));
  const shape = [...windowOutput(rows, columns, window, config.what), filters];
  const taps = product(window.kernel) * channels;
  const cost = {
    shape,
    weights: taps * filters + (config.flag("use_bias", true) ? filters : 0),
    macs: product(shape) * taps,
    perRun: windowTable(shape, window.kernel),
  };
  return withCopies(cost, config.activationCopies());
}

function depthwiseConv2d(config: LayerConfig, inputs: readonly Shape[]): LayerCost {
  const [rows, columns, channels] = image(config, inputs);
  const window = convWindow(config);
  const outputs = channels * config.integer("depth_multiplier", 1, 1);
  const shape = [...windowOutput(rows, columns, window, config.what), outputs];
  const taps = product(window.kernel);
  const cost = {
    shape,
    weights: taps * outputs + (config.flag("use_bias", true) ? outputs : 0),
    macs: product(shape) * taps,
    perRun: windowTable(shape, window.kernel),
  };
  return withCopies(cost, Math.max(2, config.activationCopies()));
}

function separableConv2d(config: LayerConfig, inputs: readonly Shape[]): LayerCost {
  const [rows, columns, channels] = image(config, inputs);
  const window = convWindow(config);
  const between = channels * config.integer("depth_multiplier", 1, 1);
  const filters = config.integer("filters", 1);
  const places = windowOutput(rows, columns, window, config.what);
  const perPlace = product(window.kernel) * between + between * filters;
  const shape = [...places, filters];
  return {
    shape,
    weights: perPlace + (config.flag("use_bias", true) ? filters : 0),
    macs: product(places) * perPlace,
    scratch: product(places) * between + Math.max(2, config.activationCopies()) * product(shape),
    perRun: windowTable(shape, window.kernel),
  };
}

function pool2d(config: LayerConfig, inputs: readonly Shape[]): LayerCost {
  const [rows, columns, channels] = image(config, inputs);
  const kernel = config.pair("pool_size", 1, 2);
  const padding = config.oneOf("padding", ["valid", "same"], "valid");
  const window = { kernel, strides: config.pair("strides", 1, kernel), dilations: [1, 1] as const, padding };
  const shape = [...windowOutput(rows, columns, window, config.what), channels];
  return { shape, weights: 0, macs: product(shape) * product(kernel), perRun: windowTable(shape, kernel) };
}

function globalPool2d(config: LayerConfig, inputs: readonly Shape[]): LayerCost {
  const input = image(config, inputs);
  if (config.flag("keepdims", false)) fail(`${config.what}: keepdims`, "false", true);
  // Reduced along its last axes: the input is turned first.
  return { shape: [input[2]], weights: 0, macs: product(input), scratch: product(input) };
}

function reshape(config: LayerConfig, input: Shape): LayerCost {
  const target = config.shape("target_shape");
  const known = product(target.filter((length) => length !== -1));
  const shape = target.map((length) => (length === -1 ? product(input) / known : length));
  if (target.filter((length) => length === -1).length > 1 || product(shape) !== product(input)) {
    fail(`${config.what}: target_shape`, `${product(input)} elements`, target);
  }
  return seen(shape);
}

function zeroPadding2d(config: LayerConfig, input: Shape): LayerCost {
  const [rows, columns, channels] = image(config, [input]);
  const padding = config.get("padding") ?? 1;
  const [above, below, left, right] = paddingSides(config, padding);
  return moved([rows + above + below, columns + left + right, channels]);
}

/** n, or [rows, columns], or [[above, below], [left, right]] */
function paddingSides(config: LayerConfig, padding: unknown): [number, number, number, number] {
  const perAxis = Array.isArray(padding) ? padding : [padding, padding];
  const sides = perAxis.flatMap((axis) => (Array.isArray(axis) ? axis : [axis, axis]));
  const valid = perAxis.length === 2 && sides.length === 4 && sides.every((n) => Number.isSafeInteger(n) && n >= 0);
  return valid
    ? (sides as [number, number, number, number])
    : fail(`${config.what}: padding`, "whole numbers >= 0", padding);
}

function upSampling2d(config: LayerConfig, input: Shape): LayerCost {
  const [rows, columns, channels] = image(config, [input]);
  const [byRows, byColumns] = config.pair("size", 1, 2);
  return elementwise([rows * byRows, columns * byColumns, channels]);
}

function batchNormalization(config: LayerConfig, input: Shape): LayerCost {
  const channels = input[inputAxis(config, input)]!;
  const kinds = 2 + (config.flag("scale", true) ? 1 : 0) + (config.flag("center", true) ? 1 : 0);
  return { shape: input, weights: kinds * channels, macs: product(input) };
}

function merge(config: LayerConfig, inputs: readonly Shape[]): LayerCost {
  const [first, ...others] = inputs;
  if (!first || others.length === 0) return fail(config.what, "at least two inputs", inputs.length);
  for (const other of others) {
    if (other.join() !== first.join()) fail(config.what, `inputs of one shape, [${first}]`, other);
  }
  return withCopies({ shape: first, weights: 0, macs: product(first) * others.length }, inputs.length);
}

function concatenate(config: LayerConfig, inputs: readonly Shape[]): LayerCost {
  const [first, ...others] = inputs;
  if (!first || others.length === 0) return fail(config.what, "at least two inputs", inputs.length);
  const axis = inputAxis(config, first);
  const rest = (shape: Shape): string => shape.toSpliced(axis, 1).join();
  for (const other of others) {
    if (other.length !== first.length || rest(other) !== rest(first)) {
      fail(config.what, `inputs that differ from [${first}] along axis ${axis + 1} alone`, other);
    }
  }
  return moved(
    first.with(
      axis,
      inputs.reduce((sum, input) => sum + input[axis]!, 0),
    ),
  );
}

/**
 * `axis` counts the batch dimension as 0; what comes back does not. Axis 0 is refused: along it one query's answer would
 * depend on the others in its batch.
 */
function inputAxis(config: LayerConfig, input: Shape): number {
  const given = Array.isArray(config.get("axis")) ? (config.get("axis") as unknown[])[0] : (config.get("axis") ?? -1);
  const axis = typeof given === "number" && given < 0 ? input.length + 1 + given : given;
  const valid = Number.isSafeInteger(axis) && (axis as number) >= 1 && (axis as number) <= input.length;
  return valid ? (axis as number) - 1 : fail(`${config.what}: axis`, `1 to ${input.length}, or -1`, given);
}
