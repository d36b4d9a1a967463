/** Each rule of the account that looks needless, left out: how much more than eps allows a coalition then gets through. */
import { expect, test } from "vitest";
import { newAccount } from "../../../server/checks/account.ts";
import { planBlockSample } from "../../../server/checks/sample.ts";
import { sampleShare } from "../../../server/checks/terms.ts";
import { ratioOfChains } from "./chains.ts";
import { worstInTurn } from "./in-turn.ts";
import { gainInterleaved } from "./interleaved.ts";
import { ratioAllOpen } from "./one-job.ts";
import { perCharge, perChargeAfterSample, perChargeInWindows } from "./per-charge.ts";
import { recognize } from "./recognition.ts";
import { asked, PRODUCT, withCoins } from "./regime.ts";
import { cancelTakesAllBack, earnedAtAnotherBound, reservesApart, retriesCounted, settledAtTheEnd } from "./unsound.ts";

/** A block of an account that is neither young nor old: c = c0 = .05, 19 held. */
const RULES = { rows: 40, coin: 0.05, sample: 0, reserve: 19 };
const BETA = 1 / 3;
const SEED = 7;

test("[CK2] reserves that are not held together let 9 times eps M through with forty blocks open at once", () => {
  const apart = reservesApart(PRODUCT);
  expect(ratioAllOpen(apart, newAccount(1e-3), asked(100), 40)).toBeCloseTo(9.1, 1);
  const held = asked(100, { othersOpenOrWait: true });
  expect(ratioAllOpen(PRODUCT, newAccount(1e-3), held, 40)).toBeLessThan(1);
});

test("[CK2] eight cells that know of each other's blocks only what was there at their start let 6 times eps M through", () => {
  const [cells, count, rows] = [8, 12, 100];
  const from = { ...newAccount(1e-3), places: 100_000 };
  const blocks = Array.from({ length: count }, () => asked(rows, { hasCrowd: true, submitterRows: from.places }));
  const { wrong } = worstInTurn({ regime: PRODUCT, answerBound: 1e-3, blocks, from });
  const allowed = (cellsAtWork: number) => 1e-3 * (from.places + cellsAtWork * count * rows);
  expect(wrong).toBeLessThan(allowed(1));
  expect((cells * wrong) / allowed(cells)).toBeCloseTo(6.1, 1);
});

test("[CK3] charging the blocks before a finding and not its own lets more than 6 times eps M through", () => {
  const ratio = ratioOfChains({
    answerBound: 0.01,
    rows: 40,
    blocks: 20,
    checkShareMin: 0.05,
    retries: 2,
    chargesFound: false,
  });
  expect(ratio).toBeGreaterThan(6);
});

test("[CK3] a charge that follows from the chain of blocks since the last finding lets 1.5 times eps M through", () => {
  const chains = { rows: 40, checkShareMin: 0.05, chargesFound: true };
  expect(ratioOfChains({ ...chains, answerBound: 0.01, blocks: 12, retries: 0 })).toBeCloseTo(1.54, 2);
  expect(ratioOfChains({ ...chains, answerBound: 0.01, blocks: 16, retries: 2 })).toBeCloseTo(1.57, 2);
});

test("[CK4] findings that are excused cost nothing and are worth twice the charge at a half, ten times at nine in ten", () => {
  expect(perCharge({ ...RULES, excusedShare: 0.5 })).toBeCloseTo(2, 3);
  expect(perCharge({ ...RULES, excusedShare: 0.9 })).toBeCloseTo(10, 2);
  const blocks = Array.from({ length: 8 }, () => asked(40));
  const game = { regime: withCoins(0.02, 1), answerBound: 0.2, blocks };
  expect(worstInTurn({ ...game, excusedShare: 0 }).ratio).toBeLessThan(1);
  expect(worstInTurn({ ...game, excusedShare: 0.9 }).ratio).toBeGreaterThan(1.7);
});

test("[CK5] windows that go on after a finding let 4.4 times the charge through at ten, and 1.4 where the finding is known one window late", () => {
  const windows = { ...RULES, windows: 10 };
  expect(perChargeInWindows({ ...windows, afterFinding: "goes on" })).toBeCloseTo(4.4, 1);
  expect(perChargeInWindows({ ...windows, afterFinding: "ends a window late" })).toBeCloseTo(1.38, 2);
});

test("[CK1] a c that is settled when its block ends lets 1.4 times eps M through", () => {
  const game = { answerBound: 0.2, sizes: Array.from({ length: 6 }, () => 1) };
  expect(gainInterleaved({ ...game, regime: settledAtTheEnd(withCoins(0.5, 1)), price: 1.35 }).gain).toBeGreaterThan(0);
  expect(gainInterleaved({ ...game, regime: withCoins(0.5, 1), price: 1 }).gain).toBeLessThanOrEqual(0);
});

