import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { chargeBlock, closeBlock, newAccount, openBlock } from "./account.ts";
import { secondWordOf } from "./coins.ts";
import { planBlockSample } from "./sample.ts";
import { allowance, coinCheckTarget, priceMaxRows, termsOf, usableOf } from "./terms.ts";
import { blockAsked } from "./testing/block-asked.ts";
import type { BlockAsked, BlockTerms } from "./words.ts";

function settled(free: number, answerBound: number, asked: BlockAsked): BlockTerms | null {
  const terms = termsOf(free, answerBound, asked);
  return "why" in terms ? null : terms;
}

const ASKED = fc
  .record({
    rows: fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 1_000_000 })),
    submitterRows: fc.oneof(fc.constant(0), fc.nat(500), fc.nat(1_000_000)),
    colluderShare: fc.integer({ min: 34, max: 90 }).map((percent) => percent / 100),
    isOpenJob: fc.boolean(),
    hasCrowd: fc.boolean(),
    othersOpenOrWait: fc.boolean(),
  })
  .map(blockAsked);
const FREE = fc.oneof(fc.integer({ min: -500, max: 6_000 }), fc.nat(10_000_000)).map((hundredths) => hundredths / 100);
const BOUND = fc.constantFrom(1e-5, 1e-4, 1e-3, 0.01, 0.1);

test("c is at least c0, all shares lie in 0..1, and the reserve pays for c and is within what the block may take", () => {
  let opened = 0;
  fc.assert(
    fc.property(FREE, BOUND, ASKED, (free, answerBound, asked) => {
      const terms = settled(free, answerBound, asked);
      if (terms === null) return;
      opened++;
      const { anchorShare: q, duplicateShare: h, colluderShare: beta, coinCheckShare: c0, checkShare: c } = terms;
      expect(c0).toBeCloseTo(q + h * (1 - beta), 12);
      expect(c).toBeGreaterThanOrEqual(c0);
      for (const share of [q, h, c0, c, terms.sampleShare, terms.firstAnchorShare, q + h]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThan(1);
      }
      expect(1 - (1 - c0) * (1 - terms.sampleShare)).toBeCloseTo(c, 12);
      expect(terms.reserve).toBeGreaterThanOrEqual((1 - c) / c - 1e-6);
      expect(terms.reserve).toBeLessThanOrEqual(allowance(free, answerBound, asked));
      expect(allowance(free, answerBound, asked)).toBeLessThanOrEqual(free);
      // Whole multiples: sums of reserves are exact.
      expect(Number.isInteger(terms.reserve * 2 ** 24)).toBe(true);
      if (!asked.isOpenJob) expect(terms.priceRows).toBeLessThanOrEqual(priceMaxRows(asked.rows));
      if (asked.isOpenJob && asked.hasCrowd) expect(h).toBe(0.018);
      if (!asked.hasCrowd) expect([h, q]).toEqual([0, coinCheckTarget(usableOf(free, asked.isRetry))]);
      expect(settled(free, answerBound, { ...asked, priceMaxRows: terms.priceRows })).toEqual(terms);
      expect(termsOf(free, answerBound, { ...asked, priceMaxRows: 0.99 * terms.priceRows })).toMatchObject({
        why: "cap",
      });
    }),
    { numRuns: 3_000 },
  );
  expect(opened).toBeGreaterThan(1_000);
});

test("terms as computed by hand", () => {
  // A first block of 1,000 rows, twelve addresses: free 1, so c = 1/2; q = .5 / sqrt(250).
  const q = 0.5 / Math.sqrt(250);
  const first = settled(1, 1e-3, blockAsked({ hasCrowd: true }))!;
  const h = (0.05 - q) / (2 / 3);
  expect(first).toMatchObject({ checkShare: 0.5, reserve: 1, firstRows: 400, firstAnchorShare: 0.05 });
  expect([first.anchorShare, first.duplicateShare]).toEqual([expect.closeTo(q, 12), expect.closeTo(h, 12)]);
  expect(first.sampleShare).toBeCloseTo(0.45 / 0.95, 12);
  // An old account pays by its coins alone: t = .02 from free 49 on.
  const old = settled(1_000, 1e-3, blockAsked({ hasCrowd: true, submitterRows: 999_750 }))!;
  expect(old).toMatchObject({ sampleShare: 0, firstRows: 0, anchorShare: 0.0005 });
  expect(old.checkShare).toBeCloseTo(0.02, 12);
  expect(old.reserve).toBeCloseTo(49, 6);
  expect(old.priceRows).toBeCloseTo(0.5, 12);
  // Nobody can check but the coordinator.
  expect(settled(9, 1e-3, blockAsked())).toMatchObject({ duplicateShare: 0, anchorShare: 0.05, checkShare: 0.1 });
});

test("every row of a block meets its coins with chance c0: a walk over all coins", () => {
  fc.assert(
    fc.property(FREE, BOUND, ASKED, (free, answerBound, asked) => {
      const terms = settled(free, answerBound, asked);
      if (terms === null) return;
      const steps = 20_000;
      const found = { first: 0, later: 0, doubtful: 0 };
      for (let n = 0; n < steps; n++) {
        const coin = (n + 0.5) / steps;
        const share = (word: string) => (word === "coordinator" ? 1 : word === "crowd" ? 1 - terms.colluderShare : 0);
        found.first += share(secondWordOf(coin, terms, 0, false)) / steps;
        found.later += share(secondWordOf(coin, terms, asked.rows, false)) / steps;
        found.doubtful += share(secondWordOf(coin, terms, asked.rows, true)) / steps;
      }
      expect(found.later).toBeCloseTo(terms.coinCheckShare, 3);
      expect(found.first).toBeGreaterThanOrEqual(terms.coinCheckShare - 1e-3);
      expect(found.doubtful).toBeCloseTo(1, 9);
    }),
    { numRuns: 60 },
  );
});

