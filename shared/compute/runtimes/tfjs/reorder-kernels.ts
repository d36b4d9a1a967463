/**
 * Kernels of tfjs's WebAssembly back-end that take their sums in another order (orders.ts): each is run on parts of what it takes, with zeros in
 * the place of all other terms, and the parts are added.
 */
import * as tf from "#tfjs";
import { addedInPairs, NUDGE, nudgeOf, type Order, PARTS, type PlacedOrder, partOfTerm } from "../../orders.ts";

type Inputs = Record<string, tf.Tensor>;
type Attributes = tf.NamedAttrMap;
type Axis = (shape: readonly number[], attrs: Attributes) => number;

/** A sum of terms that are numbers of one input, each times something: of the other, where there is one. */
interface LinearKernel {
  readonly of: string;
  readonly times?: string;
  /** Along which axis of the input its terms lie. */
  readonly axis?: Axis;
  /** Of one with bias and activation: the kernel that does without. */
  readonly plain?: string;
}

const last: Axis = (shape) => shape.length - 1;
const rowsOrColumns: Axis = (shape, { transposeA }) => shape.length - (transposeA === true ? 2 : 1);

const LINEAR: Readonly<Record<string, LinearKernel>> = {
  BatchMatMul: { of: "a", times: "b", axis: rowsOrColumns },
  _FusedMatMul: { of: "a", times: "b", axis: rowsOrColumns, plain: "BatchMatMul" },
  Conv2D: { of: "x", times: "filter" },
  FusedConv2D: { of: "x", times: "filter", plain: "Conv2D" },
  DepthwiseConv2dNative: { of: "x", times: "filter" },
  FusedDepthwiseConv2D: { of: "x", times: "filter", plain: "DepthwiseConv2dNative" },
  Conv2DBackpropInput: { of: "dy", times: "filter" },
  Conv3D: { of: "x", times: "filter" },
  AvgPool: { of: "x" },
  AvgPool3D: { of: "x" },
  Sum: { of: "x" },
  Mean: { of: "x" },
  Cumsum: { of: "x" },
};

/** What has sums within, or is computed by approximation: cards differ in the last places of what goes in. */
const INEXACT: Readonly<Record<string, string>> = {
  ...{ Softmax: "logits", Exp: "x", Log: "x", RealDiv: "a", Sqrt: "x", Rsqrt: "x", Pow: "a", Reciprocal: "x" },
  ...{ Tanh: "x", Sigmoid: "x", Elu: "x", Selu: "x", Erf: "x", Softplus: "x", FusedBatchNorm: "x", Prod: "x" },
};

/** null: kernels are tfjs's own. */
let current: Order | null = null;
let isReplaced = false;

/** Where the back-end "wasm" has started. @param compute calls kernels, and waits for nothing */
export function inOrder<T>(order: Order, compute: () => T): T {
  replaceKernels();
  return under(order, compute);
}

function under<T>(order: Order | null, compute: () => T): T {
  const before = current;
  current = order;
  try {
    return compute();
  } finally {
    current = before;
  }
}

function replaceKernels(): void {
  if (isReplaced) return;
  isReplaced = true;
  for (const [name, kernel] of Object.entries(LINEAR))
    replace(name, (order, inputs, attrs) => summed(order, name, kernel, inputs, attrs));
  for (const [name, of] of Object.entries(INEXACT)) {
    replace(name, (order, inputs, attrs) =>
      order === "rounded" ? run(name, { ...inputs, [of]: nudged(inputs[of]!) }, attrs) : null,
    );
  }
}

/** @param other gives null for what it leaves to tfjs */
function replace(name: string, other: (order: Order, inputs: Inputs, attrs: Attributes) => tf.Tensor | null): void {
  const own = tf.getKernel(name, "wasm");
  if (own === undefined) return;
  tf.unregisterKernel(name, "wasm");
  tf.registerKernel({
    ...own,
    kernelFunc(args) {
      const made = current === null ? null : other(current, args.inputs as Inputs, args.attrs ?? {});
      return made ?? own.kernelFunc(args);
    },
  });
}

