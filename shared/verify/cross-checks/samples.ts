import { ATTEMPT_WEIGHT, SAMPLE_NAMINGS, sampleChecksNeeded } from "./acceptance.ts";
import { SAMPLE_TRUSTED_SHARE } from "./parameters.ts";

/** Rows drawn uniformly from all answers of a cohort, after these are fixed and before the first of them leaves. */
export interface SamplePlan {
  /** j: with so many volunteers named since the draw it still says what was asked. */
  readonly tolerated: number;
  /** kappa of the sample alone. */
  readonly checks: number;
  /** Of them the trusted side computes so many, */
  readonly trustedRows: number;
  /** and so many are answered by others. */
  readonly duplicateRows: number;
}

export interface SampleFacts {
  /** 0, 1 or 2: the sample's place among those of this cohort. */
  readonly attempt: number;
  /** eps, the part of it that route 2 has. */
  readonly bound: number;
  readonly colluderShare: number;
  /** Answers of the cohort that stand and were not computed by the trusted side. */
  readonly standingRows: number;
  /** Of the whole job. */
  readonly jobRows: number;
  /** Duplicates that the job's budget has left. */
  readonly duplicatesLeft: number;
}

/** A sample is a sample: beyond half of the rows it would be cheaper to do them again. */
const ROWS_SHARE_MAX = 0.5;
/** Rows that leave the sample because their volunteer is named would make it too small. */
const SPARE = 1.02;

/**
 * The largest sample of this attempt that the budget has room for: it tolerates 0, then 2, then 6 namings, or fewer.
 * @returns null where not even one that tolerates none fits, or there were three
 * @example
 * const facts = { attempt: 0, bound: 1e-3, colluderShare: 1 / 3, standingRows: 1e5, jobRows: 1e5, duplicatesLeft: 5000 };
 * planSample(facts) // -> { tolerated: 0, checks: 2251.42, trustedRows: 100, duplicateRows: 3228 }
 */
export function planSample(facts: SampleFacts): SamplePlan | null {
  const most = SAMPLE_NAMINGS[facts.attempt];
  if (most === undefined) return null;
  for (let tolerated: number = most; tolerated >= 0; tolerated--) {
    const checks = SPARE * sampleChecksNeeded(facts.bound, tolerated, ATTEMPT_WEIGHT.sample);
    const trustedRows = Math.min(Math.floor(SAMPLE_TRUSTED_SHARE * facts.jobRows), Math.floor(checks));
    const duplicateRows = Math.ceil((checks - trustedRows) / (1 - facts.colluderShare));
    const fits = trustedRows + duplicateRows <= ROWS_SHARE_MAX * facts.standingRows;
    if (fits && duplicateRows <= facts.duplicatesLeft) return { tolerated, checks, trustedRows, duplicateRows };
  }
  return null;
}
