/** Secrets: audit rows, placements, probes. From the operating system's generator, never from a seed that is logged. */
import { randomFillSync } from "node:crypto";
import type { RandomSource } from "../../shared/random/random.ts";

/** Each call of the operating system's generator costs as much as some hundred bytes of it; a known question takes two thousand words. */
const pool = new Uint32Array(4096);
let next = pool.length;

function word(): number {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  const drawn = pool[next]!;
  pool[next++] = 0;
  return drawn;
}

const POOL_BYTES = 4096;
const bytePool = Buffer.alloc(POOL_BYTES);
let nextByte = POOL_BYTES;

/**
 * So many secret bytes as base64url; nothing of them is kept.
 * @throws RangeError beyond POOL_BYTES
 */
export function secretText(byteCount: number): string {
  if (byteCount > POOL_BYTES)
    throw new RangeError(`secretText: expected at most ${POOL_BYTES} bytes, got ${byteCount}`);
  if (nextByte + byteCount > POOL_BYTES) {
    randomFillSync(bytePool);
    nextByte = 0;
  }
  const end = nextByte + byteCount;
  const text = bytePool.toString("base64url", nextByte, end);
  bytePool.fill(0, nextByte, end);
  nextByte = end;
  return text;
}

export const secretRandom: RandomSource = {
  integer(bound) {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new RangeError(`secretRandom: expected a bound in 1..2^32, got ${bound}`);
    }
    // Rejection: the words below `limit` are a whole number of times `bound`.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const drawn = word();
      if (drawn < limit) return drawn % bound;
    }
  },
  uniform() {
    return ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  },
};