test("[CK2] one account for several bounds lets 72 times through of what the smallest one allows", () => {
  const earned = earnedAtAnotherBound({ ...newAccount(0.1), places: 10_000 }, 1e-4);
  const blocks = Array.from({ length: 52 }, () => asked(1_000));
  // One block is enough to say so: nothing that 52 blocks can be charged empties such an account.
  const one = worstInTurn({ regime: withCoins(0.05, 1), answerBound: 1e-4, blocks: blocks.slice(0, 1), from: earned });
  expect(one.ratio).toBeCloseTo(72, 0);
  expect(52 * 19).toBeLessThan(0.1 * 10_000);
});

test("[CK6] a lie that is cancelled once its coin is known costs nothing: ten times the charge where nine in ten are known", () => {
  expect(perCharge({ ...RULES, cancelledShare: 0.5 })).toBeCloseTo(2, 3);
  expect(perCharge({ ...RULES, cancelledShare: 0.9 })).toBeCloseTo(10, 2);
});

test("[CK6] places that leave M with a cancelled job, whatever stands on them, let 2.8 times eps M through", () => {
  const game = { answerBound: 0.1, sizes: [60, 3, 3], mayCancel: true };
  const coins = withCoins(0.35, 1);
  expect(gainInterleaved({ ...game, regime: cancelTakesAllBack(coins), price: 2.8 }).gain).toBeGreaterThan(0);
  expect(gainInterleaved({ ...game, regime: coins, price: 1 }).gain).toBeLessThanOrEqual(0);
});

test("[CK6] places that count again when they are asked again let 1.6 times eps M through", () => {
  const blocks = Array.from({ length: 12 }, () => asked(40));
  const { ratio } = worstInTurn({ regime: retriesCounted(withCoins(0.05, 1)), answerBound: 0.05, blocks, retries: 2 });
  expect(ratio).toBeGreaterThan(1.6);
});

test("[CK7] a check that goes to a second volunteer where the first let it lie finds less than c0 says: half as many more lies", () => {
  const duplicateShare = 0.05 / (1 - BETA);
  const coinWhereLate = (late: number) => duplicateShare * (1 - BETA) * (1 - BETA * late);
  expect(perCharge({ ...RULES, rows: 60, coin: coinWhereLate(1) })).toBeCloseTo(1.53, 2);
  expect(perCharge({ ...RULES, rows: 60, coin: coinWhereLate(0.1) })).toBeCloseTo(1.036, 3);
  expect(perCharge({ ...RULES, rows: 60, coin: coinWhereLate(0) })).toBeCloseTo(1, 4);
});

test("[CK8] rows that are done again once the sample is drawn need a sample too: without one a young account lets 19 times the charge through", () => {
  const sample = sampleShare(0.5, 0.05);
  const young = { rows: 40, coin: 0.05, sample, reserve: 1 };
  expect(perChargeAfterSample(young, 0)).toBeCloseTo(19, 3);
  expect(perChargeAfterSample(young, sample)).toBeCloseTo(1, 4);
});

test("[CK8] an agreement takes no answer out of the sample: else a lie with its own partner escapes coin and sample", () => {
  const [checkShare, coin] = [1 / 1.105, 0.05];
  const duplicateShare = coin / (1 - BETA);
  const sample = sampleShare(checkShare, coin);
  const escapes = duplicateShare * BETA + (1 - duplicateShare) * (1 - sample);
  const rules = { rows: 40, reserve: (1 - checkShare) / checkShare };
  expect(perCharge({ ...rules, coin: 1 - escapes, sample: 0 })).toBeGreaterThan(1.2);
  expect(perCharge({ ...rules, coin, sample })).toBeCloseTo(1, 4);
});

test("[CK8] where the crowd would have to answer more rows than there are, the coordinator draws the sample", () => {
  const plan = planBlockSample({ sampleShare: 0.7, colluderShare: BETA }, 1_000, "crowd");
  expect(plan).toEqual({ by: "coordinator", rows: 700 });
  expect(planBlockSample({ sampleShare: 0.6, colluderShare: BETA }, 1_000, "crowd")).toEqual({
    by: "crowd",
    rows: 900,
  });
});

test(`[CK9] who lies only where it knows all duplicates gets 2.3 times the charge through if they count as checks, and no more than it if coins are blind (seed ${SEED})`, () => {
  const crowd = { volunteers: 60, colluders: 20, claimRows: 40, anchorShare: 0.002, coinCheckShare: 0.05 };
  const counted = recognize({ ...crowd, rule: "counted", lies: 5_000, seed: SEED });
  const blind = recognize({ ...crowd, rule: "blind", lies: 5_000, seed: SEED });
  console.log(`seed ${SEED}: counted ${told(counted)}, blind ${told(blind)}`);
  expect(counted.interval[0]).toBeGreaterThan(1.8);
  expect(blind.interval[0]).toBeLessThan(1);
  expect(blind.interval[1]).toBeLessThan(1.15);
});

function told({ perCharge, interval }: ReturnType<typeof recognize>): string {
  return `${perCharge.toFixed(2)} (95 %: ${interval.map((end) => end.toFixed(2)).join(" to ")})`;
}
