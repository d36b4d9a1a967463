/** Streams: inference jobs to which queries are posted while they run. SPEC.md SM rules. */
import { assert, must } from "../../../coordinator/assert.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { ownRecord, persistOrRefuse, persistOwn } from "../../../coordinator/persistence.ts";
import { clearTimer, emit, setJobTimer } from "../../../coordinator/step-context.ts";
import type { StoredJob } from "../records.ts";
import { type InferenceJob, inferenceJob, type StreamState } from "./job.ts";
import { StreamSchedule } from "./round-schedule.ts";
import { jobRecord } from "./rounds.ts";
import {
  INFERENCE,
  type InferencePurpose,
  type InferenceRecord,
  type InferenceTimer,
  type InferenceWork,
} from "./work.ts";

export function newStream({ queryCount, submittedMs }: StoredJob): StreamState {
  return { received: queryCount, waiting: [], dueTimerId: null, idleTimerId: null, postedMs: submittedMs };
}

/** Its data is there: [SM6] what waited before a restart waits from now on. */
export function startStream(step: Step, job: InferenceJob): void {
  const { stream, stored } = job;
  if (stream === null) return;
  stream.postedMs = step.nowMs;
  if (stored.queryCount > scheduleOf(job).endPlace) wait(step, job, stored.queryCount);
  watchIdle(step, job);
}

/** [SM2] What was posted is told to be taken once it is durable, and goes into a window then. */
export function queriesPosted(step: Step, jobId: string, firstQuery: number, queryCount: number): void {
  const job = inferenceJob(step.state, jobId);
  if (job?.stream == null || !takesQueries(job) || firstQuery !== job.stream.received) {
    return tell(step, jobId, { from: firstQuery, problem: "the stream takes no more queries" });
  }
  const endPlace = firstQuery + queryCount;
  job.stream.received = endPlace;
  job.stream.postedMs = step.nowMs;
  const piece = ownRecord<InferenceRecord>(job, { type: "piece", firstQuery, queryCount });
  persistOrRefuse<InferencePurpose>(step, job, { type: "queries", endPlace }, [piece]);
}

export function takesQueries({ stored, stream }: InferenceJob): boolean {
  const { state, isOpen } = stored;
  return stream !== null && isOpen && (state === "preparing" || state === "running");
}

export function queriesDurable(step: Step, job: InferenceJob, endPlace: number): void {
  if (job.stream === null) return;
  job.stored.queryCount = endPlace;
  tell(step, job.stored.jobId);
  // Before it is prepared they wait for that.
  if (job.stored.state === "running") wait(step, job, endPlace);
}

/** [PS3] What the store refused is no part of the stream. */
export function queriesRefused(step: Step, job: InferenceJob, problem: string): void {
  if (job.stream === null) return;
  job.stream.received = job.stored.queryCount;
  tell(step, job.stored.jobId, { from: job.stored.queryCount, problem });
}

function wait(step: Step, job: InferenceJob, endPlace: number): void {
  streamOf(job).waiting.push({ endPlace, sinceMs: step.nowMs });
  watchDue(step, job);
}

/** [SM1] No more queries; what was posted is answered, then the job ends. */
export function closeStream(step: Step, job: InferenceJob): void {
  if (!takesQueries(job)) return;
  job.stored.isOpen = false;
  persistOwn<InferencePurpose>(step, job, { type: "streamClosed" }, [jobRecord(job)]);
}

export function closeDurable(step: Step, { stored }: InferenceJob): void {
  tell(step, stored.jobId);
}

/** May there be queries that are in no round yet? */
export function mayGrow(job: InferenceJob): boolean {
  const { stream, stored } = job;
  if (stream === null) return false;
  return stored.isOpen || stream.received > stored.queryCount || stored.queryCount > scheduleOf(job).endPlace;
}

/**
 * [SM3] Closes a window when a round may be opened for it.
 * @returns the index of its round, or null: its queries wait for others
 */
