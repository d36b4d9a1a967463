/** Rows that arrive: what is posted to an open job is durable before it is told as taken, goes out then, and ends with the job. SPEC.md SM rules. */

import type { InferenceSubmission } from "../../../../../shared/kinds/inference/submission.ts";
import { STREAM_FINAL_WITHIN_MS_DEFAULT } from "../../../../../shared/protocol/limits.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { mayEnd } from "../../../../coordinator/jobs.ts";
import { ownRecord, persistOrRefuse, persistOwn } from "../../../../coordinator/persistence.ts";
import { clearTimer, emitWork, setJobTimer } from "../../../../coordinator/step-context.ts";
import type { InferenceRecord } from "../../core/work.ts";
import type { RowsPurpose, RowsTimer, RowsWork } from "../work.ts";
import { rowsJobRecord } from "./job-record.ts";
import type { RowsJob } from "./rows-job.ts";

/** The ledger of an open job is there. */
export function beginOpenRows(step: Step, job: RowsJob): void {
  const { stream, ledger } = job;
  if (stream === null || ledger === null) return;
  stream.postedMs = step.nowMs;
  if (ledger.counts.rows > 0) waitForGroup(step, job);
  watchIdle(step, job);
}

/** May more be posted to it? */
export function takesRows({ stored, stream, isCancelled }: RowsJob): boolean {
  const { state, isOpen } = stored;
  return stream !== null && isOpen && !isCancelled && (state === "preparing" || state === "running");
}

/** May rows of it come that the ledger does not have? */
export function mayHaveMoreRows({ stored, stream }: Pick<RowsJob, "stored" | "stream">): boolean {
  return stream !== null && (stored.isOpen || stream.received > stored.queryCount);
}

/** [SM2] */
export function rowsPosted(step: Step, job: RowsJob, firstQuery: number, queryCount: number): void {
  const { stream } = job;
  if (stream === null || !takesRows(job) || firstQuery !== stream.received) {
    return tell(step, job, { from: firstQuery, problem: "the stream takes no more queries" });
  }
  const endPlace = firstQuery + queryCount;
  stream.received = endPlace;
  stream.postedMs = step.nowMs;
  const piece = ownRecord<InferenceRecord>(job, { type: "piece", firstQuery, queryCount });
  persistOrRefuse<RowsPurpose>(step, job, { type: "rowsPosted", endPlace }, [piece]);
}

/** They may go out from now on. */
export function postedDurable(step: Step, job: RowsJob, endPlace: number): void {
  const { ledger, stored } = job;
  const came = endPlace - stored.queryCount;
  stored.queryCount = endPlace;
  tell(step, job);
  if (ledger === null || came <= 0) return;
  ledger.append(came);
  waitForGroup(step, job);
  if (!mayHaveMoreRows(job)) closeLedger(step, job);
}

/** [PS3] What the store refused is no part of the job. */
export function postedRefused(step: Step, job: RowsJob, problem: string): void {
  const { stream, stored } = job;
  if (stream === null) return;
  stream.received = stored.queryCount;
  tell(step, job, { from: stored.queryCount, problem });
  if (!mayHaveMoreRows(job)) closeLedger(step, job);
}

/** [SM1] No more rows; what was posted is answered, then the job ends. */
export function closeOpenRows(step: Step, job: RowsJob): void {
  if (!takesRows(job)) return;
  job.stored.isOpen = false;
  persistOwn<RowsPurpose>(step, job, { type: "rowsClosed" }, [rowsJobRecord(job)]);
  if (!mayHaveMoreRows(job)) closeLedger(step, job);
}

export function rowsClosed(step: Step, job: RowsJob): void {
  tell(step, job);
}

/** Nothing comes any more. Rows that wait for a group are one now. */
function closeLedger(step: Step, { ledger, checked, said }: RowsJob): void {
  if (ledger === null) return;
  ledger.flush();
  if (checked === null) ledger.close();
  else said.push(...checked.close(step.nowMs));
}

