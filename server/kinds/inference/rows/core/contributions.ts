/** What each volunteer did for a job on the ledger, in rows: the job's receipt is made of this. Written with the rows themselves. SPEC.md RC3. */
import { must } from "../../../../coordinator/assert.ts";
import type { CoreRecord } from "../../../../coordinator/effects.ts";
import { ownRecord } from "../../../../coordinator/persistence.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { StoredContribution } from "../../../../store/store.ts";
import type { InferenceRecord } from "../../core/work.ts";
import type { RowsJob } from "./rows-job.ts";

/** To be changed: it is written with whatever is written next. */
export function rowsContribution(job: RowsJob, volunteerId: string): StoredContribution {
  let contribution = job.contributions.get(volunteerId);
  if (contribution === undefined) {
    contribution = {
      ...{
        jobId: job.stored.jobId,
        volunteerId,
        assignments: 0,
        rows: 0,
        auditedRows: 0,
        failedRows: 0,
        rejectedRows: 0,
      },
      ...{ withdrawnAssignments: 0, withdrawnRows: 0, auditsPassedAtEnd: null },
    };
    job.contributions.set(volunteerId, contribution);
  }
  job.contributionsChanged.add(volunteerId);
  return contribution;
}

/** The records as they stand when the job ends. */
export function freezeRowRecords({ volunteers }: CoordinatorState, job: RowsJob): void {
  for (const volunteerId of job.contributions.keys())
    rowsContribution(job, volunteerId).auditsPassedAtEnd = volunteers.get(volunteerId)?.auditsPassed ?? 0;
}

/** What changed since it was last asked for. */
export function changedContributions(job: RowsJob): CoreRecord[] {
  const records = [...job.contributionsChanged].map((volunteerId) => {
    const contribution = must(job.contributions.get(volunteerId), "RC3: what changed of a contribution is at hand");
    return ownRecord<InferenceRecord>(job, { type: "contribution", contribution: { ...contribution } });
  });
  job.contributionsChanged.clear();
  return records;
}
