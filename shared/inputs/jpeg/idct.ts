/**
 * The inverse cosine transform of a block of 8 x 8, as libjpeg's jidctint.c has it ("islow"), which Pillow and browsers use: whole
 * numbers of 13 bits behind the point, rounded twice, so that every program that does it gets the same pixels.
 */

const CONST_BITS = 13;
/** Kept between the passes. */
const PASS1_BITS = 2;
const fixed = (value: number) => Math.round(value * 2 ** CONST_BITS);
const F_0_298 = fixed(0.298631336);
const F_0_390 = fixed(0.390180644);
const F_0_541 = fixed(0.5411961);
const F_0_765 = fixed(0.765366865);
const F_0_899 = fixed(0.899976223);
const F_1_175 = fixed(1.175875602);
const F_1_501 = fixed(1.50132111);
const F_1_847 = fixed(1.847759065);
const F_1_961 = fixed(1.96157056);
const F_2_053 = fixed(2.053119869);
const F_2_562 = fixed(2.562915447);
const F_3_072 = fixed(3.072711026);

const between = new Int32Array(64);

/**
 * @param block 64 coefficients in rows, already multiplied by their quantization steps
 * @param out pixels of `stride` a row, the block's first at `at`
 */
export function inverseCosine(block: Int32Array, out: Uint8Array, at: number, stride: number): void {
  for (let x = 0; x < 8; x++) pass(block, x, 8, between, x, 8, CONST_BITS - PASS1_BITS);
  for (let y = 0; y < 8; y++) {
    pass(between, y * 8, 1, between, y * 8, 1, CONST_BITS + PASS1_BITS + 3);
    const row = at + y * stride;
    for (let x = 0; x < 8; x++) {
      const value = between[y * 8 + x]! + 128;
      out[row + x] = value < 0 ? 0 : Math.min(value, 255);
    }
  }
}

/** Eight numbers, each `step` apart, become eight, each `outStep` apart and `shift` bits smaller. */
function pass(
  from: Int32Array,
  at: number,
  step: number,
  to: Int32Array,
  outAt: number,
  outStep: number,
  shift: number,
): void {
  const half = 1 << (shift - 1);
  const c1 = from[at + step]!;
  const c2 = from[at + 2 * step]!;
  const c3 = from[at + 3 * step]!;
  const c4 = from[at + 4 * step]!;
  const c5 = from[at + 5 * step]!;
  const c6 = from[at + 6 * step]!;
  const c7 = from[at + 7 * step]!;
  const c0 = from[at]!;
  if ((c1 | c2 | c3 | c4 | c5 | c6 | c7) === 0) {
    const value = ((c0 << CONST_BITS) + half) >> shift;
    for (let i = 0; i < 8; i++) to[outAt + i * outStep] = value;
    return;
  }
  // The even part.
  const even = (c2 + c6) * F_0_541;
  const tmp2 = even - c6 * F_1_847;
  const tmp3 = even + c2 * F_0_765;
  const sum = (c0 + c4) << CONST_BITS;
  const difference = (c0 - c4) << CONST_BITS;
  const t10 = sum + tmp3 + half;
  const t13 = sum - tmp3 + half;
  const t11 = difference + tmp2 + half;
  const t12 = difference - tmp2 + half;
  // The odd part.
  const z5 = (c7 + c3 + c5 + c1) * F_1_175;
  const z1 = -(c7 + c1) * F_0_899;
  const z2 = -(c5 + c3) * F_2_562;
  const z3 = z5 - (c7 + c3) * F_1_961;
  const z4 = z5 - (c5 + c1) * F_0_390;
  const o0 = c7 * F_0_298 + z1 + z3;
  const o1 = c5 * F_2_053 + z2 + z4;
  const o2 = c3 * F_3_072 + z2 + z3;
  const o3 = c1 * F_1_501 + z1 + z4;
  to[outAt] = (t10 + o3) >> shift;
  to[outAt + 7 * outStep] = (t10 - o3) >> shift;
  to[outAt + outStep] = (t11 + o2) >> shift;
  to[outAt + 6 * outStep] = (t11 - o2) >> shift;
  to[outAt + 2 * outStep] = (t12 + o1) >> shift;
  to[outAt + 5 * outStep] = (t12 - o1) >> shift;
  to[outAt + 3 * outStep] = (t13 + o0) >> shift;
  to[outAt + 4 * outStep] = (t13 - o0) >> shift;
}
