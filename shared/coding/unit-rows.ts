/**
 * N x K, row-major: row i is the unit row of rawQueryOf[i]. For codes that copy and never mix.
 * @example unitRows(Int32Array.of(1, 0), 2) // -> [0, 1, 1, 0]
 */
export function unitRows(rawQueryOf: Int32Array, queryCount: number): Float64Array {
  const matrix = new Float64Array(rawQueryOf.length * queryCount);
  rawQueryOf.forEach((query, i) => {
    matrix[i * queryCount + query] = 1;
  });
  return matrix;
}

/**
 * The query that each row of an N x K encode matrix copies as it is, or -1 where the row mixes several.
 * @example rawQueriesOf(Float64Array.of(1, 0, 0.5, 0.5), 2) // -> [0, -1]
 */
export function rawQueriesOf(encodeMatrix: Float64Array, queryCount: number): Int32Array {
  return Int32Array.from({ length: encodeMatrix.length / queryCount }, (_, i) => {
    const row = encodeMatrix.subarray(i * queryCount, (i + 1) * queryCount);
    const copied = row.indexOf(1);
    return row.every((weight, j) => weight === (j === copied ? 1 : 0)) ? copied : -1;
  });
}
