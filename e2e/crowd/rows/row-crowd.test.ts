import { expect, test } from "vitest";
import { RowLedger } from "../../../server/rows/ledger.ts";
import { type LedgerEffect, UNCODED } from "../../../server/rows/words.ts";
import type { ComputeTime } from "../compute-time.ts";
import { RowCrowd, type RowCrowdOptions } from "./row-crowd.ts";
import type { RowTabSpec } from "./row-tab.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

const timeOf = (rowMs: number, slowShare = 0): ComputeTime => ({
  ...{ fixedMs: 5, rowMs, draw: 3 },
  factors: [
    { kind: "even", spread: 0.1 },
    { kind: "slow", share: slowShare, least: 8, most: 8 },
  ],
});

type Options = Partial<RowCrowdOptions<NonNullable<ReturnType<RowLedger["take"]>>, LedgerEffect>>;

function crowdOn(rowCount: number, tabs: readonly RowTabSpec[], options: Options = {}) {
  const ledger = new RowLedger({ rowCount, rule: UNCODED, orderKey: KEY });
  const accepted: string[] = [];
  const crowd = new RowCrowd({
    ...{ seed: 7, tabs, rows: ledger },
    onEffect: (effect, { nowMs }) => {
      if (effect.type === "accepted") accepted.push(`${effect.place} of ${effect.volunteerId} at ${nowMs}`);
    },
    ...options,
  });
  const run = () => crowd.run(() => ledger.counts.answered === rowCount);
  return { ledger, crowd, accepted, run };
}

test("in an hour a crowd without faults answers what the sum of its paces says, within 1 %", () => {
  const rowTimes = [20, 50, 120, 700];
  const hourMs = 3_600_000;
  const possible = rowTimes.reduce((sum, rowMs) => sum + hourMs / rowMs, 0);
  const { ledger, crowd } = crowdOn(
    Math.ceil(1.2 * possible),
    rowTimes.map((rowMs) => ({ time: timeOf(rowMs) })),
  );
  const { endMs, rowsComputed } = crowd.runUntil(hourMs);
  expect(endMs).toBe(hourMs);
  expect(ledger.counts.answered / possible).toBeGreaterThan(0.99);
  expect(ledger.counts.answered / possible).toBeLessThan(1.01);
  expect(rowsComputed).toBeGreaterThanOrEqual(ledger.counts.answered);
});

test("the same seed gives the same run, another seed another one", () => {
  const tabs = [20, 50, 120].map((rowMs) => ({ time: timeOf(rowMs, 0.2) }));
  const [one, again, other] = [crowdOn(500, tabs), crowdOn(500, tabs), crowdOn(500, tabs, { seed: 8 })];
  const ends = [one, again, other].map(({ run }) => run().endMs);
  expect(ends[1]).toBe(ends[0]);
  expect(again.accepted).toEqual(one.accepted);
  expect(ends[2]).not.toBe(ends[0]);
});

test("a mute crowd and one honest tab answer every row, all of them the honest one's", () => {
  const mute = Array.from({ length: 8 }, () => ({ time: timeOf(50), isMute: true, comesBackAfterMs: 60 }));
  const { accepted, run } = crowdOn(200, [...mute, { time: timeOf(50), volunteerId: "honest" }]);
  run();
  expect(accepted).toHaveLength(200);
  expect(accepted.every((line) => line.includes("of honest"))).toBe(true);
});

test("tabs that leave, come back, join late and share a volunteer lose no row and answer none twice", () => {
  const { accepted, run } = crowdOn(600, [
    { time: timeOf(50), leavesAtMs: 1_000 },
    { time: timeOf(50), leavesAtMs: 2_000, comesBackAfterMs: 500 },
    { time: timeOf(80), volunteerId: "two windows" },
    { time: timeOf(80), volunteerId: "two windows" },
    { time: timeOf(30), joinsAtMs: 3_000 },
  ]);
  run();
  const places = accepted.map((line) => line.split(" ")[0]);
  expect(new Set(places).size).toBe(600);
  expect(places).toHaveLength(600);
  expect(accepted.some((line) => line.includes("volunteer-4"))).toBe(true);
});

test("what a tab withholds is given back at the claim's end, and others answer it", () => {
  const { accepted, run } = crowdOn(100, [{ time: timeOf(20) }, { time: timeOf(20) }], {
    answers: (claim, items) =>
      claim.volunteerId === "volunteer-0" ? items.filter((item) => item % 2 === 0) : undefined,
  });
  run();
  const odd = accepted.filter((line) => Number(line.split(" ")[0]) % 2 === 1);
  expect(odd).toHaveLength(50);
  expect(odd.every((line) => line.includes("of volunteer-1"))).toBe(true);
});

test("a ledger whose every take has something to tell, or nothing, is asked no more often for it", () => {
  const ledger = new RowLedger({ rowCount: 50, rule: UNCODED, orderKey: KEY });
  let asked = 0;
  const rows: NonNullable<Options["rows"]> = {
    join: (session) => ledger.join(session),
    leave: (sessionId, nowMs) => ledger.leave(sessionId, nowMs),
    take: (sessionId, nowMs) => {
      asked++;
      crowd.hear([]);
      return ledger.take(sessionId, nowMs);
    },
    answer: (claimId, items, nowMs) => ledger.answer(claimId, items, nowMs),
    leftOut: (claimId, items, nowMs) => ledger.leftOut(claimId, items, nowMs),
    release: (claimId, nowMs) => ledger.release(claimId, nowMs),
    tick: (nowMs) => ledger.tick(nowMs),
    get nextDueMs() {
      return ledger.nextDueMs;
    },
  };
  const crowd = new RowCrowd({ seed: 1, tabs: [{ time: timeOf(20) }, { time: timeOf(20) }], rows });
  crowd.run(() => ledger.counts.answered === 50);
  expect(asked).toBeLessThan(500);
});

test("a run that cannot end says when it stopped", () => {
  const { run } = crowdOn(10, []);
  expect(run).toThrow("expected an end, got nothing to do at 0 ms");
});
