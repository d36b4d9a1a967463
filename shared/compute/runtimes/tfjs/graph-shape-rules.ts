/** Ops that move numbers, pick them, or compute shapes with them. */
import { KNOWN_NUMBERS_MAX } from "../../../protocol/limits.ts";
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  isMultiple,
  type Known,
  knownInWords,
  lengthsOf,
  moved,
  type OperatorCost,
  reordered,
  resized,
  sameBatch,
  shapesInWords,
  shifted,
  sizeOf,
  tensor,
  without,
} from "../../tensors/batched-tensor.ts";
import { knownCost, rounded } from "../../tensors/known-numbers.ts";
import { placedAs, reshaped, sliced } from "../../tensors/moves.ts";
import {
  fixedNumbersOf,
  type Inputs,
  knownOf,
  movedOrKnown,
  ownAxes,
  ownAxis,
  type PlacedShape,
  requireNoBooleans,
  take,
} from "./graph-inputs.ts";
import type { GraphNode } from "./graph-node.ts";

export const GRAPH_SHAPE_RULES: Readonly<Record<string, (node: GraphNode, inputs: Inputs) => OperatorCost>> = {
  ArgMax: argMax,
  ArgMin: argMax,
  ConcatV2: concat,
  Cumsum: cumSum,
  ExpandDims: expandDims,
  Fill: fill,
  Gather: gather,
  GatherNd: gatherNd,
  GatherV2: gather,
  Identity: identity,
  MirrorPad: pad,
  Pack: pack,
  Pad: pad,
  PadV2: pad,
  Range: range,
  Rank: rank,
  Reshape: reshape,
  ReverseV2: reverse,
  Shape: shapeOf,
  Size: sizeOfAll,
  Slice: slice,
  Snapshot: identity,
  SparseToDense: sparseToDense,
  Split: split,
  SplitV: split,
  Squeeze: squeeze,
  StopGradient: identity,
  StridedSlice: stridedSlice,
  Tile: tile,
  TopKV2: topK,
  Transpose: transpose,
  Unpack: unpack,
};

function identity(node: GraphNode, inputs: Inputs): OperatorCost {
  return { outputs: [take(node, inputs, 1)[0]], macs: 0 };
}

function shapeOf(node: GraphNode, inputs: Inputs): OperatorCost {
  const lengths = lengthsOf(take(node, inputs, 1)[0]);
  return knownCost(lengths, [lengths.length], "int32");
}

function sizeOfAll(node: GraphNode, inputs: Inputs): OperatorCost {
  const { shape, batch } = take(node, inputs, 1)[0];
  return knownCost([batch === null ? sizeOf(shape) : { batch: sizeOf(shape) }], [], "int32");
}

function rank(node: GraphNode, inputs: Inputs): OperatorCost {
  return knownCost([take(node, inputs, 1)[0].shape.length], [], "int32");
}

function reshape(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, target] = take(node, inputs, 2);
  const wanted = knownOf(node, target, "shape");
  const each = sizeOf(input.shape);
  if (input.batch !== null) {
    const others = wanted.reduce((size: number, n) => (isMultiple(n) ? size * n.batch : n === -1 ? size : size * n), 1);
    const isWhole = wanted.includes(-1) ? each % others === 0 : others === each;
    if (!isWhole) fail(`${node.what}: shape`, `-1 for the batch, then ${each} elements`, knownInWords(wanted));
  }
  return movedOrKnown(input, reshaped(node.what, input, wanted));
}

function squeeze(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input] = take(node, inputs, 1);
  const given = node.integers("squeeze_dims") ?? node.integers("axis") ?? [];
  const axes = ownAxes(node, input, given);
  // Without axes it would also drop the batch dimension of a batch of one.
  if (axes.length === 0 || axes.some((axis) => input.shape[axis] !== 1)) {
    fail(`${node.what}: squeeze_dims`, "axes of length 1, by number", axes);
  }
  return movedOrKnown(input, without(input, axes, false));
}

