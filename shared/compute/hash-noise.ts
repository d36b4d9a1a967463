/**
 * Noise without a generator: entry `index` of stream `seed`, uniform in [-1, 1), the same on every machine.
 * For fixed test models and reproducible training; nothing secret may come from it.
 *
 * The mixer is the 32-bit finalizer "lowbias32" (C. Wellons, hash-prospector); all of it is exact integer arithmetic, and
 * the quotient is exact in float64.
 */
export function hashNoise(seed: number, index: number): number {
  return hash32(seed, index) / 2 ** 31 - 1;
}

/** Uniform over the 32-bit integers. */
export function hash32(seed: number, index: number): number {
  return mix(mix(seed) + index);
}

function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
