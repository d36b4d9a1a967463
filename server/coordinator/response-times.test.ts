import { expect, test } from "vitest";
import { quantile } from "../../shared/numbers/quantile.ts";
import { ASSIGNMENT_DEADLINE_MS_MAX, ASSIGNMENT_DEADLINE_MS_MIN } from "../../shared/protocol/limits.ts";
import {
  crowdMedianMs,
  deadlineMs,
  graceMs,
  paceFrom,
  paceMsOf,
  patienceMs,
  predictMs,
  RESPONSE_SAMPLES_OF_CROWD,
  RESPONSE_SAMPLES_PER_SESSION,
  recordResponse,
} from "./response-times.ts";
import type { CoordinatorState, Session } from "./state.ts";
import { Story } from "./testing/story.ts";

/** Two tabs; each answers with these times, in batches of 100 multiply-adds. */
function answered(
  ms: readonly number[],
  others: readonly number[] = [],
): { state: CoordinatorState; session: Session } {
  const story = new Story();
  story.crowd(2);
  const { state } = story;
  const [session, other] = ["s1", "s2"].map((id) => state.sessions.get(id)!) as [Session, Session];
  for (const time of others) recordResponse(state, other, { ms: time, work: 100 });
  for (const time of ms) recordResponse(state, session, { ms: time, work: 100 });
  return { state, session };
}

test("a quantile is the smallest value that so many do not exceed", () => {
  expect(quantile([], 0.5)).toBeNull();
  expect(quantile([7], 0.5)).toBe(7);
  expect(quantile([3, 1, 2, 4], 0.5)).toBe(2);
  expect(quantile([30, 4, 100], 0.5)).toBe(30);
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
  expect([0, 0.01, 0.5, 0.95, 0.951, 1].map((share) => quantile(hundred, share))).toEqual([1, 1, 50, 95, 96, 100]);
});

test("a tab is expected to take its own median over its latest nine answers, the crowd over its latest 200", () => {
  const { session } = answered([1, 1, 1, 1, 1, 9, 9, 9, 9, 9]);
  expect(session.responses).toHaveLength(RESPONSE_SAMPLES_PER_SESSION);
  expect(predictMs(session, 100)).toBe(9);
  const { state } = answered(
    Array.from({ length: 130 }, () => 5),
    Array.from({ length: 200 }, () => 1),
  );
  expect(state.crowdResponses).toHaveLength(RESPONSE_SAMPLES_OF_CROWD);
  expect(crowdMedianMs(state, 100)).toBe(5);
  expect(crowdMedianMs(new Story().state, 100)).toBeNull();
});

test("[EV5] the crowd's times are reckoned once for each answer, however often and for however many sizes they are asked for", () => {
  const { state, session } = answered([10, 20, 30]);
  let reads = 0;
  const [sample] = state.crowdResponses;
  state.crowdResponses[0] = new Proxy(sample!, {
    get(target, key) {
      if (key === "ms") reads++;
      return Reflect.get(target, key, target);
    },
  });
  const asked = () => [100, 200].map((work) => [crowdMedianMs(state, work), patienceMs(state, session, work)]);
  const first = asked();
  const readsOnce = reads;
  expect(readsOnce).toBeGreaterThan(0);
  for (let n = 0; n < 10; n++) expect(asked()).toEqual(first);
  expect(reads).toBe(readsOnce);
  for (let n = 0; n < 2; n++) recordResponse(state, session, { ms: 5_000, work: 100 });
  expect(asked()).toEqual([
    [30, 10_000],
    [60, 20_000],
  ]);
  expect(reads).toBeGreaterThan(readsOnce);
});

test("a larger batch is expected to take longer in proportion, a smaller one no less", () => {
  const { state, session } = answered([10, 20, 30]);
  expect([50, 100, 200].map((work) => predictMs(session, work))).toEqual([20, 20, 40]);
  expect([50, 100, 200].map((work) => crowdMedianMs(state, work))).toEqual([20, 20, 40]);
});

test("[AS5] a deadline is one and a half times what the tab usually takes: its median, times the crowd's third quartile of ratios", () => {
  const { state, session } = answered([1_000, 1_000, 1_000, 1_000, 1_000]);
  expect(deadlineMs(state, session, 100)).toBe(1_500);
  expect(deadlineMs(state, session, 200)).toBe(3_000);
  // A crowd whose answers stray: three in four are up to a fifth above their tab's median.
  state.crowdSeen.ratios.splice(0, Infinity, 0.9, 1, 1.2, 2);
  expect(deadlineMs(state, session, 100)).toBeCloseTo(1_800, 9);
  state.crowdSeen.ratios.splice(0, Infinity, 0.5, 0.6);
  expect(deadlineMs(state, session, 100)).toBe(1_500);
});

test("[AS5] of a tab that has hardly answered, by the crowd's third quartile, or its own median where that is longer", () => {
  const fast = answered([100], [700, 800, 900, 1_000, 1_100, 1_200, 1_300]);
  expect(deadlineMs(fast.state, fast.session, 100)).toBe(1.5 * 1_100);
  const slow = answered([2_000, 2_000], [700, 800, 900, 1_000]);
  expect(deadlineMs(slow.state, slow.session, 100)).toBe(3_000);
});

