/** Shards from blocks: in strips, so that no second copy of the data is ever held. */
import type { FieldKernels } from "../../../shared/compute/field/field-kernels.ts";

/** Entries of a block that are encoded at a time: with 9 blocks 2 MiB, which a cache holds. */
const STRIP_ENTRIES = 1 << 16;

/**
 * @param rows encode rows, each K+T residues
 * @param blocks K blocks, then T masks, of equal length
 * @returns one shard a row
 */
export async function encodeBlocks(
  kernels: FieldKernels,
  rows: readonly Uint32Array[],
  blocks: readonly Uint32Array[],
): Promise<Uint32Array[]> {
  const length = blocks[0]!.length;
  const shards = rows.map(() => new Uint32Array(length));
  const strip = new Uint32Array(blocks.length * Math.min(STRIP_ENTRIES, length));
  for (let from = 0; from < length; from += STRIP_ENTRIES) {
    const count = Math.min(STRIP_ENTRIES, length - from);
    blocks.forEach((block, j) => {
      strip.set(block.subarray(from, from + count), j * count);
    });
    const matrix = kernels.loadMatrix(strip.subarray(0, blocks.length * count), blocks.length, count);
    try {
      for (const [i, row] of rows.entries()) shards[i]!.set(await matrix.vecMat(row), from);
    } finally {
      matrix.dispose();
    }
  }
  return shards;
}
