/**
 * How graphics cards add, number by number in float32: a double of the arithmetic alone, for crowds without a card. It shares no code with the
 * orders that trusted runs take (shared/compute/orders.ts).
 */
import type { RandomSource } from "../../shared/random/random.ts";

/** Adds float32 numbers, rounding after each addition. */
export type CardSum = (terms: Float32Array) => number;

const f = Math.fround;

function inTurn(terms: Float32Array): number {
  let sum = 0;
  for (const term of terms) sum = f(sum + term);
  return sum;
}

/** tfjs 4.22 on WebGL: windows of a divisor near the root, each of dot products of four, until one number is left. */
export const webglSum: CardSum = (terms) => {
  if (terms.length === 0) return 0;
  let left = terms;
  do {
    const { length } = left;
    const size = length <= 30 ? length : divisorNear(length, Math.floor(Math.sqrt(length)));
    const windows = new Float32Array(Math.ceil(length / size));
    for (let w = 0; w < windows.length; w++) {
      let sum = 0;
      for (let at = w * size; at < Math.min(length, (w + 1) * size); at += 4) {
        sum = f(sum + inTurn(left.subarray(at, Math.min(at + 4, (w + 1) * size, length))));
      }
      windows[w] = sum;
    }
    left = windows;
  } while (left.length > 1);
  return left[0]!;
};

function divisorNear(length: number, start: number): number {
  for (let size = start; size < length; size++) if (length % size === 0) return size;
  return length;
}

/** Threads add every n-th term, then each other's sums in halves, as shaders do. */
export const threadsSum =
  (threads: number): CardSum =>
  (terms) => {
    const sums = new Float32Array(threads);
    terms.forEach((term, i) => {
      sums[i % threads] = f(sums[i % threads]! + term);
    });
    for (let half = threads >> 1; half > 0; half >>= 1)
      for (let i = 0; i < half; i++) sums[i] = f(sums[i]! + sums[i + half]!);
    return sums[0]!;
  };

/** Neighbours first. */
export const pairsSum: CardSum = (terms) => {
  let left = terms;
  while (left.length > 1) {
    left = Float32Array.from({ length: Math.ceil(left.length / 2) }, (_, i) => left[2 * i]! + (left[2 * i + 1] ?? 0));
  }
  return left[0] ?? 0;
};

/** In an order that was drawn once, as a driver's compiler may choose it. */
export function drawnSum(random: RandomSource): CardSum {
  const keys = Array.from({ length: 4096 }, () => random.integer(2 ** 30));
  return (terms) => {
    const order = [...terms.keys()].sort((a, b) => keys[a % keys.length]! - keys[b % keys.length]! || a - b);
    return inTurn(Float32Array.from(order, (at) => terms[at]!));
  };
}

/** All of them, with a name each. */
export function cardSums(random: RandomSource): Readonly<Record<string, CardSum>> {
  return { webgl: webglSum, threads: threadsSum(16), pairs: pairsSum, drawn: drawnSum(random) };
}