function expandDims(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, axisTensor] = take(node, inputs, 2);
  const [given] = fixedNumbersOf(node, axisTensor, "axis");
  const place = given! < 0 ? given! + input.shape.length + 1 : given!;
  if (!(place >= 0 && place <= input.shape.length)) fail(`${node.what}: axis`, "an axis", given);
  return movedOrKnown(input, inserted(input, place));
}

/** With an axis of 1 more. */
function inserted({ shape, batch }: PlacedShape, place: number): PlacedShape {
  const isBefore = batch !== null && place <= batch.axis;
  return { shape: shape.toSpliced(place, 0, 1), batch: shifted(batch, isBefore ? 1 : 0) };
}

function transpose(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, permTensor] = take(node, inputs, 2);
  const order = fixedNumbersOf(node, permTensor, "perm");
  const isOrder = order.toSorted((a, b) => a - b).every((axis, i) => axis === i) && order.length === input.shape.length;
  if (!isOrder) fail(`${node.what}: perm`, `an order of ${input.shape.length} axes`, order);
  return moved(input, reordered(input, order));
}

function concat(node: GraphNode, inputs: Inputs): OperatorCost {
  const axisTensor = inputs.at(-1);
  const [first] = inputs;
  if (first === undefined || axisTensor === undefined || inputs.length < 2) {
    return fail(node.what, "tensors and an axis", inputs.length);
  }
  return joined(node, inputs.slice(0, -1), fixedNumbersOf(node, axisTensor, "axis")[0]!);
}

function joined(node: GraphNode, all: Inputs, given: number): OperatorCost {
  const first = all[0]!;
  const batched = all.find(({ batch }) => batch !== null) ?? first;
  const axis = ownAxis(node, batched, given);
  const rest = ({ shape }: BatchedTensor): string => shape.with(axis, 0).join();
  for (const one of all) {
    const isLike = one.shape.length === first.shape.length && rest(one) === rest(first);
    if (!isLike || !sameBatch(one.batch, batched.batch)) {
      fail(
        node.what,
        `shapes that differ from ${shapesInWords([first])} along axis ${axis} alone`,
        shapesInWords([one]),
      );
    }
  }
  const length = all.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const placed = resized(batched, axis, length);
  const isKnown = first.shape.length === 1 && all.every(({ values }) => values !== null) && length <= KNOWN_NUMBERS_MAX;
  return isKnown
    ? knownCost(
        all.flatMap(({ values }) => values!),
        placed.shape,
        first.dtype,
      )
    : moved(first, placed);
}

/** Tensors of one shape, along an axis of its own. */
function pack(node: GraphNode, inputs: Inputs): OperatorCost {
  if (inputs.length === 0) return fail(node.what, "an input", "none");
  const given = node.integer("axis", 0);
  const axis = given < 0 ? given + inputs[0]!.shape.length + 1 : given;
  if (!(axis >= 0 && axis <= inputs[0]!.shape.length)) fail(`${node.what}: axis`, "an axis", given);
  return joined(
    node,
    inputs.map((one) => movedOrKnown(one, inserted(one, axis)).outputs[0]!),
    axis,
  );
}

function unpack(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input] = take(node, inputs, 1);
  const axis = ownAxis(node, input, node.integer("axis", 0));
  const placed = without(input, [axis], false);
  const outputs = Array.from({ length: Math.min(input.shape[axis]!, KNOWN_NUMBERS_MAX) }, (_, i): BatchedTensor => {
    const value = input.shape.length === 1 ? (input.values?.[i] ?? null) : null;
    return { ...tensor(placed, input.dtype), values: value === null ? null : [value] };
  });
  return { outputs, macs: 0 };
}

