/** How far a job is, in one line: a bar, what is said about it, and an honest guess of what is left. */
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { JobView } from "../../../shared/kinds/kinds.ts";
import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";

const CELLS = 24;
/** Before so much has been seen, a rate is a guess from nothing. */
const RATE_MS_MIN = 2_000;

/** Remembers when it saw how much, to say how long the rest may take. */
export class ProgressMeter {
  #first: { done: number; atMs: number } | null = null;

  line(job: JobView, nowMs: number): string {
    const [done, total] = doneOf(job);
    this.#first ??= { done, atMs: nowMs };
    const bar = `[${barOf(done, total)}] ${done}/${total}`;
    const waits = job.waitingFor === null ? this.#remaining(job, done, total, nowMs) : job.waitingFor;
    return [bar, wordsOf(job), waits].filter((part) => part !== "").join(", ");
  }

  #remaining(job: JobView, done: number, total: number, nowMs: number): string {
    if (job.state !== "running") return job.state;
    // Nobody knows how much is still to come.
    if (job.kind === "inference" && job.stream?.isOpen) return "open";
    if (job.kind !== "inference") return job.remainingMs === null ? "" : `${roughDuration(job.remainingMs)} left`;
    const { done: from, atMs } = this.#first!;
    const ms = nowMs - atMs;
    if (ms < RATE_MS_MIN || done <= from) return "";
    return `${roughDuration(((total - done) * ms) / (done - from))} left`;
  }
}

/** What has been done, of what: verified answers, updates of the weights, or slices of the product. */
export function doneOf(job: JobView): [done: number, total: number] {
  if (job.kind === "regression") return [job.iteration, job.iterations];
  if (job.kind === "matmul") return [job.slicesDone, job.slices];
  const { exact, audited, unchecked } = job.answersByMark;
  return [exact + audited + unchecked, job.queryCount];
}

/** A job that has ended, in one sentence. */
export function endOf(job: JobView): string {
  const took = job.finishedMs === null ? "" : ` in ${roughDuration(job.finishedMs - job.submittedMs)}`;
  if (job.state === "failed") return `job ${job.jobId} failed: ${job.error ?? "no reason given"}`;
  if (job.state === "cancelled") return `job ${job.jobId} was cancelled`;
  const what =
    job.kind === "inference"
      ? `${job.queryCount} answers`
      : job.kind === "regression"
        ? `${job.iteration} iterations`
        : `a product of ${job.rows} x ${job.columns}`;
  const words = wordsOf(job);
  // That all iterations are done is said already.
  const isNews = job.kind !== "inference" && job.endReason !== null && job.endReason !== what;
  const reason = isNews ? `; ${job.endReason}` : "";
  return `job ${job.jobId}: ${what}${took}${words === "" ? "" : `, ${words}`}${reason}`;
}

function wordsOf(job: JobView): string {
  if (job.kind === "inference") return inferenceWords(job);
  if (job.kind === "regression") return gradientWords(job);
  return job.liarsNamed > 0 ? `${job.liarsNamed} caught lying` : "";
}

function inferenceWords({ answersByMark, finalCount, accuracy }: InferenceJobView): string {
  const marks = Object.entries(answersByMark).filter(([mark, count]) => count > 0 && mark !== "missing");
  const parts = marks.map(([mark, count]) => `${count} ${mark}`);
  if (finalCount > 0) parts.push(`${finalCount} final`);
  if (accuracy !== null) parts.push(`accuracy ${accuracy.toFixed(3)}`);
  return parts.join(", ");
}

function gradientWords({ loss, accuracy, validationAccuracy, liarsNamed }: RegressionJobView): string {
  const parts = loss === null ? [] : [`loss ${loss.toPrecision(4)}`];
  const best = validationAccuracy ?? accuracy;
  if (best !== null) parts.push(`accuracy ${best.toFixed(3)}`);
  if (liarsNamed > 0) parts.push(`${liarsNamed} caught lying`);
  return parts.join(", ");
}

function barOf(done: number, total: number): string {
  const full = total === 0 ? 0 : Math.round((Math.min(done, total) / total) * CELLS);
  return "#".repeat(full) + ".".repeat(CELLS - full);
}

export function roughDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
