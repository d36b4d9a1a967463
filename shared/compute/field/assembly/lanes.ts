/**
 * 64-bit lanes that add products of centred residues mod q = 2^31-1, |v| <= 2^30-1.
 *
 * A lane holds bias + last fold + up to eight products. Bounds (shared/field/bounds.ts, laneHolds(8)):
 *     eight products        |sum| <= 8 (2^30-1)^2 = 2^63 - 2^34 + 8
 *     unsigned fold         <= (2^31-1) + (2^33-1)
 *     lane                  in [2^34 - 10, 2^64 - 2^34 + 2^33 + 2^31 + 4]: within 64 bits, for any number of folds
 * Nine products would overflow.
 */

const Q: i64 = 0x7fffffff;

/** 2^63 - 2, a multiple of q: makes every sum positive as an unsigned number. */
const BIAS: i64 = i64.MAX_VALUE - 1;

/** A lane pair that holds nothing yet. */
export function emptyLanes(): v128 {
  return i64x2.splat(BIAS);
}

/** Adds four products, two a lane. */
export function addProducts(lanes: v128, a: v128, x: v128): v128 {
  return i64x2.add(i64x2.add(lanes, i64x2.extmul_low_i32x4_s(a, x)), i64x2.extmul_high_i32x4_s(a, x));
}

/** After at most eight products a lane: the same mod q, with room for eight more. 2^31 = 1 mod q. */
export function foldLanes(lanes: v128): v128 {
  const folded = i64x2.add(v128.and(lanes, i64x2.splat(Q)), i64x2.shr_u(lanes, 31));
  return i64x2.add(folded, i64x2.splat(BIAS));
}

/** One lane as a residue in [0, q). */
function residueOfLane(lane: u64): u32 {
  // 2^64 -> below 2^34 -> at most 2^31 + 4 -> at most q
  let rest = (lane & <u64>Q) + (lane >> 31);
  rest = (rest & <u64>Q) + (rest >> 31);
  rest = (rest & <u64>Q) + (rest >> 31);
  return <u32>(rest === <u64>Q ? 0 : rest);
}

/** The sum of both lanes as a residue in [0, q). */
export function residueOfLanes(lanes: v128): u32 {
  const first = residueOfLane(<u64>i64x2.extract_lane(lanes, 0));
  const second = residueOfLane(<u64>i64x2.extract_lane(lanes, 1));
  return residueOfLane(<u64>first + <u64>second);
}

/** Four lanes as four residues in [0, q), packed. */
export function residuesOfLanes(low: v128, high: v128): v128 {
  const q = i64x2.splat(Q);
  // As residueOfLane, lane by lane: at most q after three folds.
  for (let fold = 0; fold < 3; fold++) {
    low = i64x2.add(v128.and(low, q), i64x2.shr_u(low, 31));
    high = i64x2.add(v128.and(high, q), i64x2.shr_u(high, 31));
  }
  const packed = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  return v128.andnot(packed, i32x4.eq(packed, i32x4.splat(0x7fffffff)));
}
