/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. Eleven bits of precision, up to 65,504. */

const float = new Float32Array(1);
const bitsOfFloat = new Uint32Array(float.buffer);

/** To the nearest half, ties to even; what is too large becomes an infinity. */
export function toHalf(value: number): number {
  float[0] = value;
  const bits = bitsOfFloat[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65,520 and more round to infinity
  if (magnitude < 0x38800000) {
    // Below 2^-14 halves are whole multiples of 2^-24.
    return sign | roundHalfToEven(Math.abs(float[0]) * 2 ** 24);
  }
  // Float32 has 13 more fraction bits and a bias of 127; a carry out of the fraction raises the exponent, as it should.
  const kept = (magnitude - 0x38000000) >>> 13;
  const cut = magnitude & 0x1fff;
  return sign | (kept + (cut > 0x1000 || (cut === 0x1000 && (kept & 1) === 1) ? 1 : 0));
}

export function fromHalf(bits: number): number {
  valueOfHalf ??= Float32Array.from({ length: 1 << 16 }, (_, each) => decoded(each));
  return valueOfHalf[bits]!;
}

/** By its bits; every half is a float32. Made when it is first wanted. */
let valueOfHalf: Float32Array | undefined;

function decoded(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
