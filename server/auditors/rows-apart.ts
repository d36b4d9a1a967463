/**
/**
 * Rows in which a number differs: an auditor has the library that tabs have, and computes on its WebAssembly, as what it is compared with.
 * @param one rowCount x C
 * @param other rowCount x C
 */
export function rowsApart(one: Float32Array, other: Float32Array, rowCount: number): number {
  const size = other.length / rowCount;
  const rows = Array.from({ length: rowCount }, (_, row) => row * size);
  return rows.filter((from) => isApart(one.subarray(from, from + size), other.subarray(from, from + size))).length;
}

function isApart(one: Float32Array, other: Float32Array): boolean {
  return other.some((number, i) => number !== one[i] && !(Number.isNaN(number) && Number.isNaN(one[i])));
}
