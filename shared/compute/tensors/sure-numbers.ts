/**
 * What is known of numbers before a model runs decides shapes, memory and where the batch is, so it must be what the library will have. Types
 * of few bits go round, and kernels differ in the order of sums, in how far whole numbers go and in how fractions are cut: only what all of
 * them get right is known.
 */
import { BATCH_BYTES_MAX } from "../../protocol/limits.ts";
import { type BatchedTensor, type ComputedDtype, isMultiple, type Known, perQuery } from "./batched-tensor.ts";

/** Whole numbers up to here are exact in float32, in which some kernels compute with int32 too. */
export const EXACT_MAX = 2 ** 24;

type Ends = readonly [least: number, most: number];

const upTo = (most: number): Ends => [-most, most];

/** Of whole numbers: those that a type holds, of 64 bits those that a float64 holds too. */
const ENDS: Readonly<Record<ComputedDtype, Ends>> = {
  bool: [0, 1],
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int64: upTo(Number.MAX_SAFE_INTEGER),
  float32: upTo(EXACT_MAX),
  float64: upTo(Number.MAX_SAFE_INTEGER),
};

export const wholeEnds = (dtype: ComputedDtype): Ends => ENDS[dtype];

/**
 * A whole number of 64 bits that a float64 does not hold exactly stands as an infinity of its sign: it may be moved and says "to the end", and
 * nothing is decided by it. Floats that are infinite are not known at all.
 */
export const isFar = (value: Known): boolean =>
  value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;

/** Of a place along an axis, which never reaches 2^53: the same place in numbers that can be computed with. */
export function withinReach<One extends Known>(value: One): One {
  if (!isFar(value)) return value;
  return (value === Number.POSITIVE_INFINITY ? Number.MAX_SAFE_INTEGER : -Number.MAX_SAFE_INTEGER) as One;
}

/** Whether a type holds that number as it is. */
export type IsSure = (dtype: ComputedDtype) => (value: number) => boolean;

/** Of whole numbers alone: what is too large to compute with may still say "to the end". */
export const isSureWhole: IsSure = (dtype) => {
  const [least, most] = ENDS[dtype];
  return (value) => Number.isInteger(value) && value >= least && value <= most;
};

/** May numbers be computed with these? */
export function isExact({ values }: Pick<BatchedTensor, "values">): boolean {
  return values?.every((value) => Math.abs(perQuery(value)) <= EXACT_MAX && Number.isInteger(perQuery(value))) ?? false;
}

/** May all of them become one, in whatever order a kernel takes them? */
export function isExactReduced(way: "sum" | "product" | "one of them", input: Pick<BatchedTensor, "values">): boolean {
  if (!isExact(input)) return false;
  const sizes = input.values!.map((value) => Math.abs(perQuery(value)));
  if (way === "sum") return sizes.reduce((all, size) => all + size, 0) <= EXACT_MAX;
  return way === "one of them" || sizes.reduce((all, size) => all * Math.max(1, size), 1) <= EXACT_MAX;
}

/** Without numbers that could be others when the model runs. */
export function withSureNumbers(output: BatchedTensor, isSure: IsSure = isSureWhole): BatchedTensor {
  const { values, dtype } = output;
  const isAll = values?.every((value) => isMultiple(value) || isSure(dtype)(value)) ?? true;
  return isAll ? output : { ...output, values: null };
}

/**
 * What grows with the batch as no number of queries does: below 0, no whole number, or too large for its type in the largest batch.
 * @param inputSize numbers of a query, which says how many queries fit into a batch at most
 */
export function outgrown({ values, dtype }: Pick<BatchedTensor, "values" | "dtype">, inputSize: number): Known | null {
  const rowsMax = BATCH_BYTES_MAX / (4 * inputSize);
  const most = ENDS[dtype][1] / rowsMax;
  const isWithin = (value: Known): boolean =>
    !isMultiple(value) || (Number.isInteger(value.batch) && value.batch >= 1 && value.batch <= most);
  return values?.find((value) => !isWithin(value)) ?? null;
}
