/**
 * The end of a job that is cross-checked: coins that nobody may answer are answered by the coordinator, a certificate that misses little
 * is completed from a sample, and volunteers that stay above the bound are looked at further. SPEC.md CC8, CC9.
 */
import type { Step } from "../../../../coordinator/core-kind.ts";
import { emitNumerics } from "../../../../coordinator/step-context.ts";
import type { CheckTerms } from "../../records.ts";
import { auditRowsLeft } from "../batches.ts";
import { contributionOf } from "../contributions.ts";
import type { InferenceJob } from "../job.ts";
import type { InferenceWork } from "../work.ts";
import { boundOfVolunteer, reckon } from "./bounds.ts";
import { closeLedgers } from "./certify-ledgers.ts";
import { checksForCertificate, topUpRowsMax } from "./check-terms.ts";
import { checkedJob } from "./checked-job.ts";
import { areComingBack } from "./come-back.ts";
import { countsOf, type JobChecks } from "./job-checks.ts";
import { checkFurther, topUp } from "./last-looks.ts";
import { drawWithoutMore, sweep } from "./row-pool.ts";
import { askToSettle } from "./settle-coins.ts";

/** Asks for what is missing. @returns whether anything is under way */
export function closeChecks(step: Step, job: InferenceJob): boolean {
  const checked = checkedJob(job);
  if (checked === null) return false;
  const { checks, terms } = checked;
  if (checks.closing !== null || job.topUps.size > 0) return true;
  return (
    askToSettle(step, job, checks, checks.pool.values()) ||
    closeLedgers(step, job) ||
    sample(step, job, checks, terms) ||
    checkFurther(step, job, checks, terms) ||
    topUp(step, job, checks, terms)
  );
}

/** [CC8] Are rows on their way to a second answer, or will be? All that are fresh have one. */
export function waitsForPartners({ state }: Step, job: InferenceJob): boolean {
  const checked = checkedJob(job);
  if (checked === null || checked.checks.pool.size === 0 || checked.checks.closing !== null) return false;
  const { checks } = checked;
  if (areComingBack(state, checks)) return true;
  if (!checks.wereAllIn) {
    // Whoever is not measured by now is waited for no longer, or answers as it is.
    checks.wereAllIn = true;
    checks.mustSweep = true;
  }
  drawWithoutMore(state, job, checks, Number.POSITIVE_INFINITY);
  // Whoever could not take them a moment ago may be able to now.
  if (checks.mustSweep || !isAnyInHands(checks)) sweep(state, job, checks, Number.POSITIVE_INFINITY);
  return isAnyInHands(checks);
}

function isAnyInHands({ pool }: JobChecks): boolean {
  for (const { at } of pool.values()) if (at !== null) return true;
  return false;
}

/** Nobody was named, and few checks are missing: that no naming is tolerated was settled before any of these rows is drawn. */
function sample(step: Step, job: InferenceJob, checks: JobChecks, terms: CheckTerms): boolean {
  if (checks.hasSampled || checks.pool.size > 0 || checks.stream !== null) return false;
  const { certificate, rowsUncertified } = reckon(step.state, job, checks, terms);
  const bound = terms.shares.job * job.stored.submission.answerBound;
  if (certificate.named > 0 || bound <= 0 || rowsUncertified.size === 0) return false;
  const missing = Math.ceil(checksForCertificate(terms, bound) - certificate.checks);
  const most = Math.min(topUpRowsMax(job.stored.queryCount) - job.topUpRows, auditRowsLeft(step.state, job));
  if (missing <= 0 || missing > most) return false;
  checks.hasSampled = true;
  job.topUpRows += missing;
  job.auditRowsAsked += missing;
  const effectId = emitNumerics<InferenceWork>(step, job, { type: "sample", rows: missing });
  checks.closing = { effectId, rows: [] };
  return true;
}

/** Rows of this volunteer, drawn at random, were computed here and are right. */
export function countTrusted(job: InferenceJob, volunteerId: string, rows: number): void {
  const checked = checkedJob(job);
  if (checked === null || rows === 0) return;
  countsOf(checked.checks, volunteerId).trusted += rows;
  const contribution = contributionOf(job, volunteerId);
  contribution.trustedRows = (contribution.trustedRows ?? 0) + rows;
}

/** Rows that were drawn from all of the job, unasked. */
export function countAnchors({ stored }: InferenceJob, rows: number): void {
  if (stored.crossChecks === null || rows === 0) return;
  stored.crossChecks = { ...stored.crossChecks, anchors: stored.crossChecks.anchors + rows };
}

/** [CC9] The bounds of its answers, as they stay. */
export function freezeBounds({ state }: Step, job: InferenceJob): void {
  const checked = checkedJob(job);
  if (checked === null || job.stored.crossChecks === null) return;
  const { checks, terms } = checked;
  const reckoning = reckon(state, job, checks, terms);
  job.stored.crossChecks = { ...(reckoning.crossChecks ?? job.stored.crossChecks), certificate: reckoning.certificate };
  // A coin that nobody answered has left a lie its chance: then nothing is said of the others either.
  const isAnswered = checks.pool.size === 0;
  for (const volunteerId of reckoning.rows.keys()) {
    const bound = isAnswered ? boundOfVolunteer(state, checks, terms, volunteerId, reckoning) : 1;
    contributionOf(job, volunteerId).boundAtEnd = bound;
  }
}
