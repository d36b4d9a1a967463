/** @returns columns x rows; made in tiles that fit the cache */
export function transposeMatrix(matrix: Uint32Array, rows: number, columns: number): Uint32Array {
  const out = new Uint32Array(matrix.length);
  const tile = 32;
  for (let fromRow = 0; fromRow < rows; fromRow += tile) {
    const toRow = Math.min(rows, fromRow + tile);
    for (let fromColumn = 0; fromColumn < columns; fromColumn += tile) {
      const toColumn = Math.min(columns, fromColumn + tile);
      for (let r = fromRow; r < toRow; r++) {
        for (let c = fromColumn; c < toColumn; c++) out[c * rows + r] = matrix[r * columns + c]!;
      }
    }
  }
  return out;
}
