import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exponential, normal, shuffle } from "./draws.ts";
import type { RandomSource } from "./random.ts";
import { randomAt, simulationRandom } from "./simulation-random.ts";

const take = (random: RandomSource, count: number): number[] => Array.from({ length: count }, () => random.uniform());

/** Pearson's statistic of counts that should be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe.each([
  ["simulationRandom", (seed: number): RandomSource => simulationRandom(seed)],
  ["randomAt", (seed: number): RandomSource => randomAt(seed, 3, 1)],
])("%s", (_, make) => {
  test("the same seed gives the same sequence, another seed another", () => {
    expect(take(make(7), 20)).toEqual(take(make(7), 20));
    for (const other of [8, -7, 7 + 2 ** 32, 7 - 2 ** 40]) expect(take(make(other), 3)).not.toEqual(take(make(7), 3));
  });

  test("integers are uniform: 16 cells, 16,000 draws", () => {
    const random = make(1);
    const counts = new Array<number>(16).fill(0);
    for (let draw = 0; draw < 16_000; draw++) counts[random.integer(16)]! += 1;
    // 15 degrees of freedom: 99.99 % lie below 44.3.
    expect(chiSquare(counts)).toBeLessThan(44.3);
  });

  test("uniform lies in [0, 1), is uniform, and uses bits below 2^-32", () => {
    const random = make(2);
    const counts = new Array<number>(16).fill(0);
    let fineCount = 0;
    for (let draw = 0; draw < 16_000; draw++) {
      const value = random.uniform();
      expect(value >= 0 && value < 1).toBe(true);
      counts[Math.floor(value * 16)]! += 1;
      if (!Number.isInteger(value * 2 ** 32)) fineCount++;
    }
    expect(chiSquare(counts)).toBeLessThan(44.3);
    expect(fineCount).toBeGreaterThan(15_900);
  });
});

test("first draws at neighbouring seeds and keys are uniform and not related", () => {
  const counts = new Array<number>(16).fill(0);
  let covariance = 0;
  for (let tab = 0; tab < 64; tab++) {
    let before = randomAt(5, tab, 0).uniform();
    for (let round = 1; round <= 250; round++) {
      const value = randomAt(5, tab, round).uniform();
      counts[Math.floor(value * 16)]! += 1;
      covariance += (value - 0.5) * (before - 0.5);
      before = value;
    }
  }
  expect(chiSquare(counts)).toBeLessThan(44.3);
  // Standard deviation of the mean of 16,000 products: (1/12) / 126.
  expect(Math.abs(covariance / 16_000)).toBeLessThan(4 / 12 / 126);
});

test("all of (seed, keys), their order and their number count, and no stream position does", () => {
  const keys = [[], [0], [0, 0], [1], [0, 1], [1, 0], [2 ** 32], [-1], [0, 2 ** 32]];
  const firsts = keys.flatMap((key) => [randomAt(0, ...key).uniform(), randomAt(1, ...key).uniform()]);
  expect(new Set(firsts).size).toBe(2 * keys.length);
  const first = randomAt(9, 4, 2).uniform();
  simulationRandom(9).uniform();
  expect(randomAt(9, 4, 2).uniform()).toBe(first);
});

test("integer stays within any bound, and reaches all of a small one", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
      const value = simulationRandom(seed).integer(bound);
      expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
    }),
    { seed: 20_006, numRuns: 500 },
  );
  const random = simulationRandom(3);
  expect(new Set(Array.from({ length: 100 }, () => random.integer(3)))).toEqual(new Set([0, 1, 2]));
  for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) expect(() => random.integer(bound)).toThrow(RangeError);
});

test("integer is unbiased where the bound does not divide 2^32", () => {
  const random = simulationRandom(4);
  // Without rejection the lower half of 3 * 2^30 would come twice as often as its third quarter.
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 9_000; draw++) counts[Math.floor(random.integer(3 * 2 ** 30) / 2 ** 30)]! += 1;
  // 2 degrees of freedom: 99.99 % lie below 18.4.
  expect(chiSquare(counts)).toBeLessThan(18.4);
});

test("seeds that are no safe integers are refused", () => {
  for (const seed of [0.5, Number.NaN, 2 ** 53]) {
    expect(() => simulationRandom(seed)).toThrow(RangeError);
    expect(() => randomAt(1, seed)).toThrow(RangeError);
  }
});

test("all 24 orders of four items are equally likely", () => {
  const random = simulationRandom(6);
  const counts = new Map<string, number>();
  for (let draw = 0; draw < 12_000; draw++) {
    const order = shuffle([0, 1, 2, 3], random).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  // 23 degrees of freedom: 99.99 % lie below 56.
  expect(chiSquare([...counts.values()])).toBeLessThan(56);
  const typed = Uint32Array.of(1, 2, 3);
  expect(shuffle(typed, random)).toBe(typed);
});

test("normal has mean 0, variance 1 and its fourth moment 3; exponential has the mean it is given", () => {
  const random = simulationRandom(7);
  const draws = Array.from({ length: 40_000 }, () => normal(random));
  const moment = (power: number) => draws.reduce((sum, x) => sum + x ** power, 0) / draws.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.025);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.04);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.3);
  const waits = Array.from({ length: 40_000 }, () => exponential(random, 400));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  expect(Math.abs(waits.reduce((a, b) => a + b, 0) / waits.length - 400)).toBeLessThan(10);
  expect(waits.filter((wait) => wait > 400).length / waits.length).toBeCloseTo(Math.exp(-1), 1);
});
