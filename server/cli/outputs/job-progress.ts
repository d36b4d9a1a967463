/** How far a job is, in one line: a bar, what is said about it, and an honest guess of what is left. */
import type { JobView } from "../../../shared/kinds/kinds.ts";
import { whyEnded } from "../../../shared/kinds/why-ended.ts";
import { wordsOf } from "../../kinds/cli-words.ts";
import { roughDuration } from "./rough-duration.ts";

const CELLS = 24;
/** Before so much has been seen, a rate is a guess from nothing. */
const RATE_MS_MIN = 2_000;

/** Remembers when it saw how much, to say how long the rest may take. */
export class ProgressMeter {
  #first: { done: number; atMs: number } | null = null;

  line(job: JobView, nowMs: number): string {
    const { doneOf, qualityOf } = wordsOf(job);
    const [done, total] = doneOf(job);
    this.#first ??= { done, atMs: nowMs };
    const bar = `[${barOf(done, total)}] ${done}/${total}`;
    const waits = job.waitingFor === null ? this.#remaining(job, done, total, nowMs) : job.waitingFor;
    return [bar, qualityOf(job), waits].filter((part) => part !== "").join(", ");
  }

  #remaining(job: JobView, done: number, total: number, nowMs: number): string {
    if (job.state !== "running") return job.state;
    const left = wordsOf(job).leftOf(job);
    if (left !== null) return left;
    const { done: from, atMs } = this.#first!;
    const ms = nowMs - atMs;
    if (ms < RATE_MS_MIN || done <= from) return "";
    return `${roughDuration(((total - done) * ms) / (done - from))} left`;
  }
}

/** A job that has ended, in one sentence. */
export function endOf(job: JobView): string {
  const took = job.finishedMs === null ? "" : ` in ${roughDuration(job.finishedMs - job.submittedMs)}`;
  if (job.state === "failed") return `job ${job.jobId} failed: ${job.error ?? "no reason given"}`;
  if (job.state === "cancelled") return `job ${job.jobId} was cancelled`;
  const { outcomeOf, qualityOf } = wordsOf(job);
  const [outcome, quality, why] = [outcomeOf(job), qualityOf(job), whyEnded(job)];
  const reason = why === null ? "" : `; ${why}`;
  return `job ${job.jobId}: ${outcome}${took}${quality === "" ? "" : `, ${quality}`}${reason}`;
}

function barOf(done: number, total: number): string {
  const full = total === 0 ? 0 : Math.round((Math.min(done, total) / total) * CELLS);
  return "#".repeat(full) + ".".repeat(CELLS - full);
}
