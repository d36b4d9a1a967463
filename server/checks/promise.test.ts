import { expect, test } from "vitest";
import { rowPromise } from "../../shared/verify/row-promise.ts";
import { newAccount, openBlock } from "./account.ts";
import { lowerCap } from "./price.ts";
import {
  isStrictByDefault,
  priceOfChecksInWords,
  promiseInWords,
  raisedInWords,
  refusedInWords,
  worstOfOneJob,
} from "./promise.ts";
import { settleRefused } from "./small-blocks.ts";
import { blockAsked } from "./testing/block-asked.ts";

test("the bound is said in the words that were proved, of one job where that is strict", () => {
  expect(rowPromise(1e-3, false)).toBe(
    "of all rows that you asked for, accepted or not, at most a share 0.001 is wrong and final, on average over the coins, against volunteers that adapt, come back under new keys and stop at the first naming, as long as at most a third of those who give second words work together",
  );
  expect(rowPromise(1e-3, true)).toBe(rowPromise(1e-3, false).replace("that you asked for", "of this job"));
  expect(promiseInWords(1e-3, true, { checkShare: 0.5, rows: 1_000, sampleShare: 0.4 })).toBe(
    `Of${rowPromise(1e-3, true).slice(2)}.`,
  );
  expect(promiseInWords(1e-3, false, { checkShare: 0.05, rows: 900, sampleShare: 0 })).toContain(
    "averaged over your jobs: in this one alone an attacker can make up to 7 rows wrong and final on average, 16 where",
  );
  expect(promiseInWords(1e-3, false, { checkShare: 0.02, rows: 50_000, sampleShare: 0 })).toContain(
    "can make up to 34 rows wrong and final on average, 98 where",
  );
});

test("one job may have 7 wrong and final rows in one try, 16 in three, 41 in old accounts, and more in windows: each number of lies in each", () => {
  const byTrying = (c: number, tries: number, windows: number, windowsLeft = windows): number => {
    if (tries === 0 || windowsLeft === 0) return 0;
    const [found, follows] = [byTrying(c, tries - 1, windows), byTrying(c, tries, windows, windowsLeft - 1)];
    let worst = follows;
    for (let lies = 1; lies <= 2_000; lies++) {
      const missed = (1 - c) ** lies;
      worst = Math.max(worst, missed * (lies + follows) + (1 - missed) * found);
    }
    return worst;
  };
  for (const c of [0.02, 0.05, 0.3, 0.9]) {
    for (const [tries, windows] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [1, 3],
      [2, 2],
    ] as const) {
      expect(worstOfOneJob({ checkShare: c, tries, windows })).toBeCloseTo(byTrying(c, tries, windows), 9);
    }
  }
  const told = (checkShare: number, tries: number, windows: number) =>
    Math.round(10 * worstOfOneJob({ checkShare, tries, windows })) / 10;
  expect([told(0.05, 1, 1), told(0.05, 3, 1), told(0.02, 3, 1)]).toEqual([7.2, 16, 40.6]);
  expect([told(0.02, 1, 25), told(0.02, 3, 25), told(0.05, 1, 25)]).toEqual([45.9, 137.6, 18.1]);
});

test("what a job costs is told before it begins, and when a naming raises it", () => {
  expect(priceOfChecksInWords({ rows: 1_000, coordinatorRows: 493.6, duplicateRows: 27.6 })).toBe(
    "Of 1,000 rows the coordinator computes about 494 itself, and tabs answer about 28 twice, if nobody lies.",
  );
  expect(priceOfChecksInWords({ rows: 200_000, coordinatorRows: 4_012, duplicateRows: 0.4 })).toBe(
    "Of 200,000 rows the coordinator computes about 4,012 itself, if nobody lies.",
  );
  expect(raisedInWords({ rows: 400, coordinatorRows: 120 }, 490)).toBe(
    "A volunteer was wrong: 400 rows are asked again. The coordinator computes about 610 rows of this job, and not 490.",
  );
  expect([lowerCap(null, 500), lowerCap(100, 500), lowerCap(null, null)]).toEqual([500, 100, null]);
});

test.each([1, 10, 48, 96, 144])(
  "[CK11] a new submitter's first job of %i rows is the coordinator's where it takes 5 s, else it is told what suffices",
  (rows) => {
    const opening = openBlock(newAccount(1e-3), blockAsked({ rows, hasCrowd: true }));
    if (!("refused" in opening)) throw new Error("expected a refusal");
    expect(settleRefused(opening.refused, rows, 5_000 / rows, null)).toEqual({ by: "coordinator" });
    expect(settleRefused(opening.refused, rows, 5_001 / rows, null)).toEqual({
      by: "nobody",
      why: "price",
      rowsThatSuffice: 177,
    });
    expect(settleRefused(opening.refused, rows, 1, rows - 1)).toMatchObject({ by: "nobody" });
  },
);

test("what a block lacks is said with what would mend it", () => {
  expect(refusedInWords(48, { by: "nobody", why: "price", rowsThatSuffice: 177 })).toBe(
    "Too little was checked for you so far to bound 48 rows: their answers will not be final. 177 rows in one job would suffice.",
  );
  expect(refusedInWords(1, { by: "coordinator" })).toBe("The coordinator computes all of 1 row itself.");
  expect(refusedInWords(9_000, { by: "nobody", why: "cap", rowsThatSuffice: null })).toContain(
    "than the cap on the price allows",
  );
});

test("strict is the default where strangers without tokens share an address", () => {
  expect([isStrictByDefault(true, true), isStrictByDefault(false, true), isStrictByDefault(false, false)]).toEqual([
    false,
    true,
    false,
  ]);
});
