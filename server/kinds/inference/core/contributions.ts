/**
 * What each volunteer did for a job, and what was thrown away of it: the job's receipt is made of this. Results count when
 * their round becomes durable, audits when they were done.
 */
import { must } from "../../../coordinator/assert.ts";
import type { CoreRecord } from "../../../coordinator/effects.ts";
import { ownRecord } from "../../../coordinator/persistence.ts";
import type { CoordinatorState, Job } from "../../../coordinator/state.ts";
import type { StoredContribution } from "../../../store/store.ts";
import { isStrict, recordIn } from "./batch-bounds.ts";
import type { InferenceJob, Round } from "./job.ts";
import type { InferenceRecord } from "./work.ts";

/** A job on either core. */
type CountedJob = Job & Pick<InferenceJob, "contributions" | "contributionsChanged">;

/** To be changed: it is written with whatever is written next. */
export function contributionOf(job: CountedJob, volunteerId: string): StoredContribution {
  let contribution = job.contributions.get(volunteerId);
  if (contribution === undefined) {
    contribution = {
      jobId: job.stored.jobId,
      volunteerId,
      assignments: 0,
      rows: 0,
      auditedRows: 0,
      failedRows: 0,
      rejectedRows: 0,
      withdrawnAssignments: 0,
      withdrawnRows: 0,
      auditsPassedAtEnd: null,
    };
    job.contributions.set(volunteerId, contribution);
  }
  job.contributionsChanged.add(volunteerId);
  return contribution;
}

/**
 * The results that a round is about to be made durable with, those that its scheme rejected, and those that were taken out
 * of it. Only now: a round that was opened again and is lost in a crash is opened again after it.
 */
export function countRound(job: InferenceJob, round: Round): void {
  for (const [volunteerId, { assignments }] of round.credits) {
    const contribution = contributionOf(job, volunteerId);
    contribution.assignments += assignments;
    contribution.rows += round.creditedRows.get(volunteerId) ?? 0;
  }
  for (const [volunteerId, rows] of round.rejected) contributionOf(job, volunteerId).rejectedRows += rows;
  for (const { volunteerId, rows, wasDurable } of round.takenOut) {
    const contribution = contributionOf(job, volunteerId);
    contribution.withdrawnAssignments += 1;
    contribution.withdrawnRows += rows;
    if (wasDurable) continue;
    contribution.assignments += 1;
    contribution.rows += rows;
  }
}

/** [RC3] Rows of it that were taken out of a job on the ledger, because it was named or its device computes otherwise. */
export function countWithdrawn(job: CountedJob, volunteerId: string, rows: number): void {
  contributionOf(job, volunteerId).withdrawnRows += rows;
}

export function countAudit(job: InferenceJob, volunteerId: string, checked: number, failed: number): void {
  const contribution = contributionOf(job, volunteerId);
  contribution.auditedRows += checked;
  contribution.failedRows += failed;
}

/** [VF18] Rows drawn at random that were computed here and are right, where these alone count. */
export function countOwnRecord(job: InferenceJob, volunteerId: string, rows: number): void {
  if (!isStrict(job.stored) || rows === 0) return;
  const contribution = contributionOf(job, volunteerId);
  contribution.trustedRows = (contribution.trustedRows ?? 0) + rows;
}

/** The records as they stand when the job ends: bounds of its answers stay what they were. */
export function freezeRecords(state: CoordinatorState, job: InferenceJob): void {
  for (const volunteerId of job.contributions.keys()) {
    contributionOf(job, volunteerId).auditsPassedAtEnd = recordIn(state, job, volunteerId);
  }
}

/** What changed since it was last asked for, to be written with whatever is written next. */
export function takeChangedContributions(job: CountedJob): CoreRecord[] {
  const records = [...job.contributionsChanged].map((volunteerId) => {
    const contribution = must(job.contributions.get(volunteerId), "RC3: what changed of a contribution is at hand");
    return ownRecord<InferenceRecord>(job, { type: "contribution", contribution: { ...contribution } });
  });
  job.contributionsChanged.clear();
  return records;
}
