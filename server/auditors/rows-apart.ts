/**
 * Rows in which two machines differ: somewhere by more than a share of the row's largest number.
 * @param one rowCount x C
 * @param other rowCount x C
 * @param differenceMax 0: they are the same in every bit, but for the sign of a zero
 */
export function rowsApart(one: Float32Array, other: Float32Array, rowCount: number, differenceMax: number): number {
  const size = other.length / rowCount;
  const rows = Array.from({ length: rowCount }, (_, row) => row * size);
  const isRowApart = (from: number) =>
    isApart(one.subarray(from, from + size), other.subarray(from, from + size), differenceMax);
  return rows.filter(isRowApart).length;
}

function isApart(one: Float32Array, other: Float32Array, differenceMax: number): boolean {
  let largest = 0;
  for (const number of other) if (Number.isFinite(number)) largest = Math.max(largest, Math.abs(number));
  // Infinities and what is no number are alike or they are not: there is no difference to measure.
  return other.some((b, i) => !Object.is(one[i], b) && !(Math.abs(one[i]! - b) <= differenceMax * largest));
}
