/** Secrets: audit rows, placements, probes. From the operating system's generator, never from a seed that is logged. */
import { randomFillSync } from "node:crypto";
import type { RandomSource } from "../../shared/random/random.ts";

const pool = new Uint32Array(256);
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