/** Split: an axis and a tensor; SplitV: a tensor, sizes and an axis. */
function split(node: GraphNode, inputs: Inputs): OperatorCost {
  const isEven = node.op === "Split";
  const [a, b, c] = isEven ? [...take(node, inputs, 2), undefined] : take(node, inputs, 3);
  const input = isEven ? b : a;
  const axis = ownAxis(node, input, fixedNumbersOf(node, isEven ? a : c!, "axis")[0]!);
  const length = input.shape[axis]!;
  const count = node.integer("num_split", 1);
  const given = isEven
    ? Array<number>(Math.max(1, Math.min(count, length))).fill(length / count)
    : fixedNumbersOf(node, b, "sizes");
  const told = given.reduce((sum, size) => sum + Math.max(0, size), 0);
  const sizes = given.map((size) => (size === -1 ? length - told : size));
  if (
    sizes.some((size) => !Number.isInteger(size) || size < 1) ||
    sizes.reduce((sum, size) => sum + size, 0) !== length
  ) {
    fail(node.what, `sizes that make ${length}`, sizes);
  }
  return { outputs: sizes.map((size) => tensor(resized(input, axis, size), input.dtype)), macs: 0 };
}

/** Pad, PadV2, MirrorPad. */
function pad(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, paddingTensor] = inputs;
  if (!input || !paddingTensor || inputs.length > 3) return fail(node.what, "2 or 3 inputs", inputs.length);
  const padding = fixedNumbersOf(node, paddingTensor, "paddings");
  const isWrong =
    padding.length !== 2 * input.shape.length ||
    padding.some((n, i) => n < 0 || (n > 0 && i >> 1 === input.batch?.axis));
  if (isWrong) fail(`${node.what}: paddings`, "whole numbers >= 0, none for the batch", padding);
  const shape = input.shape.map((length, i) => length + padding[2 * i]! + padding[2 * i + 1]!);
  const isTooWide =
    node.op === "MirrorPad" && input.shape.some((length, i) => Math.max(padding[2 * i]!, padding[2 * i + 1]!) > length);
  if (isTooWide) fail(`${node.what}: paddings`, "no more than there is to mirror", padding);
  // tfjs mirrors an image row by row, each a tensor of its own.
  return {
    outputs: [tensor({ shape, batch: input.batch }, input.dtype)],
    macs: 0,
    scratch: node.op === "MirrorPad" ? 2 * sizeOf(shape) : 0,
  };
}

function slice(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, beginTensor, sizeTensor] = take(node, inputs, 3);
  const begin = fixedNumbersOf(node, beginTensor, "begin");
  const sizes = knownOf(node, sizeTensor, "size");
  if (begin.length !== input.shape.length || sizes.length !== begin.length) {
    return fail(node.what, `${input.shape.length} beginnings and sizes`, [begin.length, sizes.length]);
  }
  let values = input.shape.length === 1 ? input.values : null;
  const shape = input.shape.map((length, axis) => {
    const size = sizes[axis]!;
    if (axis === input.batch?.axis) {
      const isAll = begin[axis] === 0 && (isMultiple(size) ? size.batch === length : size === -1);
      return isAll ? length : fail(`${node.what}: begin`, "all queries of the batch", knownInWords(sizes));
    }
    if (isMultiple(size))
      return fail(`${node.what}: size`, "numbers that do not depend on the batch", "the batch's size");
    const count = size === -1 ? length - begin[axis]! : size;
    if (begin[axis]! < 0 || count < 1 || begin[axis]! + count > length)
      fail(node.what, `a part of ${length}`, [begin[axis], size]);
    values = values?.slice(begin[axis], begin[axis]! + count) ?? null;
    return count;
  });
  const placed = { shape, batch: input.batch };
  return values === null ? moved(input, placed) : knownCost(values, shape, input.dtype);
}

