/** Operators that move numbers and change shapes. None of them mixes rows: each says where the batch's axis is afterwards. */
import { KNOWN_NUMBERS_MAX } from "../../../protocol/limits.ts";
import { checkedSize } from "../../checked-size.ts";
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  broadcast,
  isFloat,
  isMultiple,
  type Known,
  knownInWords,
  lengthsOf,
  moved,
  type OperatorCost,
  perQuery,
  reordered,
  resized,
  sameBatch,
  shapesInWords,
  sizeOf,
  tensor,
  without,
} from "../../tensors/batched-tensor.ts";
import { held, knownCost, spread } from "../../tensors/known-numbers.ts";
import { placedAs, reshaped, sliced } from "../../tensors/moves.ts";
import { isExact, isSureWhole, withinReach } from "../../tensors/sure-numbers.ts";
import type { OnnxOperator } from "./onnx-operator.ts";

/** Says "to the end", as all above it do. */
const INT32_MAX = 2 ** 31 - 1;

type Placed = Pick<BatchedTensor, "shape" | "batch">;

export function identity(node: OnnxOperator): OperatorCost {
  node.giving(1);
  node.valuesOf(0);
  return { outputs: [node.any(0)], macs: 0 };
}

/** Of inference: nothing is dropped. */
export function dropout(node: OnnxOperator): OperatorCost {
  if (node.inputCount > 2 && node.valuesOf(2)?.[0] !== 0) {
    fail(node.what, "a dropout as it is after training", "one with a training_mode");
  }
  return identity(node);
}

export function shapeOf(node: OnnxOperator): OperatorCost {
  const lengths = lengthsOf(node.any(0));
  const values = lengths.slice(node.integer("start", 0), node.integer("end", lengths.length));
  node.valuesOf(0);
  return knownCost(values, [values.length], "int64");
}

export function sizeRule(node: OnnxOperator): OperatorCost {
  const { shape, batch } = node.any(0);
  node.valuesOf(0);
  const size = sizeOf(shape);
  return knownCost([batch === null ? size : { batch: size }], [], "int64");
}

export function unsqueeze(node: OnnxOperator): OperatorCost {
  const input = node.any(0);
  const axes = node.numbersAt(1, "axes") ?? fail(node.what, "axes", "none");
  const rank = input.shape.length + axes.length;
  const places = axes.map((axis) => node.axis(rank, axis));
  if (new Set(places).size !== places.length) fail(`${node.what}: axes`, "each axis once", axes);
  const rest = input.shape.map((length, axis) => ({ length, isBatch: axis === input.batch?.axis }));
  const all = Array.from({ length: rank }, (_, axis) =>
    places.includes(axis) ? { length: 1, isBatch: false } : rest.shift()!,
  );
  const batch = input.batch && { ...input.batch, axis: all.findIndex(({ isBatch }) => isBatch) };
  return movedOrKnown(node, { shape: all.map(({ length }) => length), batch });
}

export function squeeze(node: OnnxOperator): OperatorCost {
  const input = node.any(0);
  const given = node.numbersAt(1, "axes");
  if (given === null && input.batch !== null) return fail(`${node.what}: axes`, "axes by number", "none");
  const axes =
    given?.map((axis) => node.ownAxis(input, axis)) ?? input.shape.flatMap((length, i) => (length === 1 ? [i] : []));
  if (axes.some((axis) => input.shape[axis] !== 1)) fail(`${node.what}: axes`, "axes of length 1", given);
  return movedOrKnown(node, without(input, axes, false));
}

export function concat(node: OnnxOperator): OperatorCost {
  const all = node.all();
  const [first] = all;
  if (first === undefined) return fail(node.what, "an input", "none");
  const axis = node.axis(first.shape.length, node.integer("axis", 1));
  const batched = all.find(({ batch }) => batch !== null) ?? first;
  const rest = ({ shape }: BatchedTensor): string => shape.with(axis, 0).join();
  for (const one of all) {
    const isLike = one.shape.length === first.shape.length && rest(one) === rest(first) && one.dtype === first.dtype;
    if (!isLike)
      fail(
        node.what,
        `shapes that differ from ${shapesInWords([first])} along axis ${axis} alone`,
        shapesInWords([one]),
      );
    // What has no batch is as long as one query alone.
    if (!sameBatch(one.batch, batched.batch)) fail(node.what, "the batch in all that it joins", shapesInWords(all));
  }
  node.ownAxis(batched, axis);
  const length = all.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const result = resized(batched, axis, length);
  // Lists of numbers alone: of shapes there are no others.
  const isKnown = first.shape.length === 1 && length <= KNOWN_NUMBERS_MAX && all.every(({ values }) => values !== null);
  if (!isKnown) return moved(first, result);
  const values = all.flatMap((_, place) => node.valuesOf(place)!);
  return knownCost(values, result.shape, first.dtype);
}

