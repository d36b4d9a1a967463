import { AUDITOR_DIFFERENCE_MAX } from "../../shared/protocol/limits.ts";

/**
 * Rows in which two machines differ by more than rounding: somewhere by more than AUDITOR_DIFFERENCE_MAX of the row's largest number.
 * @param one rowCount x C
 * @param other rowCount x C
 */
export function rowsApart(one: Float32Array, other: Float32Array, rowCount: number): number {
  const size = other.length / rowCount;
  const rows = Array.from({ length: rowCount }, (_, row) => row * size);
  return rows.filter((from) => isApart(one.subarray(from, from + size), other.subarray(from, from + size))).length;
}

function isApart(one: Float32Array, other: Float32Array): boolean {
  let largest = 0;
  for (const number of other) if (Number.isFinite(number)) largest = Math.max(largest, Math.abs(number));
  // Infinities and what is no number are alike or they are not: there is no difference to measure.
  return other.some((b, i) => !Object.is(one[i], b) && !(Math.abs(one[i]! - b) <= AUDITOR_DIFFERENCE_MAX * largest));
}