/** numpy's slices, with bits that say for each place of the list: no begin, no end, an axis of 1 more, an axis that goes. */
function stridedSlice(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, ...ends] = inputs;
  const [beginTensor, endTensor, stepTensor] = ends;
  if (input === undefined || beginTensor === undefined || endTensor === undefined || inputs.length > 4) {
    return fail(node.what, "4 inputs", inputs.length);
  }
  const begin = fixedNumbersOf(node, beginTensor, "begin");
  const end = knownOf(node, endTensor, "end");
  const steps = stepTensor === undefined ? begin.map(() => 1) : fixedNumbersOf(node, stepTensor, "strides");
  const has = (mask: string, place: number): boolean => ((node.integer(mask, 0) >> place) & 1) === 1;
  if (node.integer("ellipsis_mask", 0) !== 0)
    fail(`${node.what}: ellipsis_mask`, "0: each axis by its place", node.integer("ellipsis_mask", 0));
  if (end.length !== begin.length || steps.length !== begin.length || begin.length > 16 || steps.includes(0)) {
    fail(node.what, "a begin, an end and a stride for each", [begin.length, end.length, steps.length]);
  }
  const lengths: { length: number; isBatch: boolean }[] = [];
  // On WebAssembly tfjs takes the bits of whole numbers for those of float32 where it leaves some out.
  const isKept = input.shape.length === 1 && (input.dtype === "float32" || steps.every((step) => step === 1));
  let values = isKept ? input.values : null;
  let axis = 0;
  for (const place of begin.keys()) {
    if (has("new_axis_mask", place)) {
      lengths.push({ length: 1, isBatch: false });
      continue;
    }
    const length = input.shape[axis] ?? fail(node.what, `at most ${input.shape.length} axes`, begin.length);
    const isBatch = axis++ === input.batch?.axis;
    if (isBatch) {
      const isAll =
        has("begin_mask", place) && has("end_mask", place) && steps[place] === 1 && !has("shrink_axis_mask", place);
      const toEnd = isMultiple(end[place]!) && end[place].batch === length;
      if (!isAll && !(begin[place] === 0 && toEnd)) fail(node.what, "all queries of the batch", begin[place]);
      lengths.push({ length, isBatch });
      continue;
    }
    const until = end[place]!;
    if (isMultiple(until))
      return fail(`${node.what}: end`, "numbers that do not depend on the batch", "the batch's size");
    const isOne = has("shrink_axis_mask", place);
    const step = steps[place]!;
    const first = has("begin_mask", place) && !isOne ? (step > 0 ? 0 : length - 1) : begin[place]!;
    const last = has("end_mask", place) ? (step > 0 ? length : -length - 1) : until;
    const from0 = first < 0 ? first + length : first;
    const { from, count } = isOne
      ? { from: from0, count: from0 >= 0 && from0 < length ? 1 : 0 }
      : sliced(length, first, last, step);
    if (count === 0) fail(node.what, "something that is left", [first, last, step]);
    const before = values;
    values = before === null ? null : Array.from({ length: count }, (_, n) => before[from + n * step]!);
    if (!isOne) lengths.push({ length: count, isBatch: false });
  }
  for (; axis < input.shape.length; axis++)
    lengths.push({ length: input.shape[axis]!, isBatch: axis === input.batch?.axis });
  const at = lengths.findIndex(({ isBatch }) => isBatch);
  const placed = { shape: lengths.map(({ length }) => length), batch: at < 0 ? null : { ...input.batch!, axis: at } };
  return values === null ? moved(input, placed) : knownCost(values, placed.shape, input.dtype);
}

/** Gather; GatherV2 has the axis as an input. */
function gather(node: GraphNode, inputs: Inputs): OperatorCost {
  const [data, indices, axisTensor] = inputs;
  if (data === undefined || indices === undefined || inputs.length > 3)
    return fail(node.what, "2 or 3 inputs", inputs.length);
  if (node.integer("batch_dims", 0) !== 0) fail(`${node.what}: batch_dims`, "0", node.integer("batch_dims", 0));
  const given = axisTensor === undefined ? 0 : fixedNumbersOf(node, axisTensor, "axis")[0]!;
  const axis = ownAxis(node, data, given);
  if (data.batch !== null && indices.batch !== null)
    fail(node.what, "the batch in what it picks from or in the indices", "both");
  const places = indices.values as readonly number[] | null;
  const length = data.shape[axis]!;
  if (places?.some((index) => !(index >= 0 && index < length))) fail(node.what, `indices below ${length}`, places);
  if (data.values !== null && places !== null && data.shape.length === 1) {
    return knownCost(
      places.map((index) => data.values![index]!),
      indices.shape,
      data.dtype,
    );
  }
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  const own =
    data.batch !== null && data.batch.axis > axis ? shifted(data.batch, indices.shape.length - 1) : data.batch;
  return moved(data, { shape, batch: own ?? shifted(indices.batch, axis) });
}

