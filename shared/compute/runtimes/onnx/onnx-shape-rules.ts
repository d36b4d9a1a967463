/**
 * Operators that move numbers and change shapes. Exporters compute shapes from shapes (Shape, Gather, Concat, Reshape); the
 * whole numbers on the way are followed here, with the batch as a number that is not known.
 */
import { ONNX_INTEGERS_MAX } from "../../../protocol/limits.ts";
import { fail } from "../../model-json.ts";
import { FLOAT, INT32, INT64 } from "./onnx-fields.ts";
import {
  broadcast,
  floatTensor,
  integerTensor,
  isBatched,
  type KnownInteger,
  moved,
  type OnnxCost,
  type OnnxOperator,
  perQuery,
} from "./onnx-operator.ts";
import { FREE } from "./onnx-topology.ts";

function known(values: readonly KnownInteger[], shape?: readonly number[]): OnnxCost {
  if (values.length > ONNX_INTEGERS_MAX) fail("shapes", `at most ${ONNX_INTEGERS_MAX} whole numbers`, values.length);
  return { outputs: [integerTensor(values, shape)], macs: 0 };
}

export function identity(node: OnnxOperator): OnnxCost {
  if (node.outputCount !== 1) fail(node.what, "one output", node.outputCount);
  return { outputs: [node.any(0)], macs: 0 };
}

/** Of inference: nothing is dropped. */
export function dropout(node: OnnxOperator): OnnxCost {
  if (node.inputCount > 2) fail(node.what, "a dropout as it is after training", "one with a training_mode");
  return identity(node);
}

export function cast(node: OnnxOperator): OnnxCost {
  node.atMost(1);
  const input = node.any(0);
  const to = node.integer("to", 0);
  if (input.integers === null) return to === FLOAT ? moved(input.shape) : fail(`${node.what}: to`, "float32", to);
  if (to === INT32 || to === INT64) return known(input.integers, input.shape);
  const isConstant = to === FLOAT && !input.integers.includes("batch");
  return isConstant ? moved(input.shape) : fail(`${node.what}: to`, "whole numbers, or float32 of constants", to);
}

export function shapeOf(node: OnnxOperator): OnnxCost {
  const { shape } = node.any(0);
  const values = shape.map((length): KnownInteger => (length === FREE ? "batch" : length));
  return known(values.slice(node.integer("start", 0), node.integer("end", shape.length)));
}

export function gather(node: OnnxOperator): OnnxCost {
  node.atMost(2);
  const data = node.any(0);
  const indices = node.numbersAt(1, "indices") ?? fail(node.what, "constant indices", "none");
  const indexShape = node.any(1).shape;
  const axis = data.integers === null ? node.ownAxis(data.shape, node.integer("axis", 0)) : 0;
  const length = data.shape[axis] ?? 0;
  if (indices.some((index) => index < -length || index >= length)) fail(node.what, `indices below ${length}`, indices);
  if (data.integers !== null)
    return known(
      indices.map((index) => data.integers!.at(index)!),
      indexShape,
    );
  return moved([...data.shape.slice(0, axis), ...indexShape, ...data.shape.slice(axis + 1)]);
}

export function unsqueeze(node: OnnxOperator): OnnxCost {
  const input = node.any(0);
  const rank = input.shape.length;
  const axes = node.numbersAt(1, "axes") ?? fail(node.what, "axes", "none");
  const places = axes.map((axis) => (axis < 0 ? axis + rank + axes.length : axis));
  const lowest = isBatched(input) ? 1 : 0;
  const isWrong = places.some((place) => place < lowest || place >= rank + axes.length);
  if (isWrong || new Set(places).size !== places.length) {
    fail(`${node.what}: axes`, "axes within one query, each once", axes);
  }
  const rest = [...input.shape];
  const shape = Array.from({ length: rank + axes.length }, (_, i) => (places.includes(i) ? 1 : (rest.shift() ?? 1)));
  return input.integers === null ? moved(shape) : known(input.integers, shape);
}