/** [SM3] Its rows have no code: each goes out by itself. Else its groups close when they are full, when a tab idles, or at this time. */
function waitForGroup(step: Step, job: RowsJob): void {
  const { stream, groups, stored } = job;
  if (stream === null || groups.way === "rows") return;
  stream.waiting.push({ endPlace: stored.queryCount, sinceMs: step.nowMs });
  watchFlush(step, job);
}

function watchFlush(step: Step, job: RowsJob): void {
  const { stream } = job;
  const oldest = stream?.waiting[0];
  if (stream === null || oldest === undefined || stream.flushTimerId !== null) return;
  const atMs = Math.max(step.nowMs, oldest.sinceMs + streamSourceOf(job).closeAfterMs);
  stream.flushTimerId = setJobTimer<RowsTimer>(step, job, atMs, { type: "groupDue" });
}

/** The oldest rows have waited long enough. */
export function groupDue(job: RowsJob): void {
  const { stream, ledger } = job;
  if (stream === null) return;
  stream.flushTimerId = null;
  ledger?.flush();
  // Rows that came since went out with them.
  stream.waiting.length = 0;
}

function watchIdle(step: Step, job: RowsJob): void {
  const { stream, stored } = job;
  if (stream === null || !stored.isOpen) return;
  const atMs = Math.max(step.nowMs + 1, stream.postedMs + streamSourceOf(job).idleMs);
  stream.idleTimerId = setJobTimer<RowsTimer>(step, job, atMs, { type: "rowsIdle" });
}

/** [SM1] A job that was left open is closed once everything is answered. */
export function rowsIdle(step: Step, job: RowsJob): void {
  const { stream, stored, ledger } = job;
  if (stream === null) return;
  stream.idleTimerId = null;
  const { rows = 0, answered = 0 } = ledger?.counts ?? {};
  const isAnswered = answered === rows && rows === stream.received && stream.received === stored.queryCount;
  const isIdle = step.nowMs - stream.postedMs >= streamSourceOf(job).idleMs;
  if (isAnswered && isIdle) return closeOpenRows(step, job);
  // While something is left to answer, its time begins anew.
  if (isIdle) stream.postedMs = step.nowMs;
  watchIdle(step, job);
}

export function endOpenRows(step: Step, job: RowsJob): void {
  const { stream, stored } = job;
  if (stream === null) return;
  stored.isOpen = false;
  for (const timerId of [stream.flushTimerId, stream.idleTimerId, stream.windowTimerId]) clearTimer(step, timerId);
  stream.flushTimerId = stream.idleTimerId = stream.windowTimerId = null;
  tell(step, job);
}

/** Tells whoever posts, or closes, how much is durable. */
function tell(
  step: Step,
  job: RowsJob,
  refused: { readonly from: number; readonly problem: string } | null = null,
): void {
  const { queryCount } = job.stored;
  const isOpen = job.stored.isOpen && mayEnd(job);
  const { from = null, problem = null } = refused ?? {};
  emitWork<RowsWork>(step, job, { type: "answerStream", queryCount, isOpen, refusedFrom: from, problem });
}

/** Wishes of a submitter for an open job. */
type OpenSource = Pick<StreamSource, "crossChecks" | "finalWithinMs">;
type StreamSource = Extract<InferenceSubmission["source"], { readonly kind: "stream" }>;

/** [CK14] Each of its answers becomes final by itself, as soon as that is sure, and the coordinator alone checks them. */
export function isAudited({ crossChecks }: OpenSource): boolean {
  return crossChecks === "no";
}

/** After which a window ends, full or not, ms. @example finalWithinOf({ crossChecks: "no" }) // -> 0 */
export function finalWithinOf(source: OpenSource): number {
  return isAudited(source) ? 0 : (source.finalWithinMs ?? STREAM_FINAL_WITHIN_MS_DEFAULT);
}

/** @throws TypeError where it is no open job */
export function streamSourceOf({ stored }: Pick<RowsJob, "stored">): StreamSource {
  const { source } = stored.submission;
  if (source.kind !== "stream") throw new TypeError(`SM1: expected a stream, got ${source.kind}`);
  return source;
}
