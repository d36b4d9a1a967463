/** A kind of job that works by coded runs, as the core knows it: what its jobs differ by stands in their records. */
import { assert } from "../../coordinator/assert.ts";
import type { CoreKind } from "../../coordinator/core-kind.ts";
import { tellCredit } from "../../coordinator/credits.ts";
import type { RestoredJob } from "../../coordinator/events.ts";
import type { RunRecord } from "../records.ts";
import { runOutcome, runTold } from "./run-host.ts";
import { type CodedRunJob, codedRun, type ShareAssignment } from "./run-job.ts";
import { beginRun, endShares, newRunJob, runRecord, takeInvitation } from "./run-lifecycle.ts";
import type { RunOutcome, RunPurpose, ToldRun } from "./run-work.ts";
import { takeSeats } from "./seats.ts";
import { shareAnswered, shareFreed } from "./shares.ts";
import { tellRun } from "./tell-run.ts";

export interface RestoredRun extends RestoredJob {
  /** `weightsOf` says whether there is a checkpoint to go on with. */
  readonly job: RunRecord;
}

export const codedCore: CoreKind = {
  // Runs choose among all who are there, and send by themselves.
  queue: null,

  jobOf: ({ job }: RestoredRun) => newRunJob(job),
  record(job: CodedRunJob, state) {
    assert(state !== "auditing", "GR20: a run ends when its machine does, without last audits");
    return runRecord(job, { state }, job.run?.end?.weightsOf ?? null, null);
  },
  begin: beginRun,
  outcome(step, jobId, _effectId, outcome: RunOutcome) {
    const job = codedRun(step.state, jobId);
    if (job !== undefined) runOutcome(step, job, outcome);
  },
  cancel: (step, job: CodedRunJob) => tellRun(step, job, { type: "cancelled" }),
  stop: (step, job: CodedRunJob) => tellRun(step, job, { type: "stopRequested" }),
  ending: endShares,
  ended: ({ seats }: CodedRunJob) => seats.clear(),
  persisted(step, _job, { credited }: RunPurpose) {
    for (const volunteerId of credited) tellCredit(step, volunteerId);
  },
  timer: (step, job: CodedRunJob) => tellRun(step, job, { type: "woken" }),

  crowdChanged: takeSeats,
  told: (step, job: CodedRunJob, event: ToldRun) => runTold(step, job, event),

  answered: (step, share: ShareAssignment) => shareAnswered(step, share),
  freed: (step, share: ShareAssignment, freed) => shareFreed(step, share, freed),
  invited: (step, job: CodedRunJob, { volunteerId }, sha256) => takeInvitation(step, job, volunteerId, sha256),
};
