/**
 * What is known of numbers before a model runs decides shapes, memory and where the batch is, so it must be what tfjs will have. Kernels
 * differ in the order of sums, in how far whole numbers go and in how fractions are cut: only what all of them get right is known.
 */
import { BATCH_BYTES_MAX } from "../../../protocol/limits.ts";
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  type ComputedDtype,
  isMultiple,
  type Known,
  knownInWords,
  perQuery,
} from "../../tensors/batched-tensor.ts";

/** Whole numbers up to here are exact in float32, in which some kernels compute with int32 too. */
export const EXACT_MAX = 2 ** 24;

/** May numbers be computed with these? */
export function isExact({ values }: Pick<BatchedTensor, "values">): boolean {
  return values?.every((value) => Math.abs(perQuery(value)) <= EXACT_MAX && Number.isInteger(perQuery(value))) ?? false;
}

/** May it be kept as it is? What is too large to compute with may still say "to the end". */
export const isSure =
  (dtype: ComputedDtype) =>
  (value: number): boolean =>
    Number.isInteger(value) && (dtype === "int32" ? (value | 0) === value : Math.abs(value) <= EXACT_MAX);

/**
 * Without numbers that could be others when the model runs.
 * @param inputSize numbers of a query, which says how many queries fit into a batch at most
 * @throws ModelError where a number that grows with the batch could become too large for its type
 */
export function withSureNumbers(what: string, output: BatchedTensor, inputSize: number): BatchedTensor {
  const { values, dtype } = output;
  if (values === null) return output;
  const rowsMax = BATCH_BYTES_MAX / (4 * inputSize);
  const most = (dtype === "int32" ? 2 ** 31 - 1 : EXACT_MAX) / rowsMax;
  const isWithin = (value: Known): boolean =>
    !isMultiple(value) || (Number.isInteger(value.batch) && value.batch >= 1 && value.batch <= most);
  const wrong = values.find((value) => !isWithin(value));
  if (wrong !== undefined) fail(what, "whole numbers of queries that fit its type", knownInWords([wrong]));
  return values.every((value) => isMultiple(value) || isSure(dtype)(value)) ? output : { ...output, values: null };
}