/** tfjs's own. */
function run(name: string, inputs: Inputs, attrs: Attributes = {}): tf.Tensor {
  return under(null, () => tf.engine().runKernel(name, inputs, attrs) as tf.Tensor);
}

function summed(order: Order, name: string, kernel: LinearKernel, inputs: Inputs, attrs: Attributes): tf.Tensor | null {
  const { of, times, axis = last, plain = name } = kernel;
  const operand = inputs[of]!;
  if (operand.dtype !== "float32" || (times !== undefined && inputs[times]!.dtype !== "float32")) return null;
  const { bias, preluActivationWeights, ...terms } = inputs;
  const part = (parts: Inputs) => run(plain, { ...terms, ...parts }, attrs);
  const sums =
    order === "by sign"
      ? bySign(operand, times === undefined ? null : inputs[times]!).map(([one, other]) =>
          part(other === null ? { [of]: one } : { [of]: one, [times!]: other }),
        )
      : inParts(order, order === "rounded" ? nudged(operand) : operand, axis(operand.shape, attrs)).map((one) =>
          part({ [of]: one }),
        );
  const sum = addedInPairs(sums, (a, b) => run("Add", { a, b }));
  const whole = bias == null ? sum : run("Add", { a: sum, b: bias });
  return activated(whole, attrs, preluActivationWeights);
}

function inParts(order: PlacedOrder, operand: tf.Tensor, axis: number): tf.Tensor[] {
  const { shape } = operand;
  const values = operand.dataSync() as Float32Array;
  const stride = shape.slice(axis + 1).reduce((size, length) => size * length, 1);
  const length = shape[axis] ?? 1;
  const parts = Array.from({ length: PARTS[order] }, () => new Float32Array(values.length));
  values.forEach((value, at) => {
    parts[partOfTerm(order, at, { place: Math.floor(at / stride) % length, length })]![at] = value;
  });
  return parts.map((part) => tf.tensor(part, shape, "float32"));
}

/** Of products those above zero first, then those below. */
function bySign(operand: tf.Tensor, times: tf.Tensor | null): [tf.Tensor, tf.Tensor | null][] {
  const [more, less] = [ofSign(operand, 1), ofSign(operand, -1)];
  if (times === null) return [more, less].map((one) => [one, null]);
  const [up, down] = [ofSign(times, 1), ofSign(times, -1)];
  return [
    [more, up],
    [less, down],
    [more, down],
    [less, up],
  ];
}

function ofSign(operand: tf.Tensor, sign: 1 | -1): tf.Tensor {
  const values = operand.dataSync() as Float32Array;
  return tf.tensor(
    values.map((value) => (value * sign > 0 ? value : 0)),
    operand.shape,
    "float32",
  );
}

/** Each number one unit in the last place up or down, at most. */
function nudged(operand: tf.Tensor): tf.Tensor {
  if (operand.dtype !== "float32") return operand;
  const values = operand.dataSync() as Float32Array;
  return tf.tensor(
    values.map((value, at) => value * (1 + nudgeOf(at) * NUDGE)),
    operand.shape,
    "float32",
  );
}

/** As fused kernels do it. @throws Error where tfjs has another activation */
function activated(
  sum: tf.Tensor,
  { activation, leakyreluAlpha }: Attributes,
  weights: tf.Tensor | undefined,
): tf.Tensor {
  switch (activation) {
    case undefined:
    case null:
    case "linear":
      return sum;
    case "relu":
      return run("Relu", { x: sum });
    case "relu6":
      return run("Relu6", { x: sum });
    case "elu":
      return run("Elu", { x: sum });
    case "sigmoid":
      return run("Sigmoid", { x: sum });
    case "leakyrelu":
      return run("LeakyRelu", { x: sum }, { alpha: leakyreluAlpha as number });
    case "prelu":
      return run("Prelu", { x: sum, alpha: weights! });
    default:
      throw new Error(`tfjs: expected an activation that is known, got ${String(activation)}`);
  }
}