export function squeeze(node: OnnxOperator): OnnxCost {
  const input = node.any(0);
  const given = node.numbersAt(1, "axes");
  if (given === null && isBatched(input)) return fail(`${node.what}: axes`, "axes by number", "none");
  const ones = input.shape.flatMap((length, i) => (length === 1 ? [i] : []));
  const axes = given?.map((axis) => node.ownAxis(input.shape, axis)) ?? ones;
  if (axes.some((axis) => input.shape[axis] !== 1)) fail(`${node.what}: axes`, "axes of length 1", given);
  const shape = input.shape.filter((_, i) => !axes.includes(i));
  return input.integers === null ? moved(shape) : known(input.integers, shape);
}

export function concat(node: OnnxOperator): OnnxCost {
  const all = Array.from({ length: node.inputCount }, (_, place) => node.any(place));
  const [first, ...others] = all;
  if (first === undefined) return fail(node.what, "an input", "none");
  if (first.integers !== null) {
    return known(all.flatMap(({ integers }) => integers ?? fail(node.what, "whole numbers alone", "float32 too")));
  }
  const axis = node.ownAxis(first.shape, node.integer("axis", 1));
  const rest = (shape: readonly number[]): string => shape.with(axis, 0).join();
  for (const { shape, integers } of others) {
    if (integers !== null || shape.length !== first.shape.length || rest(shape) !== rest(first.shape)) {
      fail(node.what, `shapes that differ from [${first.shape}] along axis ${axis} alone`, shape);
    }
  }
  return moved(
    first.shape.with(
      axis,
      all.reduce((sum, { shape }) => sum + shape[axis]!, 0),
    ),
  );
}

export function split(node: OnnxOperator): OnnxCost {
  const { shape } = node.floats(0);
  const axis = node.ownAxis(shape, node.integer("axis", 0));
  const length = shape[axis]!;
  const part = Math.ceil(length / node.outputCount);
  const even = Array.from({ length: node.outputCount }, (_, i) => Math.min(part, length - i * part));
  const sizes = node.numbersAt(1, "split") ?? even;
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (sizes.length !== node.outputCount || sum !== length || sizes.some((size) => size < 1)) {
    fail(`${node.what}: split`, `${node.outputCount} sizes that make ${length}`, sizes);
  }
  return { outputs: sizes.map((size) => floatTensor(shape.with(axis, size))), macs: 0 };
}

export function slice(node: OnnxOperator): OnnxCost {
  const input = node.any(0);
  const starts = node.numbersAt(1, "starts") ?? [];
  const ends = node.numbersAt(2, "ends") ?? [];
  const axes = node.numbersAt(3, "axes") ?? starts.map((_, i) => i);
  const steps = node.numbersAt(4, "steps") ?? starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length) || steps.includes(0)) {
    fail(node.what, "a start, an end, an axis and a step for each", { starts, ends, axes, steps });
  }
  let { shape } = input;
  let integers = input.integers;
  for (const [i, given] of axes.entries()) {
    const axis = node.ownAxis(shape, given);
    const { from, count } = sliced(shape[axis]!, starts[i]!, ends[i]!, steps[i]!);
    if (count === 0 && integers === null) fail(node.what, "something that is left", { starts, ends, axes, steps });
    if (integers !== null) {
      const values = integers;
      integers = Array.from({ length: count }, (_, n) => values[from + n * steps[i]!]!);
    }
    shape = shape.with(axis, count);
  }
  return integers === null ? moved(shape) : known(integers);
}

/** As numpy slices: negative numbers count from the end, what lies beyond is cut off. */
function sliced(length: number, start: number, end: number, step: number): { from: number; count: number } {
  const bound = (n: number): number => {
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    return Math.min(high, Math.max(low, n < 0 ? n + length : n));
  };
  const [from, to] = [bound(start), bound(end)];
  return { from, count: Math.max(0, Math.ceil((to - from) / step)) };
}

