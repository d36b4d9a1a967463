/** Figures for the volunteer: speed from credit, energy from computing time. Pure. */
import type { CreditMark } from "../session/session-status.ts";

/** Credit arrives by the round: over less time the figure jumps. */
export const SPEED_WINDOW_MS = 60_000;
/** Before that there is no rate to speak of. */
const SPEED_AFTER_MS = 3_000;

/**
 * Verified multiply-adds a second over the last SPEED_WINDOW_MS, idle and resting time included.
 * @param marks the latest last
 * @returns null while there is too little to tell
 */
export function verifiedPerSecond(marks: readonly CreditMark[], nowMs: number): number | null {
  const latest = marks.at(-1);
  const base = marks.findLast(({ atMs }) => atMs <= nowMs - SPEED_WINDOW_MS) ?? marks[0];
  if (latest === undefined || base === undefined) return null;
  // Within the window even where the last mark before it is long past.
  const elapsedMs = Math.min(nowMs - base.atMs, SPEED_WINDOW_MS);
  if (elapsedMs < SPEED_AFTER_MS) return null;
  return ((latest.macs - base.macs) * 1_000) / elapsedMs;
}

const MS_PER_HOUR = 3_600_000;

/** Watt-hours: computing time of all threads times what one busy thread draws. */
export function energyWh(computedMs: number, wattsPerThread: number): number {
  return (computedMs / MS_PER_HOUR) * wattsPerThread;
}

/** Some twenty seconds at the 50 million a second that a tab has done here with small batches: a first visit gets there. */
const FIRST_MILESTONE_MACS = 1e9;

/** The milestone that verified work has passed (null: none yet) and the next one: each is ten times the one before. */
export function milestones(macs: number): { passed: number | null; next: number } {
  let next = FIRST_MILESTONE_MACS;
  while (next <= macs) next *= 10;
  return { passed: next === FIRST_MILESTONE_MACS ? null : next / 10, next };
}
