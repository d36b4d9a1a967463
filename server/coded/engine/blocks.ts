/** A matrix cut into K blocks of equal height; no copies but of blocks that reach beyond the last row. */

export interface BlockShape {
  readonly height: number;
  readonly columns: number;
}

/**
 * @param matrix rows x columns
 * @returns K blocks of ceil(rows / K) x columns; zeros where rows are no multiple of K
 */
export function blocksOf(
  matrix: Uint32Array,
  rows: number,
  columns: number,
  blockCount: number,
): { blocks: Uint32Array[]; shape: BlockShape } {
  const height = Math.ceil(rows / blockCount);
  const size = height * columns;
  const blocks = Array.from({ length: blockCount }, (_, j) => {
    const view = matrix.subarray(Math.min(j * size, matrix.length), (j + 1) * size);
    if (view.length === size) return view;
    const padded = new Uint32Array(size);
    padded.set(view);
    return padded;
  });
  return { blocks, shape: { height, columns } };
}