export function closeWindow(step: Step, job: InferenceJob): number | null {
  const { stream, plan } = job;
  const oldest = stream?.waiting[0];
  if (stream === null || oldest === undefined) return null;
  const schedule = scheduleOf(job);
  const { endPlace: lastPlace } = stream.waiting.at(-1) ?? oldest;
  const firstPlace = schedule.endPlace;
  const groupSize = plan.scheme.queryCount;
  const roomFor = groupSize * plan.groupsPerRound;
  const waiting = lastPlace - firstPlace;
  const isDue = step.nowMs - oldest.sinceMs >= closeAfterMsOf(job) || !job.stored.isOpen;
  const idleAndWhole = step.state.crowd.turns.idle.size > 0 ? waiting - (waiting % groupSize) : 0;
  const queries = Math.min(roomFor, isDue || waiting >= roomFor ? waiting : idleAndWhole);
  if (queries === 0) return null;
  const window = { firstPlace, endPlace: firstPlace + queries };
  const roundIndex = schedule.close(window);
  while ((stream.waiting[0]?.endPlace ?? Number.POSITIVE_INFINITY) <= window.endPlace) stream.waiting.shift();
  watchDue(step, job);
  return roundIndex;
}

function watchDue(step: Step, job: InferenceJob): void {
  const stream = streamOf(job);
  const oldest = stream.waiting[0];
  if (oldest === undefined || stream.dueTimerId !== null) return;
  const atMs = oldest.sinceMs + closeAfterMsOf(job);
  // What is due already waits for a round to end, and is looked at then.
  if (atMs <= step.nowMs) return;
  stream.dueTimerId = setJobTimer<InferenceTimer>(step, job, atMs, { type: "windowDue" });
}

/** Whether there is a round for it is looked at before the step ends. */
export function windowDue(step: Step, job: InferenceJob): void {
  if (job.stream === null) return;
  job.stream.dueTimerId = null;
  watchDue(step, job);
}

function watchIdle(step: Step, job: InferenceJob): void {
  const { stream, stored } = job;
  if (stream === null || !stored.isOpen) return;
  const atMs = Math.max(step.nowMs + 1, stream.postedMs + idleMsOf(stored));
  stream.idleTimerId = setJobTimer<InferenceTimer>(step, job, atMs, { type: "streamIdle" });
}

/** [SM1] A stream that was left open is closed once everything is answered. */
export function streamIdle(step: Step, job: InferenceJob): void {
  const { stream, stored, schedule } = job;
  if (stream === null) return;
  stream.idleTimerId = null;
  const isAnswered =
    job.finishedRounds.size === schedule.roundCount &&
    stream.waiting.length === 0 &&
    stream.received === stored.queryCount;
  const isIdle = step.nowMs - stream.postedMs >= idleMsOf(stored);
  if (isAnswered && isIdle) return closeStream(step, job);
  // While something is left to answer, its time begins anew.
  if (isIdle) stream.postedMs = step.nowMs;
  watchIdle(step, job);
}

export function endStream(step: Step, { stream, stored, checks }: InferenceJob): void {
  if (stream === null) return;
  stored.isOpen = false;
  clearTimer(step, stream.dueTimerId);
  clearTimer(step, stream.idleTimerId);
  stream.dueTimerId = stream.idleTimerId = null;
  clearTimer(step, checks?.stream?.dueTimerId ?? null);
  tell(step, stored.jobId);
}

function tell(
  step: Step,
  jobId: string,
  refused: { readonly from: number; readonly problem: string } | null = null,
): void {
  const { queryCount = 0, isOpen = false } = inferenceJob(step.state, jobId)?.stored ?? {};
  const { from = null, problem = null } = refused ?? {};
  const work: InferenceWork = { type: "answerStream", queryCount, isOpen, refusedFrom: from, problem };
  emit(step, { type: "work", kind: INFERENCE, jobId, work });
}

function streamOf({ stream }: InferenceJob): StreamState {
  return must(stream, "SM1: what waits for a window was posted to a stream");
}

function scheduleOf({ schedule }: InferenceJob): StreamSchedule {
  assert(schedule instanceof StreamSchedule, "SM3: the rounds of a stream are its windows");
  return schedule;
}

function closeAfterMsOf({ stored }: InferenceJob): number {
  const { source } = stored.submission;
  return source.kind === "stream" ? source.closeAfterMs : 0;
}

function idleMsOf({ submission }: StoredJob): number {
  return submission.source.kind === "stream" ? submission.source.idleMs : 0;
}
