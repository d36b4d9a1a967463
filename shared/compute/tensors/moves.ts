/** How shapes change where numbers are moved, and where matrices are multiplied: the same in every runtime that thinks as numpy does. */
import { fail } from "../model-json.ts";
import {
  type BatchedTensor,
  type BatchPlace,
  broadcast,
  isMultiple,
  type Known,
  knownInWords,
  perQuery,
  shapesInWords,
  shifted,
  sizeOf,
  without,
} from "./batched-tensor.ts";

type Placed = Pick<BatchedTensor, "shape" | "batch">;

/** @param wanted lengths with at most one -1 for whatever is left */
export function reshaped(what: string, { shape, batch }: Placed, wanted: readonly Known[]): Placed {
  if (batch === null) return { shape: filled(what, wanted, sizeOf(shape)), batch: null };
  return batchedReshape(what, { shape, batch }, wanted);
}

/**
 * Numbers stay where they are, so the batch's axis of the result must have as many numbers before it, and as many after each of its
 * rows, as before. A target that says only numbers would be right for one size of batch alone.
 */
function batchedReshape(
  what: string,
  { shape, batch }: { shape: readonly number[]; batch: BatchPlace },
  wanted: readonly Known[],
): Placed {
  const before = sizeOf(shape.slice(0, batch.axis)) * batch.lead;
  const size = sizeOf(shape);
  const named = wanted.findIndex(isMultiple);
  const axis = named >= 0 ? named : wanted.indexOf(-1);
  if (axis < 0 || wanted.some((length, at) => at !== axis && isMultiple(length))) {
    return fail(`${what}: shape`, "the batch first, in a shape that holds for any batch", knownInWords(wanted));
  }
  const counted = wanted.map(perQuery);
  const result = filled(what, counted, size);
  const front = sizeOf(result.slice(0, axis));
  const lead = before / front;
  const times = result[axis]! / lead;
  if (!Number.isInteger(lead) || !Number.isInteger(times)) {
    return fail(
      `${what}: shape`,
      "one that leaves each query's numbers together, the batch first",
      knownInWords(wanted),
    );
  }
  return { shape: result, batch: { axis, lead, times } };
}

/** One -1 is whatever is left. */
function filled(what: string, target: readonly Known[], size: number): number[] {
  const numbers = target.map((length) =>
    isMultiple(length)
      ? fail(`${what}: shape`, "numbers that do not depend on the batch", knownInWords(target))
      : length,
  );
  const others = numbers.reduce((all, length) => (length === -1 ? all : all * length), 1);
  const shape = numbers.map((length) => (length === -1 ? size / others : length));
  const isRight =
    shape.every((length) => Number.isSafeInteger(length) && length > 0) &&
    numbers.filter((length) => length === -1).length <= 1 &&
    sizeOf(shape) === size;
  return isRight ? shape : fail(`${what}: shape`, `${size} numbers for one query`, knownInWords(target));
}

/** A shape that a graph names, with at most one length that grows with the batch: whatever stands along it is the same for each query. */
export function placedAs(what: string, lengths: readonly Known[]): Placed {
  const axis = lengths.findIndex(isMultiple);
  const shape = lengths.map(perQuery);
  if (shape.some((length) => length < 1)) fail(`${what}: shape`, "dimensions above 0", knownInWords(lengths));
  if (lengths.filter(isMultiple).length > 1) fail(`${what}: shape`, "the batch once", knownInWords(lengths));
  return { shape, batch: axis < 0 ? null : { axis, lead: 1, times: shape[axis]! } };
}

/** As numpy slices: negative numbers count from the end, what lies beyond is cut off. */
export function sliced(length: number, start: number, end: number, step: number): { from: number; count: number } {
  const bound = (n: number): number => {
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    return Math.min(high, Math.max(low, n < 0 ? n + length : n));
  };
  const [from, to] = [bound(start), bound(end)];
  return { from, count: Math.max(0, Math.ceil((to - from) / step)) };
}

/**
 * numpy's matmul. The batch may stand among the leading axes of either, along the rows of the first or the columns of the second; along
 * the axis that is summed over it may not.
 */
export function multipliedShapes(what: string, a: Placed, b: Placed): { placed: Placed; macs: number } {
  const wrong = (): never => fail(what, "matrices that go together", shapesInWords([a, b]));
  // A list is a row at the left, a column at the right, and its axis goes away.
  const [isRow, isColumn] = [a.shape.length === 1, b.shape.length === 1];
  if (a.shape.length === 0 || b.shape.length === 0) return wrong();
  const left = isRow ? { shape: [1, ...a.shape], batch: shifted(a.batch, 1) } : a;
  const right = isColumn ? { shape: [...b.shape, 1], batch: b.batch } : b;
  const [rows, inner] = left.shape.slice(-2) as [number, number];
  const [depth, columns] = right.shape.slice(-2) as [number, number];
  const isAlong = (batch: BatchPlace | null, rank: number, fromEnd: number) => batch?.axis === rank - fromEnd;
  const isSummed = isAlong(left.batch, left.shape.length, 1) || isAlong(right.batch, right.shape.length, 2);
  if (inner !== depth || isSummed) return wrong();
  const rank = Math.max(left.shape.length, right.shape.length);
  const ofRows = isAlong(left.batch, left.shape.length, 2) ? { ...left.batch!, axis: rank - 2 } : null;
  const ofColumns = isAlong(right.batch, right.shape.length, 1) ? { ...right.batch!, axis: rank - 1 } : null;
  const lead = broadcast(what, [
    { shape: left.shape.slice(0, -2), batch: ofRows === null ? left.batch : null },
    { shape: right.shape.slice(0, -2), batch: ofColumns === null ? right.batch : null },
  ]);
  const batches = [lead.batch, ofRows, ofColumns].filter((batch) => batch !== null);
  if (batches.length > 1) return wrong();
  const whole = { shape: [...lead.shape, rows, columns], batch: batches[0] ?? null };
  const gone = [...(isRow ? [rank - 2] : []), ...(isColumn ? [rank - 1] : [])];
  return { placed: without(whole, gone, false), macs: sizeOf(whole.shape) * inner };
}