test("of b lies told nobody gains: b (1-c)^b is at most the reserve times the chance of a finding, with equality at one", () => {
  for (const free of [1, 5, 19, 30, 400]) {
    const { checkShare: c, reserve } = settled(free, 1e-3, blockAsked({ rows: 10_000 }))!;
    for (let lies = 1; lies <= 500; lies++) {
      const missed = (1 - c) ** lies;
      expect(lies * missed).toBeLessThanOrEqual(reserve * (1 - missed) + 1e-6);
    }
    expect(1 - c).toBeCloseTo(reserve * c, 6);
  }
});

test("the price is what the coordinator computes on average: coins and samples, drawn a thousand times", () => {
  const random = simulationRandom(7);
  for (const asked of [
    blockAsked({ rows: 500 }),
    blockAsked({ hasCrowd: true }),
    blockAsked({ hasCrowd: true, submitterRows: 300 }),
  ]) {
    const terms = settled(0.001 * (asked.rows + asked.submitterRows), 1e-3, asked)!;
    let computed = 0;
    const runs = 1_000;
    for (let run = 0; run < runs; run++) {
      let standing = 0;
      for (let row = 0; row < asked.rows; row++) {
        if (secondWordOf(random.uniform(), terms, row, false) === "coordinator") computed++;
        else standing++;
      }
      computed += planBlockSample(terms, standing, "coordinator").rows;
    }
    expect(Math.abs(computed / runs / terms.priceRows - 1)).toBeLessThan(0.01);
  }
});

test("a block costs less the more is free: neither c nor the price rises with an account", () => {
  fc.assert(
    fc.property(BOUND, ASKED, fc.tuple(FREE, FREE), (answerBound, asked, [one, other]) => {
      const alone = { ...asked, othersOpenOrWait: false, isOpenJob: false };
      const [young, old] = [one, other].sort((a, b) => a - b).map((free) => settled(free, answerBound, alone));
      if (young === null) return;
      expect(old).not.toBeNull();
      expect(old!.priceRows).toBeLessThanOrEqual(young!.priceRows * (1 + 1e-6));
      expect(old!.checkShare).toBeLessThanOrEqual(young!.checkShare + 1e-9);
    }),
    { numRuns: 2_000 },
  );
});

test("half of the rows, .85 of a small block's, are the most that the coordinator computes, and a larger block may cost no less", () => {
  let before = 0;
  for (let rows = 1; rows < 3_000; rows++) {
    const most = priceMaxRows(rows);
    expect(most).toBeGreaterThanOrEqual(before);
    expect(most).toBeGreaterThanOrEqual(rows < 700 ? 0.85 * rows : 0.5 * rows);
    before = most;
  }
  expect(priceMaxRows(100_000)).toBe(50_000);
});

/** What the first model of these rules cost: volunteers, rows each, trusted % of four clean jobs in a row, of the fourth. */
const GRID = [
  [4, 50, 68.6, 56],
  [4, 150, 43.3, 29],
  [4, 300, 28.5, 17],
  [4, 1_000, 11.2, 6],
  [6, 50, 59.6, 46],
  [6, 150, 33.1, 20],
  [6, 300, 19, 9],
  [6, 1_000, 4.2, 1],
  [12, 50, 42.6, 28],
  [12, 150, 18.9, 9],
  [12, 300, 8.9, 3],
  [12, 1_000, 1.3, 0],
  [40, 50, 17.1, 8],
  [40, 150, 4.2, 1],
  [40, 300, 1.3, 0],
  [40, 1_000, 0.3, 0],
] as const;

test.each(GRID)(
  "%i volunteers x %i rows: the price of four clean jobs is at most 1.05 of the first model's trusted rows",
  (volunteers, each, trusted, fourth) => {
    let account = newAccount(1e-3);
    const prices: number[] = [];
    for (let job = 0; job < 4; job++) {
      const rows = volunteers * each;
      const opening = openBlock(account, blockAsked({ rows, hasCrowd: volunteers >= 6, submitterRows: job * rows }));
      if (!("block" in opening)) throw new Error("expected every block to be carried");
      prices.push((100 * opening.block.terms.priceRows) / rows);
      account = closeBlock(opening.account, opening.block).account;
    }
    const mean = prices.reduce((sum, price) => sum + price, 0) / 4;
    expect(mean).toBeLessThan(1.05 * trusted + 0.05);
    expect(mean).toBeGreaterThan(0.8 * trusted - 0.1);
    expect(prices[3]).toBeLessThan(1.05 * fourth + 0.5);
  },
);

test("a finding makes the next block dearer, and what it was charged is earned back", () => {
  let account = newAccount(1e-3);
  const opening = openBlock(account, blockAsked({ rows: 40_000, hasCrowd: true }));
  if (!("block" in opening)) throw new Error("expected a block");
  account = chargeBlock(opening.account, opening.block).account;
  const priceOf = (from: typeof account) => {
    const next = openBlock(from, blockAsked({ rows: 4_000, hasCrowd: true, submitterRows: 40_000 }));
    return "block" in next ? next.block.terms.priceRows : Number.POSITIVE_INFINITY;
  };
  const unharmed = closeBlock(opening.account, opening.block).account;
  expect(priceOf(account)).toBeGreaterThan(priceOf(unharmed));
  expect(priceOf({ ...account, places: account.places + 200_000 })).toBeLessThanOrEqual(priceOf(unharmed));
});
