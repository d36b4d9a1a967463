/** A job of any kind from its submission to its end. SPEC.md JB rules. */
import { assert, must } from "./assert.ts";
import type { Step } from "./core-kind.ts";
import { tellCredit } from "./credits.ts";
import { persist } from "./persistence.ts";
import type { CoordinatorState, Job, PersistPurpose } from "./state.ts";
import { emit, kindOf } from "./step-context.ts";
import { putToWork } from "./turns.ts";
import type { CoreJobRecord, JobEnd } from "./words.ts";

export const JOBS_ENDED_KEPT_MAX = 200;

/** Has it not ended, as far as that is durable? */
export function isActive({ stored }: { readonly stored: Pick<CoreJobRecord, "state"> }): boolean {
  return stored.state !== "done" && stored.state !== "failed" && stored.state !== "cancelled";
}

/** Of every kind. */
export function activeJobs({ jobsAtWork }: Pick<CoordinatorState, "jobsAtWork">): Job[] {
  return [...jobsAtWork.values()].filter(isActive);
}

/** [DP2] What takes its turns as one is one job. */
export function activeJobCount(state: Pick<CoordinatorState, "jobsAtWork">): number {
  return new Set(activeJobs(state).map(({ turns }) => turns)).size;
}

/** [JB1] Nothing of a job begins, and nobody is told that it was accepted, before it is durable. */
export function submit(step: Step, record: CoreJobRecord, party?: string): void {
  const kind = kindOf(step, record.submission);
  if (party !== undefined) record.party = party;
  const job = kind.jobOf({ job: record }, step.nowMs);
  step.state.jobs.set(record.jobId, job);
  putToWork(step, job);
  persist(step, { kind: "submission", jobId: record.jobId }, [kind.record(job, "preparing")]);
}

export function submissionPersisted(step: Step, jobId: string): void {
  const job = step.state.jobs.get(jobId);
  if (job === undefined || job.stored.state !== "accepting") return;
  emit(step, { type: "answerSubmission", jobId, problem: null });
  begin(step, job);
}

/** [JB1] [RS1] It is durable: its data is loaded, and it goes on from what is durable of it. */
export function begin(step: Step, job: Job): void {
  job.stored.state = "preparing";
  kindOf(step, job).begin(step, job);
}

export function submissionRefused(step: Step, jobId: string, problem: string): void {
  const { kind } = must(step.state.jobs.get(jobId), "PS3: a submission that is being written is known");
  step.state.jobs.delete(jobId);
  step.state.jobsAtWork.delete(jobId);
  emit(step, { type: "answerSubmission", jobId, problem });
  emit(step, { type: "releaseJob", kind, jobId });
}

/** [JB2] A job whose end is being written has ended; one that is not yet durable has not begun. */
export function mayEnd({ stored }: Job): boolean {
  return stored.state === "preparing" || stored.state === "running" || stored.state === "auditing";
}

/** [JB5] It cannot go on, and says why; others do. */
export function failJob(step: Step, job: Job, message: string): void {
  if (mayEnd(job)) endJob(step, job, "failed", message);
}

/** [JB2] Until its end is durable a job is finishing: a crash in between must not find it ended and undone. */
export function endJob(step: Step, job: Job, end: JobEnd, error: string | null): void {
  const { stored } = job;
  const kind = kindOf(step, job);
  stored.error = error;
  stored.finishedMs = Math.round(step.nowMs);
  const { records, credited } = kind.ending(step, job, end);
  stored.state = "finishing";
  const purpose: PersistPurpose = { kind: "jobEnd", jobId: stored.jobId, end, credited };
  persist(step, purpose, [kind.record(job, end), ...records]);
}

/** @param end the state that is durable now */
export function jobEndPersisted(step: Step, jobId: string, end: JobEnd, credited: readonly string[]): void {
  for (const volunteerId of credited) tellCredit(step, volunteerId);
  const job = step.state.jobs.get(jobId);
  if (job === undefined) return;
  job.stored.state = end;
  step.state.jobsAtWork.delete(jobId);
  kindOf(step, job).ended?.(job);
  emit(step, { type: "releaseJob", kind: job.kind, jobId });
  forgetOldJobs(step.state.jobs, job.kind);
}

/** [JB8] It had ended, and is deleted: who took part keeps what it earned, and the record of its audits. */
export function deleteJob({ state }: Step, job: Job): void {
  assert(!isActive(job), "JB8: a job that is deleted has ended");
  state.jobs.delete(job.stored.jobId);
}

interface Kept {
  readonly kind: string;
  readonly stored: Pick<CoreJobRecord, "state" | "finishedMs">;
}

/**
 * [JB6] Of those of a kind that have ended the latest are kept at hand; all of them are in the store. The latest to end, not to be
 * submitted: a job that took longer than the next two hundred would be gone when it is done, and be back after a restart.
 */
export function forgetOldJobs(jobs: Map<string, Kept>, kind: string): void {
  const endedMs = ([, { stored }]: [string, Kept]) => stored.finishedMs ?? 0;
  const ended = [...jobs].filter(([, job]) => job.kind === kind && !isActive(job));
  ended.sort((a, b) => endedMs(a) - endedMs(b));
  for (const [jobId] of ended.slice(0, Math.max(0, ended.length - JOBS_ENDED_KEPT_MAX))) jobs.delete(jobId);
}
