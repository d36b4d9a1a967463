/** Whose turn it is, and when nothing is sent at all. What is sent, and to whom it may go, each kind says itself. SPEC.md DP rules. */
import {
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  BYTES_IN_FLIGHT_TOTAL_MAX,
  NUMERICS_PENDING_MAX,
  STORE_PENDING_MAX,
} from "../../shared/protocol/limits.ts";
import type { Crowd, Sending, Step, WorkQueue } from "./core-kind.ts";
import { crowdOf } from "./ranking.ts";
import type { CoordinatorState, Job } from "./state.ts";
import { kindOf } from "./step-context.ts";

/** [DP1] Why nothing further is sent out, or null. The pages and the metrics show it. */
export function pausedBecause(state: CoordinatorState): string | null {
  if (state.isStopping) return "the coordinator is stopping";
  if (state.storeProblem !== null) return `the store does not accept writes: ${state.storeProblem}`;
  if (state.persistQueue.length >= STORE_PENDING_MAX) return "the store falls behind";
  if (state.numericsPending.size >= NUMERICS_PENDING_MAX) return "encoding, audits and decoding fall behind";
  return null;
}

/** A job at work that leaves it to the core when its work is sent. */
interface Waiting {
  readonly job: Job;
  readonly queue: WorkQueue;
}

interface InLine {
  readonly atWork: readonly Waiting[];
  /** Those of them that may be sent something. */
  readonly running: readonly Waiting[];
}

/**
 * Opens parts of jobs and sends assignments until nobody is idle, nothing is left to send, or something falls behind.
 * @returns whether anything was opened or sent
 */
export function dispatch(step: Step): boolean {
  const { state } = step;
  if (state.sessions.size === 0 || pausedBecause(state) !== null) return false;
  // Whatever is sent or opened, no job begins and none ends in here.
  const atWork = queued(step);
  const running = atWork.filter(({ job }) => job.stored.state === "running");
  if (running.length === 0) return false;
  // Sending makes nobody ready or unready, nor faster: once for the whole crowd is enough, if anything is sent at all.
  let known: Crowd | null = null;
  const crowd = () => {
    known ??= crowdOf(state);
    return known;
  };
  const inLine = { atWork, running };
  let done = openParts(step, inLine, false);
  done += sendWaiting(step, running, { mayGoAhead: false, crowd });
  // What was sent may have been the last of what is open: the next part can be encoded meanwhile. And who is still idle could
  // take nothing of what is open: there may be something for it in the next part.
  let opened = openParts(step, inLine, state.crowd.turns.idle.size > 0);
  done += opened;
  if (state.crowd.turns.soonIdle.size > 0) {
    done += sendWaiting(step, running, { mayGoAhead: true, crowd });
    opened = openParts(step, inLine, state.crowd.turns.idle.size > 0);
    done += opened;
  }
  // What was opened last is sent before anything is sent twice.
  if (opened === 0) done += sendCopies(step, running, crowd);
  return done > 0;
}

function queued(step: Step): Waiting[] {
  const waiting: Waiting[] = [];
  for (const job of step.state.jobsAtWork.values()) {
    const { queue } = kindOf(step, job);
    if (queue !== null) waiting.push({ job, queue });
  }
  return waiting;
}

/** @returns how many assignments were sent */
function sendWaiting(step: Step, running: readonly Waiting[], sending: Sending): number {
  const { idle, soonIdle } = step.state.crowd.turns;
  const isAnybodyThere = () => idle.size + (sending.mayGoAhead ? soonIdle.size : 0) > 0;
  const waiting = new Set(running);
  let sent = 0;
  while (isAnybodyThere()) {
    const next = leastServed(waiting);
    if (next === null) break;
    // A job for which nobody is free holds nobody up.
    if (next.queue.sendOne(step, next.job, sending)) sent++;
    else waiting.delete(next);
  }
  return sent;
}

/** @returns how many were sent */
function sendCopies(step: Step, running: readonly Waiting[], crowd: () => Crowd): number {
  const { idle } = step.state.crowd.turns;
  let sent = 0;
  for (const { job, queue } of running) while (idle.size > 0 && queue.sendCopy(step, job, crowd)) sent++;
  return sent;
}

/** [DP2] Whoever has been served least goes first. */
function leastServed(waiting: Iterable<Waiting>): Waiting | null {
  let next: Waiting | null = null;
  for (const one of waiting) if (next === null || one.job.turns.served < next.job.turns.served) next = one;
  return next;
}

/**
 * [DP3] A further part of a job is opened when all of the open ones is out, or somebody idles who can take none of it, within
 * the byte limits.
 * @returns how many were opened
 */
function openParts(step: Step, { atWork, running }: InLine, somebodyIdles: boolean): number {
  const { state } = step;
  let opened = 0;
  let totalBytes = 0;
  for (const { job, queue } of atWork) totalBytes += queue.bytesInFlight(job);
  for (const { job, queue } of [...running].sort((a, b) => a.job.turns.served - b.job.turns.served)) {
    while (pausedBecause(state) === null) {
      const part = queue.nextPart(step, job, somebodyIdles);
      if (part === null) break;
      const { bytes } = part;
      const jobBytes = queue.bytesInFlight(job);
      // A single part is always let through: its size was checked when the job was submitted.
      if (jobBytes > 0 && jobBytes + bytes > BYTES_IN_FLIGHT_PER_JOB_MAX) break;
      if (totalBytes > 0 && totalBytes + bytes > BYTES_IN_FLIGHT_TOTAL_MAX) break;
      totalBytes += bytes;
      if (jobBytes === 0) levelWithOthers(job, running);
      part.open();
      opened++;
    }
  }
  return opened;
}

/** [DP2] Who begins to be served, or begins again, does so level with the least served of those being served. */
function levelWithOthers(job: Job, running: readonly Waiting[]): void {
  const served = running.filter((other) => other.job !== job && other.queue.bytesInFlight(other.job) > 0);
  if (served.length === 0) return;
  job.turns.served = Math.max(job.turns.served, Math.min(...served.map((other) => other.job.turns.served)));
}