/** Each place of the indices' last axis is one along the first axes of what they pick from. */
function gatherNd(node: GraphNode, inputs: Inputs): OperatorCost {
  const [data, indices] = take(node, inputs, 2);
  const depth = indices.shape.at(-1) ?? 0;
  const front = indices.shape.length - 1;
  if (depth < 1 || depth > data.shape.length || indices.batch?.axis === front || indices.dtype !== "int32") {
    fail(node.what, "indices that point into it", shapesInWords([data, indices]));
  }
  if (data.batch !== null && (indices.batch !== null || data.batch.axis < depth)) {
    fail(node.what, "indices within one query (or a batch of 1)", "indices into the batch");
  }
  const shape = [...indices.shape.slice(0, -1), ...data.shape.slice(depth)];
  requirePlaces(node, indices, data.shape.slice(0, depth));
  return moved(data, { shape, batch: indices.batch ?? shifted(data.batch, front - depth) });
}

/** Those that are known: the others are looked at when the model runs. */
function requirePlaces(node: GraphNode, { values }: BatchedTensor, lengths: readonly number[]): void {
  const outside = values?.find(
    (place, n) => isMultiple(place) || !(place >= 0 && place < lengths[n % lengths.length]!),
  );
  if (outside !== undefined) fail(node.what, `places within [${lengths}]`, knownInWords([outside]));
}

function reverse(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, axisTensor] = take(node, inputs, 2);
  requireNoBooleans(node, [input]);
  ownAxes(node, input, fixedNumbersOf(node, axisTensor, "axis"));
  return moved(input, input);
}

function cumSum(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, axisTensor] = take(node, inputs, 2);
  ownAxes(node, input, fixedNumbersOf(node, axisTensor, "axis"));
  // Turned first and back, where it is not along the last axis.
  return { outputs: [tensor(input, input.dtype)], macs: sizeOf(input.shape), scratch: 2 * sizeOf(input.shape) };
}

function argMax(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, axisTensor] = take(node, inputs, 2);
  const axis = ownAxis(node, input, fixedNumbersOf(node, axisTensor, "dimension")[0]!);
  return {
    outputs: [tensor(without(input, [axis], false), "int32")],
    macs: sizeOf(input.shape),
    scratch: sizeOf(input.shape),
  };
}

/** The largest along the last axis, and where they are. */
function topK(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, countTensor] = take(node, inputs, 2);
  requireNoBooleans(node, [input]);
  const [count] = fixedNumbersOf(node, countTensor, "k");
  const axis = ownAxis(node, input, -1);
  const length = input.shape[axis]!;
  if (!(count! >= 1 && count! <= length)) fail(`${node.what}: k`, `1 to ${length}, which there are`, count);
  const placed = resized(input, axis, count!);
  const macs = sizeOf(input.shape) * Math.max(1, Math.ceil(Math.log2(length)));
  return { outputs: [tensor(placed, input.dtype), tensor(placed, "int32")], macs, scratch: 2 * sizeOf(input.shape) };
}

