import { expect, test } from "vitest";
import { simulationRandom } from "../random/simulation-random.ts";
import {
  agreedCount,
  BIN_COUNT,
  betterEstimator,
  binConfidence,
  binOf,
  comparedCount,
  emptyTally,
  OTHERS,
  overallConfidence,
  sumOfTallies,
} from "./estimate-confidence.ts";
import { wilsonLower } from "./wilson.ts";

function tallyOf(agreed: Record<number, [number, number]>) {
  const tally = { agreed: new Array<number>(BIN_COUNT).fill(0), total: new Array<number>(BIN_COUNT).fill(0) };
  for (const [bin, [hits, total]] of Object.entries(agreed)) {
    tally.agreed[Number(bin)] = hits;
    tally.total[Number(bin)] = total;
  }
  return tally;
}

test("a bin is known by the margin and by what the other estimator says", () => {
  expect(binOf(0, "contradicts")).toBe(0);
  expect(binOf(7, "repeats")).toBe(BIN_COUNT - 1);
  const bins = [0, 0.3, 0.6, 0.8, 1].flatMap((margin) => OTHERS.map((other) => binOf(margin, other)));
  expect(new Set(bins).size).toBe(BIN_COUNT);
});

test("a bin with many estimates has its own lower bound, an empty one has none", () => {
  const tally = tallyOf({ [binOf(1, "repeats")]: [960, 1000] });
  expect(binConfidence(tally, binOf(1, "repeats"))).toBe(wilsonLower(960, 1000, (1.96 * 30) / 1000));
  expect(binConfidence(tally, binOf(0.8, "repeats"))).toBe(0);
  expect(binConfidence(tally, binOf(1, "contradicts"))).toBe(0);
});

test("a handful that all agreed is no proof, hundreds are: the bound nears the rate as more is compared", () => {
  const stated = [10, 30, 500, 5_000].map((count) => binConfidence(tallyOf({ 0: [0.9 * count, count] }), 0));
  const below = stated.map((confidence) => 0.9 - confidence);
  expect(binConfidence(tallyOf({ 0: [5, 5] }), 0)).toBeLessThan(0.6);
  expect(below[1]).toBeGreaterThan(0.1);
  expect(below[2]).toBeLessThan(0.01);
  expect(below).toEqual(below.toSorted((a, b) => b - a));
  expect(below[3]).toBeGreaterThan(0);
});

test("a bin with few estimates borrows those of smaller margins, never those of larger ones or of another kind", () => {
  const few = tallyOf({
    [binOf(1, "repeats")]: [5, 5],
    [binOf(0.8, "repeats")]: [95, 100],
    [binOf(1, "contradicts")]: [1000, 1000],
  });
  expect(binConfidence(few, binOf(1, "repeats"))).toBe(wilsonLower(100, 105, 1.96 * (30 / 105)));
  expect(binConfidence(few, binOf(0.8, "repeats"))).toBe(wilsonLower(95, 100, 1.96 * (30 / 100)));
});

test("what is stated lies below the true agreement of the bin on average, and in two of three trials", () => {
  const random = simulationRandom(3);
  const rates = [0.3, 0.6, 0.8, 0.95, 0.99];
  let [above, sum] = [0, 0];
  const trials = 2_000;
  for (let trial = 0; trial < trials; trial++) {
    const tally = tallyOf({});
    rates.forEach((rate, margin) => {
      const total = 1 + random.integer(200);
      const bin = binOf(0, "repeats") + margin;
      const mutable = tally as { agreed: number[]; total: number[] };
      mutable.total[bin] = total;
      for (let n = 0; n < total; n++) if (random.uniform() < rate) mutable.agreed[bin]!++;
    });
    const stated = binConfidence(tally, BIN_COUNT - 2);
    if (stated > rates[3]!) above++;
    sum += stated;
  }
  expect(sum / trials).toBeLessThan(rates[3]!);
  expect(above / trials).toBeLessThan(0.4);
});

test("the estimator that agrees more surely is chosen: a better rate of a handful does not beat a good one of many", () => {
  const tally = { coded: tallyOf({ 3: [6, 6] }), neighbours: tallyOf({ 3: [950, 1000] }) };
  expect(betterEstimator(tally)).toBe("neighbours");
  expect(betterEstimator(emptyTally())).toBe("coded");
  const both = sumOfTallies(tally, tally);
  expect(overallConfidence(both.neighbours)).toBe(wilsonLower(1900, 2000));
});

test("a margin belongs to the bin that begins with it", () => {
  const margins = [0, 0.2499, 0.25, 0.4999, 0.5, 0.7499, 0.75, 0.9999, 1, 50];
  expect(margins.map((margin) => binOf(margin, "contradicts"))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
  expect(margins.map((margin) => binOf(margin, "silent"))).toEqual([5, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
});

test("a tally counts what was compared and what agreed, each estimator on its own", () => {
  const one = { coded: tallyOf({ 0: [1, 2], 14: [3, 5] }), neighbours: tallyOf({ 7: [4, 4] }) };
  const other = { coded: tallyOf({ 14: [10, 20] }), neighbours: tallyOf({}) };
  const both = sumOfTallies(one, other);
  expect([comparedCount(both.coded), agreedCount(both.coded)]).toEqual([27, 14]);
  expect([comparedCount(both.neighbours), agreedCount(both.neighbours)]).toEqual([4, 4]);
  expect(both.coded).toEqual(tallyOf({ 0: [1, 2], 14: [13, 25] }));
  expect(comparedCount(emptyTally().coded)).toBe(0);
  expect(sumOfTallies(emptyTally(), one)).toEqual(one);
});
