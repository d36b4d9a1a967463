/** Hours of the week by local time. Pure: the time comes in, only the browser's time zone is ambient. */
import type { DayHours } from "./volunteer-settings.ts";

/** @param days seven, Monday first; null: not on that day */
export function isOpenAt(days: readonly (DayHours | null)[], atMs: number): boolean {
  const at = new Date(atMs);
  const hour = at.getHours();
  const today = (at.getDay() + 6) % 7;
  return covers(days[today], hour) || covers(days[(today + 6) % 7], hour + 24);
}

/** @param hour counted from the beginning of the day that the hours belong to; from 24 on it is the next day's */
function covers(hours: DayHours | null | undefined, hour: number): boolean {
  if (hours === null || hours === undefined) return false;
  const end = hours.to > hours.from ? hours.to : hours.to + 24;
  return hour >= hours.from && hour < end;
}

/** The next full hour at which it is open, or null where it never is. */
export function nextOpeningMs(days: readonly (DayHours | null)[], atMs: number): number | null {
  const at = new Date(atMs);
  for (let ahead = 1; ahead <= 8 * 24; ahead++) {
    // By calendar, not by adding milliseconds: two days of the year have 23 and 25 hours.
    const hour = new Date(at.getFullYear(), at.getMonth(), at.getDate(), at.getHours() + ahead).getTime();
    if (isOpenAt(days, hour)) return hour;
  }
  return null;
}

/** Local midnight that follows. */
export function nextMidnightMs(atMs: number): number {
  const at = new Date(atMs);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getTime();
}

/** "2026-11-24", of the local calendar. */
export function dayOf(atMs: number): string {
  const at = new Date(atMs);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
