/**
 * What each volunteer did for a job, and what was thrown away of it: the job's receipt is made of this. Results count when
 * they become durable, audits when they were done.
 */
import { must } from "../../../coordinator/assert.ts";
import type { CoreRecord } from "../../../coordinator/effects.ts";
import { ownRecord } from "../../../coordinator/persistence.ts";
import type { Job } from "../../../coordinator/state.ts";
import type { StoredContribution } from "../../../store/store.ts";
import type { InferenceRecord } from "./work.ts";

/** A job on either core. */
interface CountedJob extends Job {
  /** By volunteer; those that changed are written with what is written next. */
  readonly contributions: Map<string, StoredContribution>;
  readonly contributionsChanged: Set<string>;
}

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

/** [RC3] Rows of it that were taken out of a job on the ledger, because it was named or its device computes otherwise. */
export function countWithdrawn(job: CountedJob, volunteerId: string, rows: number): void {
  contributionOf(job, volunteerId).withdrawnRows += rows;
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
