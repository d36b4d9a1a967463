/** The theorem of docs/how-a-row-becomes-final.md on the account of server/checks: nothing that a coalition can do gets more through than eps allows. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newAccount } from "../../../server/checks/account.ts";
import { sampleShare } from "../../../server/checks/terms.ts";
import { rowPromise } from "../../../shared/verify/row-promise.ts";
import { worstInTurn } from "./in-turn.ts";
import { gainInterleaved, ratioInterleaved } from "./interleaved.ts";
import { ratioAllOpen, worstOfOneJob } from "./one-job.ts";
import { perCharge, perChargeAfterSample, perChargeInWindows } from "./per-charge.ts";
import { asked, PRODUCT, withCoins } from "./regime.ts";
import { drawnBlocks, equalBlocks, productBlocks, type Setting } from "./settings.ts";

const ROUNDING = 1e-9;
const SEED = 20_261_201;

function largestOf(settings: Iterable<Setting>): { largest: number; words: string; count: number } {
  let [largest, at, count] = [0, "", 0];
  for (const { words, game } of settings) {
    const { ratio } = worstInTurn(game);
    count++;
    if (ratio > largest) [largest, at] = [ratio, words];
  }
  return { largest, words: at, count };
}

test("[CK1] of equal blocks one after the other at most eps M is wrong and final on average, and nearly that is reached: 3,600 settings, exactly", () => {
  const { largest, words, count } = largestOf(equalBlocks("gate"));
  expect(count).toBe(3_600);
  expect(largest, words).toBeLessThanOrEqual(1 + ROUNDING);
  expect(largest, words).toBeGreaterThan(0.999);
});

test("[CK1] so it is under the product's own terms: new and old submitters, any crowd, closed and open jobs, with route 1's part and without", () => {
  const { largest, words, count } = largestOf(productBlocks("gate"));
  expect(count).toBeGreaterThan(400);
  expect(largest, words).toBeLessThanOrEqual(1 + ROUNDING);
  expect(largest, words).toBeGreaterThan(0.9);
});

test(`[CK1] and of blocks of drawn sizes, bounds, coins and keys (seed ${SEED})`, () => {
  const { largest, words, count } = largestOf(drawnBlocks(600, SEED));
  expect(count).toBe(600);
  expect(largest, words).toBeLessThanOrEqual(1 + ROUNDING);
  expect(largest, words).toBeGreaterThan(0.95);
});

test("[CK2] several open at once gain nothing, whatever order they open, end, are asked again and cancelled in, for a submitter of the coalition too", () => {
  const several = [
    { regime: withCoins(0.05, 1), answerBound: 0.1, sizes: [6, 6, 6], retries: 1 },
    { regime: withCoins(0.35, 1), answerBound: 0.2, sizes: [3, 5, 2], retries: 2 },
    { regime: withCoins(0.1, 1), answerBound: 0.2, sizes: [4, 4, 4, 4], retries: 0 },
    { regime: PRODUCT, answerBound: 0.05, sizes: [20, 20], retries: 2 },
    { regime: PRODUCT, answerBound: 0.2, sizes: [12, 3, 1], retries: 1 },
  ];
  for (const game of several) {
    const { gain, states } = gainInterleaved({ ...game, mayCancel: true, price: 1 });
    expect(states).toBeGreaterThan(300);
    expect(gain, `${game.sizes}`).toBeLessThanOrEqual(ROUNDING);
  }
  const ratio = ratioInterleaved({ regime: PRODUCT, answerBound: 0.05, sizes: [4, 4, 4, 4] });
  expect(ratio).toBeGreaterThan(0.9);
  expect(ratioAllOpen(PRODUCT, newAccount(1e-3), asked(300, { othersOpenOrWait: true }), 40)).toBeLessThan(1);
});

test("[CK3] a reserve is exact: each charge stands for one wrong final answer, with coins alone, with a sample, in windows, and of rows done again", () => {
  for (const coin of [0.02, 0.05, 0.2, 0.35]) {
    for (const checkShare of [coin, Math.max(coin, 0.5), 0.9]) {
      const sample = sampleShare(checkShare, coin);
      const rules = { rows: 40, coin, sample, reserve: (1 - checkShare) / checkShare };
      expect(perCharge(rules)).toBeCloseTo(1, 4);
      expect(perChargeInWindows({ ...rules, windows: 5, afterFinding: "ends" })).toBeCloseTo(1, 4);
      expect(perChargeAfterSample(rules, sample)).toBeCloseTo(1, 4);
    }
  }
});

test("the page says what is promised, and its table of one job is what an attacker gets at most", () => {
  const page = readFileSync(new URL("../../../docs/how-a-row-becomes-final.md", import.meta.url), "utf8");
  const said = page.replaceAll(/\s+/g, " ");
  expect(said.toLowerCase()).toContain(rowPromise(1e-3, false).replace("0.001", "eps"));
  expect(page.split(/\s+/).length).toBeLessThanOrEqual(1_500);
  const rows = [...page.matchAll(/^ {2}\| (\.\d+) \| ([\d. |]+) \|$/gm)];
  expect(rows.length).toBe(4);
  for (const [, share, figures] of rows) {
    const told = figures!.split("|").flatMap((figure) => (figure.trim() === "" ? [] : [figure.trim()]));
    const worst = [1, 4].flatMap((windows) =>
      [1, 3].map((tries) => worstOfOneJob({ checkShare: Number(share), tries, windows }).toFixed(1)),
    );
    expect(told).toEqual(worst.slice(0, told.length));
  }
});
