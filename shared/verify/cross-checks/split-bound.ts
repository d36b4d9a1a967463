import { ATTEMPT_WEIGHT, attemptBound, jobChecks } from "./acceptance.ts";
import { anchorShareOfJob } from "./check-rates.ts";
import { CHECK_SHARE } from "./parameters.ts";

/** What part of a job's bound each route may spend. They add up to one, so that an answer may take the better of the two. */
export interface RouteShares {
  /** Route 1, each volunteer on its own rows. */
  readonly volunteers: number;
  /** Route 2, all answers together: the job's certificate. */
  readonly job: number;
  /** Routes 3 and 4, which lean on ended jobs. */
  readonly records: number;
}

export interface SplitFacts {
  /** eps */
  readonly bound: number;
  /** Of the job. */
  readonly rows: number;
  readonly colluderShare: number;
  /** R: answers of the service since an anchor was wrong. */
  readonly rowsSinceAlarm: number;
  /** Was anybody named within the last WINDOW_ROWS rows of the service? */
  readonly wasSomebodyNamed: boolean;
  /** The submitter wants no bound that is averaged over other jobs. */
  readonly isStrict: boolean;
}

/** What leans on other jobs has a tenth: it is for volunteers of long standing, who come below that too. */
const RECORDS_SHARE = 0.1;
/** Of what is left, the part of route 1: the rest is route 2's. */
const VOLUNTEERS_OF_THE_REST = { quiet: 0.5, small: 0, underAttack: 0.9 } as const;

/**
 * Divides a job's bound before it begins; afterwards nothing changes it. Where liars are about, a certificate of the whole job is
 * rarely reached, and nine tenths go to each volunteer's own checks. In a quiet service it is half each, and all to the certificate in
 * jobs that half would not reach though nobody lies.
 * @example
 * const facts = { bound: 1e-3, rows: 10_000, colluderShare: 0.53, rowsSinceAlarm: 0, isStrict: true };
 * splitBound({ ...facts, wasSomebodyNamed: false }) // -> { volunteers: 0, job: 1, records: 0 }
 * splitBound({ ...facts, wasSomebodyNamed: true }) // -> { volunteers: 0.9, job: 0.1, records: 0 }
 */
export function splitBound(facts: SplitFacts): RouteShares {
  const records = facts.isStrict ? 0 : RECORDS_SHARE;
  const volunteers = (1 - records) * VOLUNTEERS_OF_THE_REST[settingOf(facts, 1 - records)];
  return { volunteers, job: 1 - records - volunteers, records };
}

function settingOf(facts: SplitFacts, ownShare: number): keyof typeof VOLUNTEERS_OF_THE_REST {
  if (facts.wasSomebodyNamed) return "underAttack";
  const anchors = anchorShareOfJob(facts.rowsSinceAlarm, facts.rows) * facts.rows;
  const checks = jobChecks(anchors, CHECK_SHARE.most, facts.colluderShare, facts.rows);
  const part = ownShare * (1 - VOLUNTEERS_OF_THE_REST.quiet) * facts.bound;
  return attemptBound(0, checks, ATTEMPT_WEIGHT.job) <= part ? "quiet" : "small";
}
