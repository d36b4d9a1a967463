import { expect, test } from "vitest";
import { simulationRandom } from "../random/simulation-random.ts";
import {
  BIN_COUNT,
  betterEstimator,
  binOf,
  confidenceOf,
  emptyTally,
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

test("a bin is known by the margin and by whether the other estimator repeats it", () => {
  expect(binOf(0, false)).toBe(0);
  expect(binOf(7, true)).toBe(BIN_COUNT - 1);
  const bins = [0, 0.3, 0.6, 0.8, 1].flatMap((margin) => [binOf(margin, false), binOf(margin, true)]);
  expect(new Set(bins).size).toBe(BIN_COUNT);
});

test("a bin with many estimates has its own lower bound, an empty one has none", () => {
  const tally = tallyOf({ [binOf(1, true)]: [960, 1000] });
  expect(confidenceOf(tally, binOf(1, true))).toBe(wilsonLower(960, 1000));
  expect(confidenceOf(tally, binOf(0.8, true))).toBe(0);
  expect(confidenceOf(tally, binOf(1, false))).toBe(0);
});

test("a bin with few estimates borrows those of smaller margins, never those of larger ones or of another kind", () => {
  const few = tallyOf({ [binOf(1, true)]: [5, 5], [binOf(0.8, true)]: [95, 100], [binOf(1, false)]: [1000, 1000] });
  expect(confidenceOf(few, binOf(1, true))).toBe(wilsonLower(100, 105));
  expect(confidenceOf(few, binOf(0.8, true))).toBe(wilsonLower(95, 100));
});

test("what is stated lies below the true agreement of the bin in all but a few of many trials", () => {
  const random = simulationRandom(3);
  const rates = [0.3, 0.6, 0.8, 0.95, 0.99];
  let above = 0;
  const trials = 2_000;
  for (let trial = 0; trial < trials; trial++) {
    const tally = tallyOf({});
    rates.forEach((rate, margin) => {
      const total = 1 + random.integer(200);
      const bin = BIN_COUNT / 2 + margin;
      const mutable = tally as { agreed: number[]; total: number[] };
      mutable.total[bin] = total;
      for (let n = 0; n < total; n++) if (random.uniform() < rate) mutable.agreed[bin]!++;
    });
    if (confidenceOf(tally, BIN_COUNT - 2) > rates[3]!) above++;
  }
  expect(above / trials).toBeLessThan(0.05);
});

test("the estimator that agrees more surely is chosen: a better rate of a handful does not beat a good one of many", () => {
  const tally = { coded: tallyOf({ 3: [6, 6] }), neighbours: tallyOf({ 3: [950, 1000] }) };
  expect(betterEstimator(tally)).toBe("neighbours");
  expect(betterEstimator(emptyTally())).toBe("coded");
  const both = sumOfTallies(tally, tally);
  expect(overallConfidence(both.neighbours)).toBe(wilsonLower(1900, 2000));
});
