import { expect, test } from "vitest";
import { type ComputeTime, computeMsOf, slicesOf } from "./compute-time.ts";

const PLAIN: ComputeTime = { fixedMs: 10, rowMs: 2, factors: [], draw: 1 };
const times = (time: ComputeTime, tab = 0) => Array.from({ length: 400 }, (_, n) => computeMsOf(time, 7, tab, n, 5));

test("a time is what is fixed and what each row takes, times each factor", () => {
  expect(new Set(times(PLAIN))).toEqual(new Set([20]));
  const always: ComputeTime = { ...PLAIN, factors: [{ kind: "slow", share: 1, least: 3, most: 3 }] };
  expect(new Set(times(always))).toEqual(new Set([60]));
});

test("the same seed, tab and count have the same time, others another", () => {
  const drawn: ComputeTime = { ...PLAIN, factors: [{ kind: "log-normal", deviation: 0.1 }] };
  expect(times(drawn)).toEqual(times(drawn));
  expect(times(drawn)).not.toEqual(times(drawn, 1));
  expect(new Set(times(drawn)).size).toBe(400);
});

test("factors stay within what they say, and the share of slow ones is about as large", () => {
  const even = times({ ...PLAIN, factors: [{ kind: "even", spread: 0.1 }] });
  expect(Math.min(...even)).toBeGreaterThanOrEqual(18);
  expect(Math.max(...even)).toBeLessThanOrEqual(22);
  const slow = times({ ...PLAIN, factors: [{ kind: "slow", share: 0.2, least: 4, most: 8 }] }).filter((ms) => ms > 20);
  expect(slow.length).toBeGreaterThan(50);
  expect(slow.length).toBeLessThan(110);
  expect(Math.min(...slow)).toBeGreaterThanOrEqual(80);
  expect(Math.max(...slow)).toBeLessThanOrEqual(160);
});

test("[PR98] what takes more than two seconds is cut into slices of about one", () => {
  expect([1, 2_000, 2_001, 16_000].map(slicesOf)).toEqual([1, 1, 3, 16]);
});
