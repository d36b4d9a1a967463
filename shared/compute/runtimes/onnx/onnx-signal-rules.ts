/** Operators of sound: Fourier transforms, the windows that go before them and the mel scale behind them. None reaches across the batch. */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  type OperatorCost,
  resized,
  shapesInWords,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import { computedDtype, DATA_TYPE_NUMBERS, dataTypeName } from "./onnx-dtypes.ts";
import type { OnnxOperator } from "./onnx-operator.ts";

/** Of lengths that are no power of two the library makes longer ones, and transforms three times. */
const MACS_A_STEP = 24;

/** DFT: along an axis that is an attribute up to opset 19, an input from 20 on. The last axis holds 1 or 2 numbers: real, imaginary. */
export function dft(node: OnnxOperator): OperatorCost {
  const isInput = node.opset >= 20;
  node.atMost(isInput ? 3 : 2);
  const input = node.floats(0);
  const rank = input.shape.length;
  const axis = node.ownAxis(input, (isInput ? node.numbersAt(2, "axis")?.[0] : node.integer("axis", 1)) ?? -2);
  const isComplex = input.shape[rank - 1] === 2;
  if (axis === rank - 1 || input.batch?.axis === rank - 1 || (!isComplex && input.shape[rank - 1] !== 1)) {
    fail(node.what, "an axis before the last one, which holds 1 or 2 numbers", shapesInWords([input]));
  }
  const length = lengthOf(node, 1, "dft_length") ?? input.shape[axis]!;
  const isHalf = node.integer("onesided", 0) !== 0;
  if (isHalf && (node.integer("inverse", 0) !== 0 || isComplex))
    fail(`${node.what}: onesided`, "real numbers, forwards", 1);
  const out = isHalf ? Math.floor(length / 2) + 1 : length;
  return transformed(node, input, resized(resized(input, axis, out), rank - 1, 2), length);
}

/** STFT: frames of a signal, one after the other. */
export function stft(node: OnnxOperator): OperatorCost {
  node.atMost(4);
  const signal = node.floats(0);
  node.requireBatchFirst(signal);
  const [batch, samples, parts = 1, ...more] = signal.shape;
  if (samples === undefined || more.length > 0 || parts < 1 || parts > 2) {
    return fail(node.what, "batch x samples, or batch x samples x 1 or 2", shapesInWords([signal]));
  }
  const step = lengthOf(node, 1, "frame_step") ?? fail(node.what, "a frame_step", "none");
  const window = node.constant(2);
  const length =
    lengthOf(node, 3, "frame_length") ?? window?.shape[0] ?? fail(node.what, "a window or a frame_length", "none");
  if (length > samples || (window !== null && window.shape.join() !== String(length))) {
    fail(node.what, `a frame, and a window for it, of at most ${samples} numbers`, length);
  }
  const isHalf = node.integer("onesided", 1) !== 0;
  if (isHalf && parts === 2) fail(`${node.what}: onesided`, "real numbers", "complex ones");
  const frames = Math.floor((samples - length) / step) + 1;
  const shape = [batch!, frames, isHalf ? Math.floor(length / 2) + 1 : length, 2];
  return transformed(node, signal, { shape, batch: signal.batch }, length);
}

function transformed(
  node: OnnxOperator,
  input: BatchedTensor,
  placed: Pick<BatchedTensor, "shape" | "batch">,
  length: number,
): OperatorCost {
  if (input.dtype !== "float32") fail(node.what, "float32", input.dtype);
  const steps = Math.max(1, Math.ceil(Math.log2(length)));
  const macs = 2 * Math.max(sizeOf(input.shape), sizeOf(placed.shape)) * steps * MACS_A_STEP;
  return { outputs: [tensor(placed)], macs, scratch: 2 * sizeOf(placed.shape), perRun: 16 * length };
}

/** HannWindow and its kin. */
export function windowOf(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const size = lengthOf(node, 0, "size") ?? fail(node.what, "a size", "none");
  return constantOf(node, [size]);
}

export function melWeights(node: OnnxOperator): OperatorCost {
  node.atMost(5);
  const bins = lengthOf(node, 0, "num_mel_bins");
  const length = lengthOf(node, 1, "dft_length");
  if (bins === null || length === null) return fail(node.what, "num_mel_bins and dft_length", "none");
  for (const [place, name] of [
    [2, "sample_rate"],
    [3, "lower_edge_hertz"],
    [4, "upper_edge_hertz"],
  ] as const) {
    if (node.numbersAt(place, name)?.length !== 1) fail(node.what, `${name} that is a constant`, "none");
  }
  return constantOf(node, [Math.floor(length / 2) + 1, bins]);
}

function constantOf(node: OnnxOperator, shape: readonly number[]): OperatorCost {
  const to = node.integer("output_datatype", DATA_TYPE_NUMBERS.float32);
  const dtype = computedDtype(to) ?? fail(`${node.what}: output_datatype`, "numbers", dataTypeName(to));
  return { outputs: [tensor({ shape, batch: null }, dtype)], macs: 0, perRun: sizeOf(shape) };
}

/** A whole number above 0 that is known. */
function lengthOf(node: OnnxOperator, place: number, name: string): number | null {
  if (node.optional(place) === null) return null;
  const length = node.numbersAt(place, name)?.[0];
  return length !== undefined && Number.isSafeInteger(length) && length > 0
    ? length
    : fail(`${node.what}: ${name}`, "a number above 0", length);
}
