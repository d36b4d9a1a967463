/** Streams: inference jobs to which queries are posted while they run. SPEC.md SM rules. */

import { persist } from "../../../coordinator/persistence.ts";
import type { Job } from "../../../coordinator/state.ts";
import { clearTimer, emit, type Step, setTimer } from "../../../coordinator/step-context.ts";
import type { StoredJob } from "../records.ts";
import type { StreamSchedule } from "./round-schedule.ts";

export interface StreamState {
  /** Queries that came, durable or on their way to it. */
  received: number;
  /** Durable queries that are in no window yet, the oldest first: up to which place they came, and when. */
  readonly waiting: { readonly endPlace: number; readonly sinceMs: number }[];
  dueTimerId: number | null;
  idleTimerId: number | null;
  /** When the latest queries were posted. */
  postedMs: number;
}

export function newStream({ queryCount, submittedMs }: StoredJob): StreamState {
  return { received: queryCount, waiting: [], dueTimerId: null, idleTimerId: null, postedMs: submittedMs };
}

/** Its data is there: [SM6] what waited before a restart waits from now on. */
export function startStream(step: Step, job: Job): void {
  const { stream, stored } = job;
  if (stream === null) return;
  stream.postedMs = step.nowMs;
  if (stored.queryCount > scheduleOf(job).endPlace) wait(step, job, stored.queryCount);
  watchIdle(step, job);
}

/** [SM2] What was posted is told to be taken once it is durable, and goes into a window then. */
export function queriesPosted(step: Step, jobId: string, firstQuery: number, queryCount: number): void {
  const job = step.state.jobs.get(jobId);
  if (job?.stream == null || !takesQueries(job) || firstQuery !== job.stream.received) {
    return tell(step, jobId, { from: firstQuery, problem: "the stream takes no more queries" });
  }
  const endPlace = firstQuery + queryCount;
  job.stream.received = endPlace;
  job.stream.postedMs = step.nowMs;
  persist(step, { kind: "queries", jobId, endPlace }, [{ kind: "piece", jobId, firstQuery, queryCount }]);
}

export function takesQueries({ stored, stream }: Job): boolean {
  const { state, isOpen } = stored;
  return stream !== null && isOpen && (state === "preparing" || state === "running");
}

export function queriesDurable(step: Step, jobId: string, endPlace: number): void {
  const job = step.state.jobs.get(jobId);
  if (job?.stream == null) return;
  job.stored.queryCount = endPlace;
  tell(step, jobId);
  // Before it is prepared they wait for that.
  if (job.stored.state === "running") wait(step, job, endPlace);
}

/** [PS3] What the store refused is no part of the stream. */
export function queriesRefused(step: Step, jobId: string, problem: string): void {
  const job = step.state.jobs.get(jobId);
  if (job?.stream == null) return;
  job.stream.received = job.stored.queryCount;
  tell(step, jobId, { from: job.stored.queryCount, problem });
}

function wait(step: Step, job: Job, endPlace: number): void {
  job.stream!.waiting.push({ endPlace, sinceMs: step.nowMs });
  watchDue(step, job);
}

/** [SM1] No more queries; what was posted is answered, then the job ends. */
export function closeStream(step: Step, jobId: string): void {
  const job = step.state.jobs.get(jobId);
  if (job === undefined || !takesQueries(job)) return;
  job.stored.isOpen = false;
  persist(step, { kind: "streamClosed", jobId }, [{ kind: "job", job: { ...job.stored } }]);
}

export function closeDurable(step: Step, jobId: string): void {
  tell(step, jobId);
}

/** May there be queries that are in no round yet? */
export function mayGrow(job: Job): boolean {
  const { stream, stored } = job;
  if (stream === null) return false;
  return stored.isOpen || stream.received > stored.queryCount || stored.queryCount > scheduleOf(job).endPlace;
}

/**
 * [SM3] Closes a window when a round may be opened for it.
 * @returns the index of its round, or null: its queries wait for others
 */