export function pad(node: OnnxOperator): OnnxCost {
  const { shape } = node.floats(0);
  node.atMost(3);
  const pads = node.numbersAt(1, "pads") ?? [];
  const rank = shape.length;
  const isWrong = pads.length !== 2 * rank || pads.some((n, i) => n < 0 || (n > 0 && shape[i % rank] === FREE));
  if (isWrong) fail(`${node.what}: pads`, "whole numbers >= 0, none for the batch", pads);
  return moved(shape.map((length, i) => (length === FREE ? FREE : length + pads[i]! + pads[i + rank]!)));
}

export function reshape(node: OnnxOperator): OnnxCost {
  const { shape, integers } = node.any(0);
  const target = node.integersAt(1, "shape") ?? fail(node.what, "a shape", "none");
  if (node.integer("allowzero", 0) !== 0 && target.includes(0))
    fail(`${node.what}: shape`, "dimensions above 0", target);
  const copied = target.map((length, i) => (length === 0 ? (shape[i] === FREE ? "batch" : (shape[i] ?? 0)) : length));
  if (integers !== null) return known(integers, filled(node, copied, integers.length));
  const [first, ...rest] = copied;
  if (shape[0] !== FREE) return moved(filled(node, copied, perQuery(shape)));
  if (first === "batch") return moved([FREE, ...filled(node, rest, perQuery(shape))]);
  const inner = first === -1 && rest.every((length) => typeof length === "number" && length > 0);
  if (!inner) fail(`${node.what}: shape`, "the batch first", target);
  return moved([FREE, ...filled(node, rest, perQuery(shape))]);
}

/** One -1 is whatever is left. */
function filled(node: OnnxOperator, target: readonly KnownInteger[], size: number): number[] {
  const others = target.reduce((all: number, length) => (length === "batch" || length === -1 ? all : all * length), 1);
  const shape = target.map((length) => (length === -1 ? size / others : length));
  const isWhole = shape.every((length): length is number => Number.isSafeInteger(length) && (length as number) > 0);
  const isRight =
    isWhole && target.filter((length) => length === -1).length <= 1 && perQuery(shape as number[]) === size;
  return isRight ? (shape as number[]) : fail(`${node.what}: shape`, `${size} numbers for one query`, target);
}

export function flatten(node: OnnxOperator): OnnxCost {
  const { shape } = node.floats(0);
  const given = node.integer("axis", 1);
  const axis = given < 0 ? given + shape.length : given;
  if (shape[0] === FREE) {
    return axis === 1 ? moved([FREE, perQuery(shape)]) : fail(`${node.what}: axis`, "1, after the batch", given);
  }
  if (axis < 0 || axis > shape.length) fail(`${node.what}: axis`, `at most ${shape.length}`, given);
  return moved([perQuery(shape.slice(0, axis)), perQuery(shape.slice(axis))]);
}

export function transpose(node: OnnxOperator): OnnxCost {
  const { shape } = node.floats(0);
  const order = node.list("perm") ?? shape.map((_, i) => shape.length - 1 - i);
  const isOrder = order.length === shape.length && order.toSorted((a, b) => a - b).every((axis, i) => axis === i);
  if (!isOrder || (shape[0] === FREE && order[0] !== 0)) {
    fail(`${node.what}: perm`, "an order of axes, the batch first", order);
  }
  return moved(order.map((axis) => shape[axis]!));
}

export function expand(node: OnnxOperator): OnnxCost {
  const { shape } = node.floats(0);
  const target = node.integersAt(1, "shape") ?? fail(node.what, "a shape", "none");
  const wanted = target.map((length) => (length === "batch" ? FREE : length));
  if (target.some((length) => length !== "batch" && length < 1))
    fail(`${node.what}: shape`, "dimensions above 0", target);
  return moved(broadcast(node.what, shape, wanted));
}
