import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../random/simulation-random.ts";
import { drawRows } from "./draw-rows.ts";
import { wilsonLower } from "./wilson.ts";

test("drawn rows are different, in range, ascending, and as many as asked for", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 200 }), fc.nat(), (seed, rowCount, some) => {
      const drawCount = some % (rowCount + 1);
      const rows = drawRows(simulationRandom(seed), rowCount, drawCount);
      expect(new Set(rows).size).toBe(drawCount);
      expect(rows.every((row, at) => row >= 0 && row < rowCount && (at === 0 || row > rows[at - 1]!))).toBe(true);
    }),
    { seed: 20_009, numRuns: 300 },
  );
  for (const [rowCount, drawCount] of [
    [3, 4],
    [3, -1],
    [3, 1.5],
    [3.5, 1],
    [Number.NaN, 0],
  ] as const) {
    const asked = `got ${drawCount} of ${rowCount}`;
    expect(() => drawRows(simulationRandom(1), rowCount, drawCount), asked).toThrow(asked);
  }
});

test("all ten pairs of five rows are equally likely", () => {
  const random = simulationRandom(2);
  const counts = new Map<string, number>();
  for (let draw = 0; draw < 10_000; draw++) {
    const pair = drawRows(random, 5, 2).join();
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  expect(counts.size).toBe(10);
  // 1000 expected, standard deviation 30.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
});

test("Wilson's lower bound solves its own equation: the rate is z standard errors of the bound above it", () => {
  for (const [successes, trials] of [
    [1, 1],
    [9, 10],
    [50, 100],
    [99, 100],
    [990, 1000],
  ] as const) {
    const lower = wilsonLower(successes, trials);
    const rate = successes / trials;
    expect((rate - lower) / Math.sqrt((lower * (1 - lower)) / trials)).toBeCloseTo(1.96, 9);
  }
  expect(wilsonLower(0, 0)).toBe(0);
  expect(wilsonLower(0, 10)).toBe(0);
  for (const successes of [3, -1, Number.NaN]) expect(() => wilsonLower(successes, 2)).toThrow(`got ${successes} of 2`);
});

test("the bound lies below the true rate about as often as it claims", () => {
  const random = simulationRandom(3);
  let belowCount = 0;
  for (let study = 0; study < 2000; study++) {
    let successes = 0;
    for (let trial = 0; trial < 60; trial++) if (random.uniform() < 0.9) successes++;
    if (wilsonLower(successes, 60) <= 0.9) belowCount++;
  }
  expect(belowCount / 2000).toBeGreaterThan(0.95);
});
