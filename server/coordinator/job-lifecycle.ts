/** A job from submission to its end. SPEC.md JB rules. */
import { AUDIT_TOP_UP_SHARE_MAX } from "../../shared/protocol/limits.ts";
import { newWatch } from "../kinds/inference/core/adapt-code.ts";
import { freezeRecords, takeChangedContributions } from "../kinds/inference/core/contributions.ts";
import { groupsInRound, isRawWorker } from "../kinds/inference/core/inference-plan.ts";
import { fixedSchedule, StreamSchedule, type StreamWindow } from "../kinds/inference/core/round-schedule.ts";
import { dropRound } from "../kinds/inference/core/rounds.ts";
import { endStream, mayGrow, newStream, startStream } from "../kinds/inference/core/streams.ts";
import type { StoredJob } from "../kinds/inference/records.ts";
import { auditRowsLeft } from "./assignments.ts";
import type { CoreRecord } from "./effects.ts";
import { persist, storedVolunteer } from "./persistence.ts";
import { auditsMissing, batchBound, liarShare } from "./reputation-bounds.ts";
import type { Job } from "./state.ts";
import { emit, emitNumerics, type Step } from "./step-context.ts";

export const JOBS_ENDED_KEPT_MAX = 200;

interface Ending {
  readonly stored: { readonly finishedMs: number | null };
}

export function isActive(job: Job): boolean {
  const { state } = job.stored;
  return state !== "done" && state !== "failed" && state !== "cancelled";
}

/** [JB1] Nothing of a job begins, and nobody is told that it was accepted, before it is durable. */
export function submit(step: Step, stored: StoredJob): void {
  const job = newJob(stored);
  step.state.jobs.set(stored.jobId, job);
  persist(step, { kind: "submission", jobId: stored.jobId }, [{ kind: "job", job: { ...stored, state: "preparing" } }]);
}

/** @param windows of a stream that goes on after a restart */
export function newJob(stored: StoredJob, windows: readonly StreamWindow[] = []): Job {
  const isStream = stored.submission.source.kind === "stream";
  const schedule = isStream ? new StreamSchedule(stored, windows) : fixedSchedule(stored);
  return {
    stored: { ...stored },
    plan: schedule.inForce,
    schedule,
    stream: isStream ? newStream(stored) : null,
    nextRoundIndex: 0,
    openRounds: new Map(),
    finishedRounds: new Map(),
    toRedo: new Set(),
    servedWork: 0,
    failuresInRow: 0,
    failedBy: new Set(),
    toppedUp: new Set(),
    topUps: new Map(),
    topUpRows: 0,
    auditRowsAsked: stored.auditedRows,
    better: null,
    sentWork: 0,
    codeWatch: newWatch(),
    topUpExhausted: new Set(),
    contributions: new Map(),
    contributionsChanged: new Set(),
  };
}

export function submissionPersisted(step: Step, jobId: string): void {
  const job = step.state.jobs.get(jobId);
  if (job === undefined || job.stored.state !== "accepting") return;
  job.stored.state = "preparing";
  emit(step, { type: "answerSubmission", jobId, problem: null });
  emitNumerics(step, { type: "prepare", jobId });
}

export function submissionRefused(step: Step, jobId: string, problem: string): void {
  step.state.jobs.delete(jobId);
  emit(step, { type: "answerSubmission", jobId, problem });
  emit(step, { type: "releaseJob", jobId });
}

export function prepared(step: Step, jobId: string, orderSha256: string | null): void {
  const job = step.state.jobs.get(jobId);
  if (job === undefined || job.stored.state !== "preparing") return;
  job.stored.orderSha256 = orderSha256;
  job.stored.state = "running";
  startStream(step, job);
  persist(step, { kind: "prepared", jobId }, [{ kind: "job", job: { ...job.stored } }]);
}

export function cancelJob(step: Step, jobId: string): void {
  const job = step.state.jobs.get(jobId);
  if (job && mayEnd(job)) endJob(step, job, "cancelled", null);
}

export function failJob(step: Step, jobId: string, message: string): void {
  const job = step.state.jobs.get(jobId);
  if (job && mayEnd(job)) endJob(step, job, "failed", message);
}

/** [JB2] A job whose end is being written has ended; one that is not yet durable has not begun. */
function mayEnd({ stored }: Job): boolean {
  return stored.state === "preparing" || stored.state === "running" || stored.state === "auditing";
}

