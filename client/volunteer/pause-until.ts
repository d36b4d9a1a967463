/** The pauses that the page offers. Pure: the time comes in. */

export const PAUSE_HOURS = [1, 3] as const;
/** "Tomorrow" is when people are up: nobody wants fans at midnight because of a word. */
const MORNING_HOUR = 8;

export function hoursFrom(nowMs: number, hours: number): number {
  return nowMs + hours * 3_600_000;
}

/** The next day's morning by local time; before it has come, in the small hours, that same day's. */
export function tomorrowMorning(nowMs: number): number {
  const now = new Date(nowMs);
  const daysAhead = now.getHours() < MORNING_HOUR ? 0 : 1;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + daysAhead, MORNING_HOUR).getTime();
}
