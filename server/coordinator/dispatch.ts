/** Whose turn it is, and when nothing is sent at all. What is sent, and to whom it may go, each kind says itself. SPEC.md DP rules. */
import { addTo, roomFor } from "../../shared/control/shares.ts";
import {
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  BYTES_IN_FLIGHT_TOTAL_MAX,
  NUMERICS_PENDING_MAX,
  STORE_PENDING_MAX,
} from "../../shared/protocol/limits.ts";
import type { Crowd, Sending, Step, WorkQueue } from "./core-kind.ts";
import { partyOf } from "./parties.ts";
import { crowdOf } from "./ranking.ts";
import type { CoordinatorState, Job } from "./state.ts";
import { kindOf } from "./step-context.ts";
import { behindWith, byTurns, levelWith } from "./turns.ts";

/** [DP1] Why nothing further is sent out, of anybody or of this submitter, or null. The pages and the metrics show it. */
export function pausedBecause(state: CoordinatorState, party: string | null = null): string | null {
  if (state.isStopping) return "the coordinator is stopping";
  if (state.storeProblem !== null) return `the store does not accept writes: ${state.storeProblem}`;
  if (state.persistQueue.length >= STORE_PENDING_MAX) return "the store falls behind";
  if (state.numericsPending.size >= NUMERICS_PENDING_MAX) return "encoding, audits and decoding fall behind";
  return party === null ? null : behindWith(state, party);
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
  const held = new Set([...state.parties.keys()].filter((party) => behindWith(state, party) !== null));
  const running = atWork.filter(({ job }) => job.stored.state === "running" && !held.has(partyOf(job)));
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
    const next = leastServed(step.state, waiting);
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
  for (const { job, queue } of running) while (idle.size > 0 && queue.sendCopy?.(step, job, crowd) === true) sent++;
  return sent;
}

/** [DP2] Whoever has been served least goes first. */
function leastServed(state: CoordinatorState, waiting: Iterable<Waiting>): Waiting | null {
  const order = byTurns(state);
  let next: Waiting | null = null;
  for (const one of waiting) if (next === null || order(one.job, next.job) < 0) next = one;
  return next;
}

/**
 * [DP3] A further part of a job is opened when all of the open ones is out, or somebody idles who can take none of it, within
 * the byte limits. Of the bytes of all, a submitter that has some takes no more than its share.
 * @returns how many were opened
 */
function openParts(step: Step, { atWork, running }: InLine, somebodyIdles: boolean): number {
  const { state } = step;
  let opened = 0;
  let totalBytes = 0;
  const held = new Map<string, number>();
  for (const { job, queue } of atWork) {
    const bytes = queue.bytesInFlight(job);
    totalBytes += bytes;
    addTo(held, partyOf(job), bytes);
  }
  const order = byTurns(state);
  for (const { job, queue } of [...running].sort((a, b) => order(a.job, b.job))) {
    const party = partyOf(job);
    while (pausedBecause(state, party) === null) {
      const part = queue.nextPart(step, job, somebodyIdles);
      if (part === null) break;
      const { bytes } = part;
      const jobBytes = queue.bytesInFlight(job);
      // A single part is always let through: its size was checked when the job was submitted.
      if (jobBytes > 0 && jobBytes + bytes > BYTES_IN_FLIGHT_PER_JOB_MAX) break;
      if (totalBytes > 0 && totalBytes + bytes > BYTES_IN_FLIGHT_TOTAL_MAX) break;
      if (held.has(party) && bytes > roomFor(party, BYTES_IN_FLIGHT_TOTAL_MAX, held)) break;
      totalBytes += bytes;
      if (jobBytes === 0) levelWith(state, job, served(job, running));
      addTo(held, party, bytes);
      part.open();
      opened++;
    }
  }
  return opened;
}

/** Others that are being served. */
function served(job: Job, running: readonly Waiting[]): Job[] {
  const others = running.filter((other) => other.job !== job && other.queue.bytesInFlight(other.job) > 0);
  return others.map((other) => other.job);
}
