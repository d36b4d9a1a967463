/** Which jobs are cross-checked, and on what terms. SPEC.md CC1, CC3. */
import { ATTEMPT_WEIGHT, jobChecks, sampleChecksNeeded } from "../../../../../shared/verify/cross-checks/acceptance.ts";
import { anchorShareOfJob, baseCheckShare } from "../../../../../shared/verify/cross-checks/check-rates.ts";
import { closedLedgerChecks, ledgerTerms } from "../../../../../shared/verify/cross-checks/ledger.ts";
import { splitBound } from "../../../../../shared/verify/cross-checks/split-bound.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { CheckTerms, StoredJob } from "../../records.ts";
import type { InferencePlan } from "../inference-plan.ts";
import { colluderShareLately } from "./crowd-lately.ts";
import { takesCrossChecks } from "./stream-terms.ts";
import { suitsCrossChecks } from "./which-rules.ts";

/** [CC8] Rows that the coordinator computes at the end of a job, at most: a share of them, but in small jobs more. */
const TOP_UP = { share: 0.005, smallJobShare: 0.5, rows: 500 } as const;

/** A full ledger needs half of the checks that the first of several attempts does, which baseCheckShare reckons with. */
const CERTIFICATE_FACTOR = ATTEMPT_WEIGHT.job;

export function topUpRowsMax(queryCount: number): number {
  return Math.floor(Math.max(TOP_UP.share * queryCount, Math.min(TOP_UP.smallJobShare * queryCount, TOP_UP.rows)));
}

/**
 * [CC1] Are its results audited, and were all queries there when it began? Estimates that stay have no bound, and are never final. The papers'
 * codes, which tell every estimate, keep what their papers have. [CC14] A stream may where its submitter takes it.
 */
export function mayBeCrossChecked(
  plan: Pick<InferencePlan, "verification" | "estimates">,
  {
    queriesSha256,
    unchecked,
    submission,
  }: Pick<StoredJob, "queriesSha256" | "unchecked"> & Partial<Pick<StoredJob, "submission">>,
): boolean {
  const isOwnCode = plan.estimates === "withheld";
  const isAudited = plan.verification === "audits" && unchecked === null;
  const isStream = submission !== undefined && takesCrossChecks(submission);
  return isOwnCode && isAudited && (queriesSha256 !== null || isStream);
}

export interface JobTerms {
  readonly queryCount: number;
  /** eps */
  readonly answerBound: number;
  /** [VF18] Its bounds lean on no other job: what audits cost by records of other jobs says nothing of it. Absent: no. */
  readonly isStrict?: boolean;
}

/**
 * Settled before its first row goes out.
 * @returns null: too small for a certificate, were nobody named, or audits make more final for less (CC13): its results are audited
 */
export function termsFor(
  state: CoordinatorState,
  { answerBound: bound, queryCount: rows, isStrict = false }: JobTerms,
): CheckTerms | null {
  const { window, rowsSinceAlarm } = state.crowdLately;
  const colluderShare = colluderShareLately(state);
  const facts = { bound, rows, colluderShare, rowsSinceAlarm };
  const shares = splitBound({ ...facts, wasSomebodyNamed: window.hasNamings, isStrict: true });
  // Where liars are about each volunteer's own checks have to reach the bound, and the certificate asks for less than they do.
  const certified = window.hasNamings ? shares.job * bound : CERTIFICATE_FACTOR * shares.job * bound;
  const checkShare = baseCheckShare(rows, certified, colluderShare);
  const anchorShare = anchorShareOfJob(rowsSinceAlarm, rows);
  const checksPerRow = checkShare * (1 - colluderShare);
  const terms = { shares, checkShare, anchorShare, ledger: ledgerTerms(rows, shares.job * bound, checksPerRow) };
  if (state.settings.crossChecks === "all jobs") return terms;
  // Where liars are about it is each volunteer's own checks that count: what the certificate lacks is reckoned as if none were.
  const quiet = splitBound({ ...facts, wasSomebodyNamed: false, isStrict: true });
  const quietBound = quiet.job * bound;
  const quietShare = baseCheckShare(rows, CERTIFICATE_FACTOR * quietBound, colluderShare);
  const quietTerms = { checkShare: quietShare, anchorShare, ledger: terms.ledger };
  const missing = checksMissing(quietTerms, rows, colluderShare, quietBound);
  const isBetter = isStrict || suitsCrossChecks(state, terms, { rows, bound, missing });
  return missing <= topUpRowsMax(rows) && isBetter ? terms : null;
}

/** Effective checks that a certificate lacks, where nobody is named. @param jobBound the certificate's part of eps */
export function checksMissing(
  terms: Pick<CheckTerms, "checkShare" | "anchorShare" | "ledger">,
  rows: number,
  colluderShare: number,
  jobBound: number,
): number {
  const checks = jobChecks(terms.anchorShare * rows, terms.checkShare, colluderShare, rows);
  return checksForCertificate(terms, jobBound) - checks;
}

/** kappa of a job in which nobody is named. @param jobBound the certificate's part of eps */
export function checksForCertificate({ ledger }: Pick<CheckTerms, "ledger">, jobBound: number): number {
  return ledger === undefined ? sampleChecksNeeded(jobBound, 0, ATTEMPT_WEIGHT.job) : closedLedgerChecks(jobBound);
}