function fill(node: GraphNode, inputs: Inputs): OperatorCost {
  const [dims, value] = take(node, inputs, 2);
  const placed = placedAs(node.what, knownOf(node, dims, "dims"));
  const dtype = node.dtype("T", "DT_FLOAT");
  // Bytes hold true and false, and would cut a number short.
  const [only] = dtype === "bool" ? [] : (value.values ?? []);
  const size = sizeOf(placed.shape);
  if (value.batch !== null) fail(node.what, "a value that is the same for each query", "a value of the batch");
  if (placed.batch !== null || size > KNOWN_NUMBERS_MAX || only === undefined) {
    return { outputs: [tensor(placed, dtype)], macs: size };
  }
  return knownCost(Array<Known>(size).fill(only), placed.shape, dtype);
}

/** Places, a shape, what stands there, and what stands elsewhere. */
function sparseToDense(node: GraphNode, inputs: Inputs): OperatorCost {
  const [indices, shapeTensor, values, missing] = inputs;
  if (!indices || !shapeTensor || !values || !missing || inputs.length !== 4)
    return fail(node.what, "4 inputs", inputs.length);
  const shape = fixedNumbersOf(node, shapeTensor, "output_shape");
  if ([indices, values, missing].some(({ batch }) => batch !== null)) {
    fail(node.what, "places within one query (or a batch of 1)", "those of a batch");
  }
  const depth = indices.shape.length > 1 ? indices.shape.at(-1)! : 1;
  if (indices.dtype !== "int32" || depth !== shape.length || sizeOf(missing.shape) !== 1) {
    fail(node.what, "whole numbers for places, and one number elsewhere", shapesInWords([indices, missing]));
  }
  requirePlaces(node, indices, shape);
  const placed = placedAs(node.what, shape);
  const dense = denseNumbers(indices, shape, values, missing);
  return dense === null
    ? { outputs: [tensor(placed, values.dtype)], macs: sizeOf(shape) }
    : knownCost(dense, shape, values.dtype);
}

/** @returns null where not all of it is known, or a place is named twice, which back-ends take differently */
function denseNumbers(
  indices: BatchedTensor,
  shape: readonly number[],
  { values }: BatchedTensor,
  { values: elsewhere }: BatchedTensor,
): Known[] | null {
  const [missing] = elsewhere ?? [];
  const size = sizeOf(shape);
  const isList = shape.length === 1 && indices.shape.length <= 2 && (indices.shape[1] ?? 1) === 1;
  if (indices.values === null || values === null || missing === undefined || !isList || size > KNOWN_NUMBERS_MAX)
    return null;
  if (new Set(indices.values).size < indices.values.length) return null;
  const dense = Array<Known>(size).fill(missing);
  for (const [n, place] of indices.values.entries()) {
    const value = values.length === 1 ? values[0] : values[n];
    if (isMultiple(place) || value === undefined) return null;
    dense[place] = value;
  }
  return dense;
}

function range(node: GraphNode, inputs: Inputs): OperatorCost {
  const [start, limit, delta] = take(node, inputs, 3).map(
    (one) => fixedNumbersOf(node, one, "start, limit and delta")[0]!,
  );
  const count = Math.ceil((limit! - start!) / delta!);
  if (!(count >= 1 && count <= KNOWN_NUMBERS_MAX)) return fail(node.what, `1 to ${KNOWN_NUMBERS_MAX} numbers`, count);
  const dtype = node.dtype("Tidx", "DT_FLOAT");
  if (dtype === "bool") fail(`${node.what}: Tidx`, "float32 or int32", dtype);
  return knownCost(
    Array.from({ length: count }, (_, i) => rounded(start! + i * delta!, dtype, node.what)),
    [count],
    dtype,
  );
}

function tile(node: GraphNode, inputs: Inputs): OperatorCost {
  const [input, repeatsTensor] = take(node, inputs, 2);
  const repeats = fixedNumbersOf(node, repeatsTensor, "multiples");
  const isWrong =
    repeats.length !== input.shape.length ||
    repeats.some((count, axis) => count < 1 || (count !== 1 && axis === input.batch?.axis));
  if (isWrong) fail(`${node.what}: multiples`, "numbers above 0, 1 for the batch", repeats);
  return moved(input, { shape: input.shape.map((length, axis) => length * repeats[axis]!), batch: input.batch });
}
