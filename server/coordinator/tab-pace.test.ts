import { expect, test } from "vitest";
import type { TabPace } from "./state.ts";
import { paceAfter } from "./tab-pace.ts";

type Answer = readonly [rows: number, ms: number];

const MACS_PER_ROW = 100;

/** What a row takes a tab by these answers, usually and now, ms. */
function paceOf(answers: readonly Answer[]): { usualMs: number; nowMs: number } {
  let pace: TabPace | null = null;
  for (const [rows, ms] of answers) pace = paceAfter(pace, { ms, work: rows * MACS_PER_ROW, tripMs: null });
  return { usualMs: pace!.usualMs * MACS_PER_ROW, nowMs: pace!.nowMs * MACS_PER_ROW };
}

const times = (count: number, one: Answer): Answer[] => Array.from({ length: count }, () => one);

test("[DP12] among batches of one size a tab's pace is that of its median answer, and of its latest where that is slower", () => {
  const answers: Answer[] = [...times(3, [10, 100]), ...times(4, [10, 200]), [10, 150], [10, 400]];
  expect(paceOf(answers)).toEqual({ usualMs: 20, nowMs: 40 });
  expect(paceOf([...times(8, [10, 200]), [10, 100]])).toEqual({ usualMs: 20, nowMs: 20 });
});

test("[DP12] what each batch takes beside its rows does not count: a large one tells, and small ones before and after it do not", () => {
  const [small, large]: Answer[] = [
    [5, 255],
    [160, 410],
  ];
  expect(paceOf(times(20, small!)).usualMs).toBe(51);
  expect(paceOf([...times(20, small!), large!, ...times(200, small!)]).nowMs).toBeCloseTo(410 / 160, 10);
});

test("[DP12] a tab that has become slow stays so, however many small batches it answers as slowly, until some are fast", () => {
  const slow: Answer[] = [...times(9, [160, 1_600]), [160, 16_000], ...times(20, [5, 510])];
  expect(paceOf(slow).nowMs).toBe(100);
  expect(paceOf([...slow, [5, 300]]).nowMs).toBe(60);
  expect(paceOf([...slow, [5, 50]]).nowMs).toBe(10);
  const long: Answer[] = [...times(4, [160, 410]), ...times(5, [160, 8_000])];
  expect(paceOf(long).nowMs).toBe(50);
  expect(paceOf([...long, ...times(5, [40, 290])]).nowMs).toBeCloseTo(7.25, 10);
});

test("[DP12] a small batch that takes longer than a large one did tells that its tab is slow", () => {
  expect(paceOf([...times(9, [160, 1_600]), [5, 2_000]]).nowMs).toBe(400);
});

test("[DP12] answers that were read together do not make a tab fast", () => {
  expect(paceOf([...times(8, [10, 200]), [10, 0], [10, 200]])).toEqual({ usualMs: 20, nowMs: 20 });
});
