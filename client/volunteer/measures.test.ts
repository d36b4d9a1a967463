import { expect, test } from "vitest";
import { energyWh, milestones, SPEED_WINDOW_MS, verifiedPerSecond } from "./measures.ts";

const mark = (atMs: number, macs: number) => ({ atMs, macs, assignments: 0 });

test("speed is verified work of the last minute by its time, pauses included", () => {
  expect(verifiedPerSecond([mark(0, 100), mark(2_000, 1_100)], 10_000)).toBe(100);
  const now = SPEED_WINDOW_MS + 5_000;
  expect(verifiedPerSecond([mark(0, 0), mark(1_000, 500), mark(now - 1, 60_500)], now)).toBe(1_000);
  expect(verifiedPerSecond([mark(0, 0), mark(1_000, 500)], now)).toBe(0);
});

test("too little to tell is no speed at all", () => {
  expect(verifiedPerSecond([], 5_000)).toBeNull();
  expect(verifiedPerSecond([mark(0, 5)], 1_000)).toBeNull();
  expect(verifiedPerSecond([mark(0, 5)], 5_000)).toBe(0);
});

test("an hour of one thread at 10 W is 10 Wh", () => expect(energyWh(3_600_000, 10)).toBe(10));

test("milestones are ten times apart, from a billion on", () => {
  expect(milestones(0)).toEqual({ passed: null, next: 1e9 });
  expect(milestones(1e9)).toEqual({ passed: 1e9, next: 1e10 });
  expect(milestones(5.5e12)).toEqual({ passed: 1e12, next: 1e13 });
});
