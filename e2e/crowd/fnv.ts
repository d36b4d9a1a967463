/** FNV-1a, 32 bits: one hash for traces, and for rows that are known again. Not for anything that somebody could want to forge. */

const PRIME = 0x01000193;
export const FNV_START = 0x811c9dc5;

/**
 * @param words whole numbers, of which 32 bits count
 * @param before the hash of what came before them
 * @returns signed
 */
export function fnv1a(words: ArrayLike<number>, before: number = FNV_START): number {
  let hash = before;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, PRIME);
  return hash;
}

/** A row by the bits of its numbers: two sums, 53 bits together, that no two of a hundred thousand rows are likely to share. */
export function rowKey(row: Float32Array): number {
  const words = new Int32Array(row.buffer, row.byteOffset, row.length);
  let [low, high] = [FNV_START, PRIME];
  for (const word of words) {
    low = Math.imul(low ^ word, PRIME);
    high = Math.imul(high ^ ((word >>> 16) | (word << 16)), PRIME);
  }
  return (low >>> 0) * 2 ** 21 + (high >>> 11);
}