export function split(node: OnnxOperator): OperatorCost {
  const input = node.any(0);
  const axis = node.ownAxis(input, node.integer("axis", 0));
  const length = input.shape[axis]!;
  const part = Math.ceil(length / node.outputCount);
  const even = Array.from({ length: node.outputCount }, (_, i) => Math.min(part, length - i * part));
  const sizes = node.numbersAt(1, "split") ?? even;
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (sizes.length !== node.outputCount || sum !== length || sizes.some((size) => size < 1)) {
    fail(`${node.what}: split`, `${node.outputCount} sizes that make ${length}`, sizes);
  }
  const values = input.shape.length === 1 ? node.valuesOf(0) : null;
  let at = 0;
  const outputs = sizes.map((size): BatchedTensor => {
    const own = values?.slice(at, at + size) ?? null;
    at += size;
    return { ...tensor(resized(input, axis, size), input.dtype), values: own };
  });
  return { outputs, macs: 0 };
}

export function slice(node: OnnxOperator): OperatorCost {
  const input = node.any(0);
  const starts = node.placesAt(1, "starts") ?? [];
  const ends = node.knownAt(2, "ends")?.map(withinReach) ?? [];
  const axes = node.numbersAt(3, "axes") ?? starts.map((_, i) => i);
  const steps = node.placesAt(4, "steps") ?? starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length) || steps.includes(0)) {
    fail(node.what, "a start, an end, an axis and a step for each", [starts.length, ends.length, axes.length]);
  }
  let { shape } = input;
  let values = node.valuesOf(0);
  for (const [i, given] of axes.entries()) {
    const axis = node.axis(shape.length, given);
    if (axis === input.batch?.axis) {
      if (isWholeAxis(starts[i]!, ends[i]!, steps[i]!, shape[axis]!)) continue;
      node.ownAxis(input, axis);
    }
    const end = ends[i]!;
    if (isMultiple(end))
      return fail(`${node.what}: ends`, "numbers that do not depend on the batch", "the batch's size");
    const { from, count } = slicedAsLibrary(node, shape[axis]!, starts[i]!, end, steps[i]!);
    if (count === 0 && values === null) fail(node.what, "something that is left", { starts, ends, axes, steps });
    if (values !== null) {
      values = slicedValues(values, shape, axis, (n) => from + n * steps[i]!, count);
    }
    shape = shape.with(axis, count);
  }
  return values === null ? moved(input, { shape, batch: input.batch }) : knownCost(values, shape, input.dtype);
}

/** Backwards, what begins before the first number begins with it; and what "to the end" would mean its own parts disagree on. */
function slicedAsLibrary(node: OnnxOperator, length: number, start: number, end: number, step: number) {
  if (step > 0) return sliced(length, start, end, step);
  if (end >= INT32_MAX) fail(`${node.what}: ends`, "a place before the start, because the slice goes backwards", end);
  return sliced(length, Math.max(start, -length), end, step);
}

/** @param placeOf along the axis, of each that is left */
function slicedValues(
  values: readonly Known[],
  shape: readonly number[],
  axis: number,
  placeOf: (n: number) => number,
  count: number,
): Known[] {
  const inner = sizeOf(shape.slice(axis + 1));
  const length = shape[axis]!;
  return Array.from({ length: sizeOf(shape.slice(0, axis)) * count * inner }, (_, i) => {
    const front = Math.floor(i / (count * inner));
    const place = placeOf(Math.floor(i / inner) % count);
    return values[(front * length + place) * inner + (i % inner)]!;
  });
}

/** What exporters write for a colon: everything, whatever the batch. */
function isWholeAxis(start: number, end: Known, step: number, length: number): boolean {
  const reaches = isMultiple(end) ? end.batch >= length : end >= INT32_MAX;
  return start === 0 && step === 1 && reaches;
}

