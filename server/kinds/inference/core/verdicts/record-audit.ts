/** The outcome of a look at somebody's rows is entered in the records of the job and of the volunteer. */
import type { Step } from "../../../../coordinator/core-kind.ts";
import { type Checked, recordChecks } from "../../../../coordinator/reputation.ts";
import type { Verdicts } from "../confirmations.ts";
import { countAudit, countOwnRecord } from "../contributions.ts";
import { checkedJob } from "../cross-checks/checked-job.ts";
import { type NamedBy, wasNamed } from "../cross-checks/crowd-lately.ts";
import type { InferenceJob } from "../job.ts";
import type { OutcomeOf, RowVerdict } from "../work.ts";

export interface AuditOutcome extends Checked {
  /** The same rows count for somebody else too: the job's own count has them already. */
  readonly isShared?: boolean;
  /** [CC6] They were computed because a partner's answer differs. */
  readonly isByPartner?: boolean;
  /** [CC6] It had agreed with a lie. */
  readonly hasCovered?: boolean;
}

/**
 * Enters the outcome of an audit in the records of the job and of the volunteer.
 * @returns false where the volunteer lied (and is now quarantined)
 */
export function recordAudit(
  step: Step,
  job: InferenceJob,
  roundIndex: number,
  volunteerId: string,
  outcome: AuditOutcome,
): boolean {
  countRows(job, volunteerId, outcome);
  const volunteer = step.state.volunteers.get(volunteerId);
  const isNew = outcome.failed > 0 && volunteer?.quarantine === null;
  // Before its part is taken out: what it did counts as a liar's.
  if (isNew) wasNamed(step, volunteer, namedBy(outcome));
  if (isNew && outcome.isByPartner === true && job.checks !== null) job.checks.caught++;
  return recordChecks(step, volunteerId, { jobId: job.stored.jobId, roundIndex }, outcome);
}

function namedBy({ isByPartner, hasCovered }: AuditOutcome): NamedBy {
  if (hasCovered) return "word";
  return isByPartner ? "partner" : "coordinator";
}

export function countRows(
  job: InferenceJob,
  volunteerId: string,
  { checked, randomlyChecked, failed, isShared }: AuditOutcome,
): void {
  const { stored } = job;
  // What comes after a job's end is no part of it: its record is written.
  if (stored.finishedMs !== null) return;
  // Of a job that is cross-checked they are counted with its checks.
  if (failed === 0 && checkedJob(job) === null) countOwnRecord(job, volunteerId, randomlyChecked);
  if (isShared !== true) stored.auditedRows += checked;
  stored.failedAudits += failed;
  countAudit(job, volunteerId, checked, failed);
}

export type Audited = AuditOutcome & Pick<OutcomeOf<"audited">, "coarse" | "golden" | "isAnothers">;

/** Does it say who is right? */
export function isSettled(verdict: RowVerdict): boolean {
  return verdict === "agrees" || verdict === "differs";
}

/** Rows in which it does not really differ are not held against it; of one that nobody can judge nothing counts. */
export function judged<O extends Audited>(outcome: O, volunteerId: string, verdicts: Verdicts): O {
  const verdict = verdicts.get(volunteerId);
  if (verdict === undefined || verdict === "differs") return outcome;
  const { isAnothers: _another, golden: _golden, ...cleared } = outcome;
  const counted = isSettled(verdict) ? {} : { randomlyChecked: 0 };
  return { ...(cleared as O), failed: 0, coarse: 0, ...counted };
}
