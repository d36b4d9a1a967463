import { expect, test } from "vitest";
import { dayOf, isOpenAt, nextMidnightMs, nextOpeningMs } from "./schedule.ts";
import type { DayHours } from "./volunteer-settings.ts";

/** A Monday. Local time, as everything here. */
const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, 23 + day, hour, minute).getTime();
const MONDAY = 0;
const week = (days: Record<number, DayHours>) => Array.from({ length: 7 }, (_, day) => days[day] ?? null);

test("hours of a day are open from their first minute to the last before their end", () => {
  const days = week({ [MONDAY]: { from: 9, to: 17 } });
  expect([at(0, 8, 59), at(0, 9), at(0, 16, 59), at(0, 17)].map((ms) => isOpenAt(days, ms))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(isOpenAt(days, at(1, 10))).toBe(false);
  expect(isOpenAt(days, at(7, 10))).toBe(true);
});

test("hours that end before they begin run on into the next day, from Sunday into Monday too", () => {
  const days = week({ 6: { from: 22, to: 6 } });
  expect(isOpenAt(days, at(6, 21, 59))).toBe(false);
  expect(isOpenAt(days, at(6, 23))).toBe(true);
  expect(isOpenAt(days, at(7, 5, 59))).toBe(true);
  expect(isOpenAt(days, at(7, 6))).toBe(false);
  expect(isOpenAt(days, at(0, 5))).toBe(true);
});

test("a whole day is from 0 to 24", () => {
  const days = week({ [MONDAY]: { from: 0, to: 24 } });
  expect(isOpenAt(days, at(0, 0))).toBe(true);
  expect(isOpenAt(days, at(0, 23, 59))).toBe(true);
  expect(isOpenAt(days, at(1, 0))).toBe(false);
});

test("the next opening is the first open hour to come, up to a week ahead", () => {
  const days = week({ [MONDAY]: { from: 9, to: 17 } });
  expect(nextOpeningMs(days, at(0, 3, 20))).toBe(at(0, 9));
  expect(nextOpeningMs(days, at(0, 18))).toBe(at(7, 9));
  expect(nextOpeningMs(week({}), at(0, 18))).toBeNull();
});

test("days are those of the local calendar", () => {
  expect(dayOf(at(0, 23, 59))).toBe("2026-11-23");
  expect(dayOf(nextMidnightMs(at(0, 23, 59)))).toBe("2026-11-24");
});
