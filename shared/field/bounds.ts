/**
 * How many products may be added before a reduction, for each way in which this project adds them. Each bound is a
 * function in whole numbers of any size, so that bounds.test.ts recomputes it, and stands beside the multiply that needs it.
 */
import { CENTRED_MAX, MODULUS } from "./modulus.ts";

const Q = BigInt(MODULUS);
const C = BigInt(CENTRED_MAX);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

/** Products of two centred residues that a 64-bit lane takes before a fold. Nine overflow. */
export const PRODUCTS_PER_FOLD = 8;

/** A whole number of the range [least, most]. */
export interface Range {
  readonly least: bigint;
  readonly most: bigint;
}

/**
 * The sum of `count` products of centred residues: +-count (2^30-1)^2; for 8 that is 2^63 - 2^34 + 8.
 * @example centredSumRange(8).most === 2n ** 63n - 2n ** 34n + 8n // -> true
 */
export function centredSumRange(count: number): Range {
  const most = BigInt(count) * C * C;
  return { least: -most, most };
}

/**
 * The signed fold (x & q) + (x >> 31) of any 64-bit x; it keeps x mod q, for 2^31 = 1.
 * @example signedFoldRange() // -> { least: -4294967296n, most: 6442450942n }
 */
export function signedFoldRange(): Range {
  return { least: -(2n ** 63n) >> 31n, most: Q + (INT64_MAX >> 31n) };
}

/**
 * The unsigned fold (x & q) + (x >>> 31) of any 64-bit x.
 * @example unsignedFoldRange() // -> { least: 0n, most: 10737418238n }
 */
export function unsignedFoldRange(): Range {
  return { least: 0n, most: Q + (UINT64_MAX >> 31n) };
}

/**
 * 2^63 - 2 = 2 q (2^31 + 1), a multiple of q. With it in the lane, any sum of eight products is positive as an unsigned
 * number, so that the fold can use the unsigned shift: SSE and AVX2 have no signed one for 64-bit lanes.
 */
export const LANE_BIAS = 2n ** 63n - 2n;

/**
 * What a kernel's lane holds before its fold: bias, the last fold, and `count` products more.
 * @example biasedLaneRange(8).least > 0n // -> true
 */
export function biasedLaneRange(count: number): Range {
  const sum = centredSumRange(count);
  return { least: LANE_BIAS + sum.least, most: LANE_BIAS + unsignedFoldRange().most + sum.most };
}

/**
 * Does a lane stay within 64 bits, for ever, if it is folded after every `count` products?
 * @example [laneHolds(8), laneHolds(9)] // -> [true, false]
 */
export function laneHolds(count: number): boolean {
  const { least, most } = biasedLaneRange(count);
  return least >= 0n && most <= UINT64_MAX;
}

/**
 * The same for a lane without bias and with the signed fold.
 * @example [signedLaneHolds(8), signedLaneHolds(9)] // -> [true, false]
 */
export function signedLaneHolds(count: number): boolean {
  const [fold, sum] = [signedFoldRange(), centredSumRange(count)];
  return fold.least + sum.least >= -(2n ** 63n) && fold.most + sum.most <= INT64_MAX;
}

/**
 * Products of other representations that fit a signed lane with a carried fold: 8, 4, 2.
 * @example productsPerSignedFold("centred", "residue") // -> 4
 */
export function productsPerSignedFold(left: "residue" | "centred", right: "residue" | "centred"): number {
  const largest = { residue: Q - 1n, centred: C };
  return Number((INT64_MAX - signedFoldRange().most) / (largest[left] * largest[right]));
}

/**
 * Products (16-bit half) x (residue) that Float64 adds exactly, on top of one residue: each is at most 65535 (modulus-1),
 * the sum must not exceed 2^53. 64 mod q, at least 32 for every modulus below 2^32.
 * @example halfProductsPerReduction(MODULUS) // -> 64
 */
export function halfProductsPerReduction(modulus: number): number {
  return Math.floor((2 ** 53 - modulus) / (65_535 * (modulus - 1)));
}
