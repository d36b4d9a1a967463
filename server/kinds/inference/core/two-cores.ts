/**
 * One door to the two cores of inference: rounds, and the ledger of rows. A job's record says on which of them it runs, from its beginning to its end; nothing
 * else asks.
 */

import { must } from "../../../coordinator/assert.ts";
import type { CoreKind, Step, WorkQueue } from "../../../coordinator/core-kind.ts";
import type { Assignment, Job } from "../../../coordinator/state.ts";
import { isOnRows } from "./job.ts";

/** @returns a kind that asks the core of each job */
export function twoCores(rounds: CoreKind, rows: CoreKind): CoreKind {
  const of = ({ stored }: Pick<Job, "stored">): CoreKind => (isOnRows(stored) ? rows : rounds);
  const ofJob = ({ state }: Step, jobId: string): CoreKind => {
    const job = state.jobs.get(jobId);
    return job === undefined ? rounds : of(job);
  };
  const ofAssignment = (step: Step, { jobId }: Assignment): CoreKind => ofJob(step, jobId);
  const queueOf = (job: Job): WorkQueue =>
    must(of(job).queue, "DP2: jobs of inference leave it to the core when they send");
  return {
    queue: {
      bytesInFlight: (job) => queueOf(job).bytesInFlight(job),
      nextPart: (step, job, somebodyIdles) => queueOf(job).nextPart(step, job, somebodyIdles),
      sendOne: (step, job, sending) => queueOf(job).sendOne(step, job, sending),
      sendCopy: (step, job, crowd) => queueOf(job).sendCopy?.(step, job, crowd) ?? false,
    },
    jobOf: (restored, nowMs) => of({ stored: restored.job }).jobOf(restored, nowMs),
    turnsOf: (job) => of(job).turnsOf?.(job) ?? null,
    record: (job, state) => of(job).record(job, state),
    begin: (step, job) => of(job).begin(step, job),
    outcome: (step, jobId, effectId, outcome) => ofJob(step, jobId).outcome(step, jobId, effectId, outcome),
    request: (step, jobId, request) => ofJob(step, jobId).request?.(step, jobId, request),
    cancel: (step, job) => of(job).cancel(step, job),
    stop: (step, job) => of(job).stop(step, job),
    ending: (step, job, end) => of(job).ending(step, job, end),
    ended: (job) => of(job).ended?.(job),
    persisted: (step, job, purpose) => of(job).persisted?.(step, job, purpose),
    refused: (step, job, purpose, message) => of(job).refused?.(step, job, purpose, message),
    timer: (step, job, purpose) => of(job).timer(step, job, purpose),

    settle: (step, job) => of(job).settle?.(step, job),
    advancePart: (step, job, part) => of(job).advancePart?.(step, job, part),
    crowdChanged: (step, job) => of(job).crowdChanged?.(step, job),
    advance: (step, job) => of(job).advance?.(step, job),

    began: (step, assignment) => ofAssignment(step, assignment).began?.(step, assignment),
    lessWentOut: (step, assignment, wentOut) => ofAssignment(step, assignment).lessWentOut?.(step, assignment, wentOut),
    answered: (step, assignment, came) => ofAssignment(step, assignment).answered(step, assignment, came),
    sliced: (step, assignment, slices, draw) => ofAssignment(step, assignment).sliced?.(step, assignment, slices, draw),
    late: (step, assignment) => ofAssignment(step, assignment).late?.(step, assignment),
    freed: (step, assignment, freed) => ofAssignment(step, assignment).freed(step, assignment, freed),
    failsAt: (step, assignment) => ofAssignment(step, assignment).failsAt?.(step, assignment) ?? assignment.jobId,
    hasIdleTaker: (step, assignment) => ofAssignment(step, assignment).hasIdleTaker?.(step, assignment) ?? false,
    computedOn: (step, job, assignment, modelSha256, backend) =>
      of(job).computedOn?.(step, job, assignment, modelSha256, backend),

    isJudging: (job, volunteerId) => of(job).isJudging?.(job, volunteerId) ?? false,
    purge: (step, job, volunteerId) => of(job).purge?.(step, job, volunteerId),
    releasing: (step, job) => of(job).releasing?.(step, job),
  };
}