function endJob(step: Step, job: Job, end: "done" | "failed" | "cancelled", error: string | null): void {
  for (const round of [...job.openRounds.values()]) dropRound(step, job, round);
  endStream(step, job);
  job.toRedo.clear();
  job.topUps.clear();
  job.stored.error = error;
  job.stored.finishedMs = Math.round(step.nowMs);
  job.stored.liarShare = liarShare(step.state);
  const stored: StoredJob = { ...job.stored, state: end };
  // Until its end is durable a job is finishing: a crash in between must not find it ended and undone.
  job.stored.state = "finishing";
  const records = [...job.toppedUp].flatMap((volunteerId): CoreRecord[] => {
    const volunteer = step.state.volunteers.get(volunteerId);
    return volunteer === undefined ? [] : [{ kind: "volunteer", volunteer: storedVolunteer(volunteer) }];
  });
  freezeRecords(step.state, job);
  records.push(...takeChangedContributions(job));
  persist(step, { kind: "jobEnd", jobId: job.stored.jobId }, [{ kind: "job", job: stored }, ...records]);
}

/** @param end the state that is durable now */
export function jobEndPersisted(step: Step, jobId: string, end: StoredJob["state"]): void {
  const job = step.state.jobs.get(jobId);
  if (job === undefined) return;
  job.stored.state = end;
  emit(step, { type: "releaseJob", jobId });
  forgetOldJobs(step.state.jobs, (other) => !isActive(other));
}

/**
 * Of those that have ended the latest are kept at hand; all of them are in the store. The latest to end, not to be submitted: a job
 * that took longer than the next two hundred would be gone when it is done, and be back after a restart.
 */
export function forgetOldJobs<J extends Ending>(jobs: Map<string, J>, hasEnded: (job: J) => boolean): void {
  const endedMs = ({ stored }: J) => stored.finishedMs ?? 0;
  const ended = [...jobs].filter(([, job]) => hasEnded(job)).sort(([, a], [, b]) => endedMs(a) - endedMs(b));
  for (const [jobId] of ended.slice(0, Math.max(0, ended.length - JOBS_ENDED_KEPT_MAX))) jobs.delete(jobId);
}

/** [JB4] When every round is durable, records that are too short for the job's bound are filled up, then it ends. */
export function advanceJob(step: Step, job: Job): void {
  const { stored, plan, schedule } = job;
  if (stored.state !== "running" && stored.state !== "auditing") return;
  if (mayGrow(job)) return;
  if (job.finishedRounds.size < schedule.roundCount || job.openRounds.size > 0 || job.toRedo.size > 0) return;
  stored.state = "auditing";
  if (plan.verification === "audits") requestTopUps(step, job);
  if (job.topUps.size === 0) endJob(step, job, "done", null);
}

function requestTopUps(step: Step, job: Job): void {
  const share = liarShare(step.state);
  const { answerBound } = job.stored.submission;
  const tooUnsure = new Set<string>();
  for (const [roundIndex, round] of job.finishedRounds) {
    const plan = job.schedule.planOf(roundIndex);
    const batchRows = groupsInRound(plan, roundIndex);
    round.sources.forEach((source, workerIndex) => {
      if (source === null || !isRawWorker(plan, workerIndex) || tooUnsure.has(source.volunteerId)) return;
      if (batchBound(step.state, source, batchRows, share) > answerBound) tooUnsure.add(source.volunteerId);
    });
  }
  const rowsMax = Math.ceil(job.stored.queryCount * AUDIT_TOP_UP_SHARE_MAX);
  for (const volunteerId of tooUnsure) {
    const volunteer = step.state.volunteers.get(volunteerId);
    if (volunteer === undefined || job.topUps.has(volunteerId) || job.topUpExhausted.has(volunteerId)) continue;
    const missing = auditsMissing(volunteer, answerBound, share);
    const rows = Math.min(missing, rowsMax - job.topUpRows, auditRowsLeft(step.state, job));
    if (rows <= 0) continue;
    job.topUpRows += rows;
    job.auditRowsAsked += rows;
    job.topUps.set(volunteerId, emitNumerics(step, { type: "topUp", jobId: job.stored.jobId, volunteerId, rows }));
  }
}
