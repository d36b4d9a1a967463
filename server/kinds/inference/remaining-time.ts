/** How long an inference job will take, from how fast it went lately. Pure. */
import { PACE_ROUNDS } from "../../shell/job-timelines.ts";

/** Fewer say nothing of a rate. */
const PACE_ROUNDS_MIN = 3;

/**
 * The time that the other rounds take at the rate of the latest ones. While nothing is finished the rate falls, and the
 * time grows: a stalled job promises nothing.
 * @param doneMs when the latest rounds were done, oldest first
 * @returns null: it is not known yet
 */
export function remainingOf(doneMs: readonly number[], roundsLeft: number, nowMs: number): number | null {
  const window = doneMs.slice(-PACE_ROUNDS);
  if (window.length < PACE_ROUNDS_MIN || roundsLeft <= 0) return null;
  return Math.round((roundsLeft * Math.max(1, nowMs - window[0]!)) / (window.length - 1));
}
