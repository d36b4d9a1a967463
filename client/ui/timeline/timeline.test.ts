import { describe, expect, test } from "vitest";
import { quantile } from "../../../shared/numbers/quantile.ts";
import type { TimelineOutcome, TimelineSpan } from "../../../shared/protocol/timeline-api.ts";
import { latencyBins } from "./latency-bins.ts";
import { answerTimes, countOutcomes, tabRecords } from "./tab-records.ts";
import { LANES_MAX, layOut, pageOf, ROWS_MAX, SPANS_SHOWN_MAX, ticksOf } from "./timeline-layout.ts";

const span = (
  tab: number,
  roundIndex: number,
  sentMs: number,
  endedMs: number | null,
  more: object = {},
): TimelineSpan => ({
  tab,
  work: "batch",
  roundIndex,
  generation: 0,
  workerIndex: tab,
  isAgain: false,
  sentMs,
  endedMs,
  outcome: endedMs === null ? "computing" : "answered",
  ...more,
});

describe("layOut", () => {
  const spans = [span(0, 0, 100, 200), span(2, 0, 100, 400), span(0, 1, 200, 500), span(2, 1, 400, null)];
  const laid = layOut(spans, 100, 500, 600);

  test("a row for each tab that was sent something, a bar for each assignment, from when it was sent until it ended", () => {
    expect(laid.rows.map(({ tab }) => tab)).toEqual([0, 2]);
    expect(laid.bars.map(({ x, width }) => [x, width])).toEqual([
      [100, 80],
      [100, 240],
      [180, 240],
      [340, 160],
    ]);
    expect(laid.bars[0]!.y).toBe(laid.bars[2]!.y);
    expect(laid.bars[1]!.y).toBeGreaterThan(laid.bars[0]!.y);
  });

  test("rounds that overlap are brackets in lanes of their own; one that was done again is another bracket", () => {
    expect(laid.brackets.map(({ roundIndex, y }) => [roundIndex, y])).toEqual([
      [0, laid.brackets[0]!.y],
      [1, laid.brackets[0]!.y + 16],
    ]);
    const again = layOut([...spans, span(0, 0, 700, 800, { generation: 1 })], 100, 500, 900);
    expect(again.brackets.map(({ roundIndex, generation }) => [roundIndex, generation])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
    ]);
  });

  test("shares of the data belong to no round", () => {
    expect(layOut([span(0, 0, 0, 10, { roundIndex: null })], 100, 500, 20).brackets).toEqual([]);
  });

  test("nothing is narrower than can be seen, and what has lasted no time is drawn too", () => {
    const { bars } = layOut([span(0, 0, 5, 5)], 100, 500, 5);
    expect(bars).toHaveLength(1);
    expect(bars[0]!.width).toBeGreaterThanOrEqual(2);
  });

  test("more tabs and more rounds at once than fit are left out, and the tabs counted", () => {
    const many = Array.from({ length: ROWS_MAX + 3 }, (_, tab) => span(tab, tab, 0, 100));
    const crowded = layOut(many, 100, 500, 100);
    expect(crowded.rows).toHaveLength(ROWS_MAX);
    expect(crowded.tabsLeftOut).toBe(3);
    expect(crowded.brackets).toHaveLength(LANES_MAX);
  });
});

test("ticks are round numbers, no more than asked for and at most one", () => {
  expect(ticksOf(0, 1_000, 5)).toEqual([0, 200, 400, 600, 800, 1_000]);
  expect(ticksOf(130, 990, 4)).toEqual([500]);
  expect(ticksOf(7, 8, 10)).toEqual(
    [7, 7.1, 7.2, 7.3, 7.4, 7.5, 7.6, 7.7, 7.8, 7.9, 8].map((tick) => expect.closeTo(tick)),
  );
  expect(ticksOf(-0.3, 0.3, 6)).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
});

test("pages are counted from the latest, and together they are all", () => {
  const spans = Array.from({ length: SPANS_SHOWN_MAX + 10 }, (_, i) => span(0, i, i, i + 1));
  const [latest, first] = [pageOf(spans, 0), pageOf(spans, 1)];
  expect(latest.from).toBe(10);
  expect(first).toMatchObject({ from: 0 });
  expect([...first.shown, ...latest.shown]).toEqual(spans);
});

describe("by tab", () => {
  const outcomes: TimelineOutcome[] = ["answered", "late", "rejected", "unneeded", "gone"];
  const spans = outcomes.map((outcome, i) => span(0, i, 0, 10 * (i + 1), { outcome }));
  const tab = { sessionId: "s0", volunteerId: "v0", nickname: "ada", backend: "wasm" };

  test("a tab's record counts what came of its work; the median is of answers alone", () => {
    const [record] = tabRecords({ tabs: [tab, { ...tab, sessionId: "s1" }], spans });
    expect(record).toMatchObject({ tab, sent: 5, medianMs: 20 });
    expect(record!.counts).toMatchObject({ answered: 1, late: 1, rejected: 1, unneeded: 1, gone: 1, failed: 0 });
    expect(tabRecords({ tabs: [tab, { ...tab, sessionId: "s1" }], spans })).toHaveLength(1);
  });

  test("what nobody answered took no time", () => {
    expect(answerTimes(spans)).toEqual([10, 20, 30]);
    expect(countOutcomes(spans).computing).toBe(0);
  });
});

test("quantile is the smallest value that the share does not exceed", () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  expect(quantile([], 0.5)).toBeNull();
});

describe("latencyBins", () => {
  test("every time is in the one bin that holds it, and bins touch", () => {
    const times = [1, 3, 9, 9, 40, 41, 900];
    const bins = latencyBins(times);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(times.length);
    for (const ms of times) expect(bins.filter(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)).toHaveLength(1);
    for (const [i, bin] of bins.slice(1).entries()) expect(bin.fromMs).toBe(bins[i]!.toMs);
  });

  test("of the fastest and the slowest crowds there are no more bins than can be told apart", () => {
    expect(latencyBins([0, 60_000]).length).toBeLessThanOrEqual(40);
    expect(latencyBins([0.2])).toHaveLength(1);
    expect(latencyBins([])).toEqual([]);
  });
});
