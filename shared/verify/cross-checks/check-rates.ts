/** How many rows are checked. No rate falls with a volunteer's record, for that is what those who wait live on. */
import { ATTEMPT_WEIGHT, acceptanceConstant } from "./acceptance.ts";
import { ANCHOR_SHARE, CHECK_SHARE } from "./parameters.ts";

/** A third to spare, so that a clean job is certified in the mean and not in every second case. */
const SPARE = 1.3;

/**
 * h of a job: checks a row that let a clean job be certified as a whole: 1.3 a V_0 / (eps (1-beta) N), within CHECK_SHARE.
 * @param rows N, of the job
 * @param bound eps, the part of it that route 2 has
 * @example baseCheckShare(100_000, 1e-3, 0.527) // -> 0.04
 */
export function baseCheckShare(
  rows: number,
  bound: number,
  colluderShare: number,
  least: number = CHECK_SHARE.base,
  most: number = CHECK_SHARE.most,
): number {
  const wanted = SPARE * ATTEMPT_WEIGHT.job * acceptanceConstant(0);
  return within(wanted / (bound * (1 - colluderShare) * Math.max(1, rows)), least, most);
}

/**
 * h of a volunteer that has to reach kappa by route 1: kappa / ((1-beta) n), within CHECK_SHARE.
 * @param rowsExpected n, of this volunteer in this job
 * @param sides 1 where h counts checks of both sides, 2 where it counts duplicates that are checks of two
 * @example duplicateShare(1000, 92, 1 / 3) // -> 0.138
 */
export function duplicateShare(
  rowsExpected: number,
  checks: number,
  colluderShare: number,
  sides = 1,
  least: number = CHECK_SHARE.base,
  most: number = CHECK_SHARE.most,
): number {
  if (!(rowsExpected > 0)) return most;
  return within(checks / ((1 - colluderShare) * sides * rowsExpected), least, most);
}

/**
 * q0: the share of rows that the trusted side computes unasked, .5 / sqrt(R). It bounds wrong answers without a word about who
 * works with whom, and a million clean rows are certified at 1e-3 by it alone.
 * @param rowsSinceAlarm R: answers of the service since an anchor was wrong
 * @example anchorShare(250_000) // -> 0.001
 */
export function anchorShare(
  rowsSinceAlarm: number,
  least: number = ANCHOR_SHARE.least,
  most: number = ANCHOR_SHARE.most,
): number {
  return within(0.5 / Math.sqrt(Math.max(1, rowsSinceAlarm)), least, most);
}

/**
 * R that a job's share of anchors is fixed with when it opens: what the service has behind it, and a quarter of the job.
 * @example anchorShareOfJob(0, 1e6) // -> 0.001
 */
export function anchorShareOfJob(rowsSinceAlarm: number, rows: number): number {
  return anchorShare(rowsSinceAlarm + rows / 4);
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
