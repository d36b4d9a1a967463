/** Draws that are made from a RandomSource, whichever it is. */
import type { RandomSource } from "./random.ts";

type Shufflable = unknown[] | Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** Puts the array into a uniformly random order, in place (Fisher and Yates), and returns it. */
export function shuffle<A extends Shufflable>(array: A, random: RandomSource): A {
  const entries = array as unknown[];
  for (let last = entries.length - 1; last > 0; last--) {
    const chosen = random.integer(last + 1);
    const held = entries[last];
    entries[last] = entries[chosen];
    entries[chosen] = held;
  }
  return array;
}

/** One standard normal deviate (Box and Muller; its twin is thrown away, so that a draw always costs two uniforms). */
export function normal(random: RandomSource): number {
  // 1 - u lies in (0, 1], so the logarithm is finite.
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}

/** One exponential deviate with the given mean, in the mean's unit. */
export function exponential(random: RandomSource, mean: number): number {
  return -mean * Math.log(1 - random.uniform());
}