/** Answers of a tab that takes 3 ms a row, and 300 ms for each batch beside that: rows of batches. */
const withOverhead = (...rows: number[]) => rows.map((work) => ({ ms: 300 + 3 * work, work }));

test("[AS5] what a batch takes beside its rows makes no tab look slow that gets a small one after large ones", () => {
  const paceOf = (...rows: number[]) => paceFrom(withOverhead(...rows));
  const large = 780 / 160;
  expect(paceOf(160, 160, 160)).toEqual({ usualMs: large, nowMs: large });
  expect(paceOf(160, 160, 160, 5)).toEqual({ usualMs: large, nowMs: large });
  expect(paceOf(5, 160, 5, 5, 5, 5, 5, 5, 5)).toEqual({ usualMs: large, nowMs: large });
  // Of small ones alone nothing else is known.
  expect(paceOf(5, 5)).toEqual({ usualMs: 63, nowMs: 63 });
  expect(paceFrom([])).toBeNull();
  expect(paceMsOf(answered([]).session)).toBe(Number.POSITIVE_INFINITY);
});

test("[AS5] what an answer waited before it was heard does not count for its tab's pace, and does for its deadline", () => {
  const { state, session } = answered([]);
  for (let n = 0; n < 5; n++) recordResponse(state, session, { ms: 3_000, work: 100, waitedMs: 2_600 });
  expect(paceMsOf(session)).toBe(4);
  expect(predictMs(session, 100)).toBe(3_000);
  expect(deadlineMs(state, session, 100)).toBe(4_500);
});

test("[AS5] a tab that was slow at its latest large batch stays so until a small one says that it is fast again", () => {
  const fast = Array.from({ length: 5 }, () => ({ ms: 400, work: 100 }));
  const slow = { ms: 4_000, work: 100 };
  const nowMs = (...after: { ms: number; work: number }[]) => paceFrom([...fast, ...after])?.nowMs;
  expect(nowMs()).toBe(4);
  expect(nowMs(slow)).toBe(40);
  expect(nowMs(slow, { ms: 400, work: 10 })).toBe(40);
  expect(nowMs(slow, { ms: 200, work: 10 })).toBe(20);
  expect(nowMs(slow, { ms: 40, work: 10 })).toBe(4);
  // A small one that takes longer than half a large one: the tab has become slow meanwhile.
  expect(nowMs({ ms: 1_000, work: 10 })).toBe(20);
});

/** Of a hundred answers of a tab so many take ten times as long as the others, spread over all of them. */
const withSlow = (slow: number) =>
  Array.from({ length: 100 }, (_, n) => (((n + 1) * slow) % 100 < slow ? 10_000 : 1_000));

test("[AS5] [AS6] one slow answer in five moves no deadline; patience it does raise", () => {
  for (const slow of [0, 10, 20]) {
    const { state, session } = answered(withSlow(slow));
    expect(deadlineMs(state, session, 100)).toBe(1_500);
    expect(patienceMs(state, session, 100)).toBe(slow === 0 ? 4_000 : 20_000);
  }
});

test("[AS6] patience is twice the crowd's 95th percentile, or four times the tab's own median, whichever is longer", () => {
  const fast = answered(
    [100],
    Array.from({ length: 19 }, (_, n) => 1_000 + n),
  );
  expect(patienceMs(fast.state, fast.session, 100)).toBe(2 * 1_017);
  expect(patienceMs(fast.state, fast.session, 200)).toBe(4 * 1_017);
  const slow = answered(
    [900],
    Array.from({ length: 30 }, () => 500),
  );
  expect(patienceMs(slow.state, slow.session, 100)).toBe(4 * 900);
});

test.each([
  ["[AS5] a deadline", deadlineMs, 600],
  ["[AS6] patience", patienceMs, 800],
] as const)(
  "%s keeps within its limits, and is the upper one before anything is measured",
  (_, measured, newcomerMs) => {
    const { state, session } = answered([]);
    expect(measured(state, session, 100)).toBe(ASSIGNMENT_DEADLINE_MS_MAX);
    const quick = answered([1]);
    expect(measured(quick.state, quick.session, 100)).toBe(ASSIGNMENT_DEADLINE_MS_MIN);
    const endless = answered([ASSIGNMENT_DEADLINE_MS_MAX]);
    expect(measured(endless.state, endless.session, 100)).toBe(ASSIGNMENT_DEADLINE_MS_MAX);
    // Of others alone something is known of a newcomer too.
    const newcomer = answered([], [400]);
    expect(measured(newcomer.state, newcomer.session, 100)).toBe(newcomerMs);
  },
);

test("[ES4] the grace is half the crowd's median, at least 5 ms and at most 2 s", () => {
  expect(graceMs(answered([100]).state, 100)).toBe(50);
  expect(graceMs(answered([100]).state, 300)).toBe(150);
  expect(graceMs(answered([1]).state, 100)).toBe(5);
  expect(graceMs(answered([50_000]).state, 100)).toBe(2_000);
  expect(graceMs(answered([]).state, 100)).toBe(1_000);
});