export function closeWindow(step: Step, job: Job): number | null {
  const { stream, plan } = job;
  const oldest = stream?.waiting[0];
  if (stream === null || oldest === undefined) return null;
  const schedule = scheduleOf(job);
  const [firstPlace, lastPlace] = [schedule.endPlace, stream.waiting.at(-1)!.endPlace];
  const groupSize = plan.scheme.queryCount;
  const roomFor = groupSize * plan.groupsPerRound;
  const waiting = lastPlace - firstPlace;
  const isDue = step.nowMs - oldest.sinceMs >= closeAfterMsOf(job) || !job.stored.isOpen;
  const idleAndWhole = step.state.idleSessions.size > 0 ? waiting - (waiting % groupSize) : 0;
  const queries = Math.min(roomFor, isDue || waiting >= roomFor ? waiting : idleAndWhole);
  if (queries === 0) return null;
  const window = { firstPlace, endPlace: firstPlace + queries };
  const roundIndex = schedule.close(window);
  while (stream.waiting.length > 0 && stream.waiting[0]!.endPlace <= window.endPlace) stream.waiting.shift();
  watchDue(step, job);
  emit(step, { type: "closeWindow", jobId: job.stored.jobId, roundIndex, ...window });
  return roundIndex;
}

function watchDue(step: Step, job: Job): void {
  const stream = job.stream!;
  const oldest = stream.waiting[0];
  if (oldest === undefined || stream.dueTimerId !== null) return;
  const atMs = oldest.sinceMs + closeAfterMsOf(job);
  // What is due already waits for a round to end, and is looked at then.
  if (atMs <= step.nowMs) return;
  stream.dueTimerId = setTimer(step, atMs, { kind: "windowDue", jobId: job.stored.jobId });
}

/** Whether there is a round for it is looked at before the step ends. */
export function windowDue(step: Step, jobId: string): void {
  const job = step.state.jobs.get(jobId);
  if (job?.stream == null) return;
  job.stream.dueTimerId = null;
  watchDue(step, job);
}

function watchIdle(step: Step, { stream, stored }: Job): void {
  if (stream === null || !stored.isOpen) return;
  const atMs = Math.max(step.nowMs + 1, stream.postedMs + idleMsOf(stored));
  stream.idleTimerId = setTimer(step, atMs, { kind: "streamIdle", jobId: stored.jobId });
}

/** [SM1] A stream that was left open is closed once everything is answered. */
export function streamIdle(step: Step, jobId: string): void {
  const job = step.state.jobs.get(jobId);
  if (job?.stream == null) return;
  const { stream, stored, schedule } = job;
  stream.idleTimerId = null;
  const isAnswered =
    job.finishedRounds.size === schedule.roundCount &&
    stream.waiting.length === 0 &&
    stream.received === stored.queryCount;
  const isIdle = step.nowMs - stream.postedMs >= idleMsOf(stored);
  if (isAnswered && isIdle) return closeStream(step, jobId);
  // While something is left to answer, its time begins anew.
  if (isIdle) stream.postedMs = step.nowMs;
  watchIdle(step, job);
}

export function endStream(step: Step, { stream, stored }: Job): void {
  if (stream === null) return;
  stored.isOpen = false;
  clearTimer(step, stream.dueTimerId);
  clearTimer(step, stream.idleTimerId);
  stream.dueTimerId = stream.idleTimerId = null;
  tell(step, stored.jobId);
}

function tell(
  step: Step,
  jobId: string,
  refused: { readonly from: number; readonly problem: string } | null = null,
): void {
  const { queryCount = 0, isOpen = false } = step.state.jobs.get(jobId)?.stored ?? {};
  const { from = null, problem = null } = refused ?? {};
  emit(step, { type: "answerStream", jobId, queryCount, isOpen, refusedFrom: from, problem });
}

function scheduleOf(job: Job): StreamSchedule {
  return job.schedule as StreamSchedule;
}

function closeAfterMsOf({ stored }: Job): number {
  const { source } = stored.submission;
  return source.kind === "stream" ? source.closeAfterMs : 0;
}

function idleMsOf({ submission }: StoredJob): number {
  return submission.source.kind === "stream" ? submission.source.idleMs : 0;
}