export function pad(node: OnnxOperator): OperatorCost {
  const input = node.any(0);
  node.atMost(4);
  const rank = input.shape.length;
  const axes = node.numbersAt(3, "axes")?.map((axis) => node.axis(rank, axis)) ?? [...input.shape.keys()];
  const pads = node.numbersAt(1, "pads") ?? [];
  if (pads.length !== 2 * axes.length) fail(`${node.what}: pads`, `${2 * axes.length} whole numbers`, pads);
  let { shape } = input;
  for (const [i, axis] of axes.entries()) {
    const [before, after] = [pads[i]!, pads[i + axes.length]!];
    if (axis === input.batch?.axis && (before !== 0 || after !== 0))
      fail(`${node.what}: pads`, "none for the batch", pads);
    shape = shape.with(axis, shape[axis]! + before + after);
  }
  if (shape.some((length) => length < 1)) fail(`${node.what}: pads`, "something that is left", pads);
  return moved(input, { shape, batch: input.batch });
}

export function reshape(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  const target = node.knownAt(1, "shape") ?? fail(node.what, "a shape", "none");
  const isZeroKept = node.integer("allowzero", 0) !== 0;
  if (isZeroKept && target.includes(0)) fail(`${node.what}: shape`, "dimensions above 0", knownInWords(target));
  const own = lengthsOf(input);
  const wanted = target.map((length, i): Known => (length === 0 ? (own[i] ?? 0) : length));
  return movedOrKnown(node, reshaped(node.what, input, wanted));
}

export function flatten(node: OnnxOperator): OperatorCost {
  const input = node.any(0);
  const { shape, batch } = input;
  const given = node.integer("axis", 1);
  const axis = given < 0 ? given + shape.length : given;
  if (axis < 0 || axis > shape.length) fail(`${node.what}: axis`, `at most ${shape.length}`, given);
  const two = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
  if (batch === null) return moved(input, { shape: two, batch });
  const place = batch.axis < axis ? 0 : 1;
  const wanted = two.map((length, at): Known => (at === place ? { batch: length } : length));
  return moved(input, reshaped(node.what, { shape, batch }, wanted));
}

export function transpose(node: OnnxOperator): OperatorCost {
  const input = node.any(0);
  const rank = input.shape.length;
  const order = node.list("perm") ?? input.shape.map((_, i) => rank - 1 - i);
  const isOrder = order.length === rank && order.toSorted((a, b) => a - b).every((axis, i) => axis === i);
  if (!isOrder) fail(`${node.what}: perm`, `an order of ${rank} axes`, order);
  const placed = reordered(input, order);
  const values = node.valuesOf(0);
  return values === null
    ? moved(input, placed)
    : knownCost(turnedValues(values, input.shape, order), placed.shape, input.dtype);
}

