/**
 * What is known of a tensor before anything runs: its shape for one query, where in it the batch is, and its numbers where they
 * come of constants and shapes alone.
 *
 * A graph that takes a batch must answer each query as if it were alone; else neither coding nor audits make sense. So every
 * tensor that grows with the batch has one axis along which its rows lie, in order, and no operator may reach across that axis:
 * the tests of each runtime's rules run operators on rows together and alone.
 */
import { DTYPE_BYTES, type WeightDtype } from "../model-bundle.ts";
import { fail } from "../model-json.ts";

/**
 * As numbers are computed with. Half precision is a way to store float32 here: no kernel of WebAssembly computes in it, and numbers
 * that are cut short between kernels would differ from runtime to runtime.
 */
export type ComputedDtype = Exclude<WeightDtype, "float16">;

export const isFloat = (dtype: ComputedDtype): boolean => dtype === "float32" || dtype === "float64";

/** How many float32 numbers take as much room as one of these. */
export const roomOf = (dtype: ComputedDtype): number => DTYPE_BYTES[dtype] / DTYPE_BYTES.float32;

export interface BatchedTensor {
  /** For one query: along the batch's axis the length is lead x times, for b queries b times that. */
  readonly shape: readonly number[];
  readonly batch: BatchPlace | null;
  readonly dtype: ComputedDtype;
  /** In row-major order; null: they come with the query, or are too many. */
  readonly values: readonly Known[] | null;
}

export interface OperatorCost {
  readonly outputs: readonly BatchedTensor[];
  /** Multiply-adds for one query. */
  readonly macs: number;
  /** Numbers that it needs for a while beside its inputs and outputs, for one query. */
  readonly scratch?: number;
  /** The same whatever the batch: what a library unfolds of one image at a time. */
  readonly perRun?: number;
}

/**
 * The axis that grows with the batch. Exporters merge the batch with what stands before and after it: place (i, b, j) of the axis is at
 * (i x batch + b) x times + j, for i below lead and j below times.
 */
export interface BatchPlace {
  readonly axis: number;
  readonly lead: number;
  readonly times: number;
}

/** A number that is known but for the size of the batch: that many times it. */
export interface BatchMultiple {
  readonly batch: number;
}
export type Known = number | BatchMultiple;
type Shape = readonly number[];
type Placed = Pick<BatchedTensor, "shape" | "batch">;

export const isMultiple = (value: Known): value is BatchMultiple => typeof value !== "number";
/** What it is for one query. */
export const perQuery = (value: Known): number => (isMultiple(value) ? value.batch : value);
export const isSameKnown = (a: Known, b: Known): boolean =>
  isMultiple(a) ? isMultiple(b) && a.batch === b.batch : a === b;

/** In the words of errors: "2 x batch". */
export function knownInWords(values: readonly Known[]): string {
  const words = values.slice(0, 8).map((value) => (isMultiple(value) ? `${value.batch} x batch` : String(value)));
  return `[${words.join(", ")}${values.length > 8 ? ", ..." : ""}]`;
}

export const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);
export const FIRST: BatchPlace = { axis: 0, lead: 1, times: 1 };

export function tensor({ shape, batch }: Placed, dtype: ComputedDtype = "float32"): BatchedTensor {
  return { shape, batch, dtype, values: null };
}

export function knownTensor(values: readonly Known[], shape: Shape, dtype: ComputedDtype): BatchedTensor {
  return { shape, batch: null, dtype, values };
}

/** Of the input's type. */
export const moved = (input: BatchedTensor, placed: Placed): OperatorCost => ({
  outputs: [tensor(placed, input.dtype)],
  macs: 0,
});

/** A number made for each, of one multiply-add or so. */
export const elementwise = (placed: Placed, dtype: ComputedDtype = "float32", scratch = 0): OperatorCost => ({
  outputs: [tensor(placed, dtype)],
  macs: sizeOf(placed.shape),
  scratch,
});

/** The length of each axis as a graph would compute it. */
export function lengthsOf({ shape, batch }: Placed): Known[] {
  return shape.map((length, axis): Known => (axis === batch?.axis ? { batch: length } : length));
}

export function sameBatch(a: BatchPlace | null, b: BatchPlace | null): boolean {
  return a?.axis === b?.axis && a?.lead === b?.lead && a?.times === b?.times;
}

/** The batch after axes before it have come or gone. */
export function shifted(batch: BatchPlace | null, by: number): BatchPlace | null {
  return batch === null ? null : { ...batch, axis: batch.axis + by };
}

/** numpy's broadcasting; the batch, where there is one, meets itself or an axis of 1. */
export function broadcast(what: string, inputs: readonly Placed[]): Placed {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  const aligned = inputs.map(({ shape, batch }) => ({
    shape: [...Array<number>(rank - shape.length).fill(1), ...shape],
    batch: shifted(batch, rank - shape.length),
  }));
  const batch = aligned.find((one) => one.batch !== null)?.batch ?? null;
  if (aligned.some((one) => one.batch !== null && !sameBatch(one.batch, batch))) {
    fail(what, "the batch at the same place in all that it takes", shapesInWords(inputs));
  }
  const shape = Array.from({ length: rank }, (_, axis) =>
    aligned.reduce((length, one) => {
      const own = one.shape[axis]!;
      const isBatch = axis === batch?.axis;
      if (isBatch && one.batch === null && own !== 1) fail(what, "shapes that go together", shapesInWords(inputs));
      if (length !== own && length !== 1 && own !== 1) fail(what, "shapes that go together", shapesInWords(inputs));
      return own === 1 ? length : own;
    }, 1),
  );
  return { shape, batch };
}

/** [batch, 4] and [3] */
export function shapesInWords(inputs: readonly Placed[]): string {
  return inputs
    .slice(0, 4)
    .map((input) => `[${lengthsOf(input).map((length) => (isMultiple(length) ? batchInWords(length) : length))}]`)
    .join(" and ");
}

const batchInWords = ({ batch }: BatchMultiple): string => (batch === 1 ? "batch" : `${batch} x batch`);

/** For a rule that gives the axes an order of its own. */
export function reordered({ shape, batch }: Placed, order: readonly number[]): Placed {
  return {
    shape: order.map((axis) => shape[axis]!),
    batch: batch && { ...batch, axis: order.indexOf(batch.axis) },
  };
}

/** The last two axes changed, where there are two and it is asked for. */
export function lastTurned(input: Placed, isTurned: boolean): Placed {
  const rank = input.shape.length;
  const order = [...input.shape.keys()];
  return isTurned && rank >= 2 ? reordered(input, [...order.slice(0, -2), rank - 1, rank - 2]) : input;
}

/** Without these axes, or with a length of 1 in their place. None of them is the batch's. */
export function without({ shape, batch }: Placed, axes: readonly number[], keeps: boolean): Placed {
  if (keeps) return { shape: shape.map((length, axis) => (axes.includes(axis) ? 1 : length)), batch };
  const before = axes.filter((axis) => batch !== null && axis < batch.axis).length;
  return { shape: shape.filter((_, axis) => !axes.includes(axis)), batch: shifted(batch, -before) };
}

/** With another length along one axis, which is not the batch's. */
export const resized = ({ shape, batch }: Placed, axis: number, length: number): Placed => ({
  shape: shape.with(axis, length),
  batch,
});
