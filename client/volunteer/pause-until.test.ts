import { expect, test } from "vitest";
import { hoursFrom, tomorrowMorning } from "./pause-until.ts";

const at = (day: number, hour: number) => new Date(2026, 10, day, hour, 15).getTime();

test("tomorrow is the next morning, also for who is still up after midnight", () => {
  const morning = new Date(2026, 10, 24, 8).getTime();
  expect(tomorrowMorning(at(23, 14))).toBe(morning);
  expect(tomorrowMorning(at(23, 23))).toBe(morning);
  expect(tomorrowMorning(at(24, 2))).toBe(morning);
  expect(tomorrowMorning(at(23, 8))).toBe(morning);
});

test("hours are hours", () => expect(hoursFrom(at(23, 14), 3)).toBe(at(23, 17)));
