import { ATTEMPT_WEIGHT, acceptanceConstant } from "./acceptance.ts";
import { CHECK_SHARE, DUPLICATE_BUDGET_SHARE } from "./parameters.ts";
import { checksNeeded } from "./volunteer-bounds.ts";

export interface RaiseFacts {
  /** N, of the job. */
  readonly rows: number;
  /** Rows that have an answer. */
  readonly answered: number;
  /** Volunteers that are not named. */
  readonly volunteers: number;
  /** eps by route; 0 for a route that has no part of it. */
  readonly volunteersBound: number;
  readonly jobBound: number;
  /** h that the job began with. */
  readonly baseShare: number;
  readonly liarShare: number;
  readonly colluderShare: number;
  /** Effective checks of the job so far, and at its latest naming; null: nobody was named. */
  readonly checksSeen: number;
  readonly checksAtLatestNaming: number | null;
}

/** Later a raise asks for old rows again, in batches that hide nothing, and takes the room of the samples. */
const PROGRESS = { least: 0.1, most: 0.6 } as const;
/** Route 1 is in reach where the typical volunteer gets so much of what it needs. */
export const REACH = 0.8;
/** Namings before so many checks say nothing of the crowd of today; no more than of a bound of 1e-3. */
const QUIET_BOUND_MIN = 1e-3;

/**
 * The highest share that a raise may go to: twice what the budget of duplicates leaves beside one sample, for a duplicate is two checks.
 * @example highestCheckShare({ rows: 1e6, jobBound: 5e-4, colluderShare: 1 / 3, baseShare: 0.04 }) // -> 0.15
 */
export function highestCheckShare(
  facts: Pick<RaiseFacts, "rows" | "jobBound" | "colluderShare" | "baseShare">,
): number {
  const reserve =
    facts.jobBound > 0
      ? (ATTEMPT_WEIGHT.sample * acceptanceConstant(0)) / facts.jobBound / (1 - facts.colluderShare)
      : 0;
  const left = (2 * (DUPLICATE_BUDGET_SHARE * facts.rows - reserve)) / facts.rows;
  return Math.min(CHECK_SHARE.most, Math.max(facts.baseShare, left));
}

/**
 * Are volunteers to be checked as route 1 needs it? Where somebody was named lately, between a tenth and six tenths of the job, and
 * where the typical volunteer's rows suffice. Coins are thresholds: a raise takes in older rows too, so that every row keeps the same
 * chance.
 * @example
 * const facts = { rows: 1e5, answered: 2e4, volunteers: 100, volunteersBound: 9e-4, jobBound: 1e-3, baseShare: 0.04, liarShare: 0.2,
 *   colluderShare: 1 / 3, checksSeen: 800 };
 * mustRaise({ ...facts, checksAtLatestNaming: 700 }) // -> true
 * mustRaise({ ...facts, checksAtLatestNaming: null }) // -> false
 */
export function mustRaise(facts: RaiseFacts): boolean {
  if (facts.checksAtLatestNaming === null || facts.volunteersBound <= 0) return false;
  const progress = facts.answered / facts.rows;
  if (!(progress > PROGRESS.least && progress < PROGRESS.most)) return false;
  const quietChecks = (ATTEMPT_WEIGHT.job * acceptanceConstant(0)) / Math.max(facts.jobBound, QUIET_BOUND_MIN);
  if (facts.checksAtLatestNaming <= Math.max(0, facts.checksSeen - quietChecks)) return false;
  const needed = checksNeeded(facts.volunteersBound, facts.liarShare);
  const typicalRows = facts.rows / Math.max(1, facts.volunteers);
  return typicalRows * highestCheckShare(facts) * (1 - facts.colluderShare) >= REACH * needed;
}