/** Numbers of a shape in the order that they have once its axes are turned. */
function turnedValues(values: readonly Known[], shape: readonly number[], order: readonly number[]): Known[] {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const turned = order.map((axis) => shape[axis]!);
  return values.map((_, i) => {
    let [rest, at] = [i, 0];
    for (let axis = order.length - 1; axis >= 0; axis--) {
      at += (rest % turned[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / turned[axis]!);
    }
    return values[at]!;
  });
}

export function expand(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  const target = node.knownAt(1, "shape") ?? fail(node.what, "a shape", "none");
  const placed = broadcast(node.what, [input, placedAs(node.what, target)]);
  const values = placed.batch === null && sizeOf(placed.shape) <= KNOWN_NUMBERS_MAX ? node.valuesOf(0) : null;
  return values === null
    ? moved(input, placed)
    : knownCost(spread(input, values, placed.shape), placed.shape, input.dtype);
}

export function constantOfShape(node: OnnxOperator): OperatorCost {
  node.atMost(1);
  const lengths = node.knownAt(0, "shape") ?? fail(node.what, "a shape", "none");
  const { dtype, value } = node.singleOf("value");
  const placed = placedAs(node.what, lengths);
  const size = checkedSize(placed.shape, Number.MAX_SAFE_INTEGER, node.what);
  if (placed.batch !== null || size > KNOWN_NUMBERS_MAX) return { outputs: [tensor(placed, dtype)], macs: size };
  return knownCost(new Array<number>(size).fill(value), placed.shape, dtype);
}

export function tile(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.any(0);
  const repeats = node.knownAt(1, "repeats") ?? fail(node.what, "how often", "none");
  if (repeats.length !== input.shape.length)
    fail(`${node.what}: repeats`, `${input.shape.length} numbers`, repeats.length);
  const grown = repeats.findIndex(isMultiple);
  if (repeats.some((count) => !isMultiple(count) && count < 1))
    fail(`${node.what}: repeats`, "numbers above 0", knownInWords(repeats));
  const isMixed = grown >= 0 && (input.batch !== null || repeats.filter(isMultiple).length > 1);
  if (isMixed || (input.batch !== null && repeats[input.batch.axis] !== 1)) {
    fail(`${node.what}: repeats`, "the batch once", knownInWords(repeats));
  }
  const shape = input.shape.map((length, axis) => {
    const count = repeats[axis]!;
    return length * perQuery(count);
  });
  const batch = grown < 0 ? input.batch : { axis: grown, lead: 1, times: shape[grown]! };
  const values = shape.length === 1 && batch === null && shape[0]! <= KNOWN_NUMBERS_MAX ? node.valuesOf(0) : null;
  if (values === null) return moved(input, { shape, batch });
  return knownCost(
    Array.from({ length: shape[0]! }, (_, i) => values[i % values.length]!),
    shape,
    input.dtype,
  );
}

export function range(node: OnnxOperator): OperatorCost {
  node.atMost(3);
  const { dtype } = node.any(0);
  const [start, limit, delta] = [0, 1, 2].map((place) => node.numbersAt(place, "start, limit and delta")?.[0]);
  if (start === undefined || limit === undefined || !delta) return fail(node.what, "a start, a limit, a delta", "none");
  const length = limit - start;
  const count = Math.max(0, Math.ceil(length / delta));
  if (!Number.isFinite(count) || count < 1) fail(node.what, "something between its ends", [start, limit, delta]);
  // Kernels may take the length in its own type, and may add up steps or multiply them.
  const isCounted = isFloat(dtype) ? Math.ceil(Math.fround(length) / delta) === count : isSureWhole(dtype)(length);
  if (!isCounted) fail(node.what, "ends whose difference its type holds", [start, limit]);
  const isSure = !isFloat(dtype) || isExact({ values: [start, limit, delta, length] });
  const placed = { shape: [count], batch: null };
  if (count > KNOWN_NUMBERS_MAX || !isSure) return { outputs: [tensor(placed, dtype)], macs: count };
  const values = Array.from({ length: count }, (_, i) => held(start + i * delta, dtype));
  if (values.includes(null)) return { outputs: [tensor(placed, dtype)], macs: count };
  return knownCost(values as Known[], placed.shape, dtype);
}

/** What is not zero among numbers that are known; of others the shape would depend on the query. */
export function nonZero(node: OnnxOperator): OperatorCost {
  const { shape } = node.any(0);
  const values = node.numbersAt(0, "input") ?? [];
  if (shape.length !== 1) fail(node.what, "a list", shape);
  const places = values.flatMap((value, i) => (value === 0 ? [] : [i]));
  if (places.length === 0) fail(node.what, "numbers above 0", "none");
  return knownCost(places, [1, places.length], "int64");
}

/** Depth to space and back: images whose channels become places. */
export function depthToSpace(node: OnnxOperator): OperatorCost {
  return blocks(
    node,
    (channels, block) => channels / block ** 2,
    (length, block) => length * block,
  );
}

export function spaceToDepth(node: OnnxOperator): OperatorCost {
  return blocks(
    node,
    (channels, block) => channels * block ** 2,
    (length, block) => length / block,
  );
}

type OfBlock = (length: number, block: number) => number;

function blocks(node: OnnxOperator, channelsOf: OfBlock, lengthOf: OfBlock): OperatorCost {
  const input = node.any(0);
  node.requireBatchFirst(input);
  const [batch, channels, ...places] = input.shape;
  const block = node.integer("blocksize", 0);
  if (places.length !== 2 || block < 1) fail(node.what, "an image and a block", shapesInWords([input]));
  const shape = [batch!, channelsOf(channels!, block), ...places.map((length) => lengthOf(length, block))];
  if (!shape.every(Number.isInteger)) fail(node.what, `an image of blocks of ${block}`, shapesInWords([input]));
  return moved(input, { shape, batch: input.batch });
}

/** Keeps numbers that are known, where the shape alone changes. */
function movedOrKnown(node: OnnxOperator, placed: Placed): OperatorCost {
  const input = node.any(0);
  const values = node.valuesOf(0);
  return values === null ? moved(input, placed) : knownCost(values, placed.shape, input.dtype);
}
