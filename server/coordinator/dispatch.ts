/** Whose turn it is, and when nothing is sent at all. What is sent, and to whom it may go, each kind says itself. SPEC.md DP rules. */
import { addTo, roomFor } from "../../shared/control/shares.ts";
import { BYTES_IN_FLIGHT_TOTAL_MAX, NUMERICS_PENDING_MAX, STORE_PENDING_MAX } from "../../shared/protocol/limits.ts";
import type { Crowd, Sending, Step, WorkQueue } from "./core-kind.ts";
import { partyOf } from "./parties.ts";
import { crowdOf } from "./ranking.ts";
import type { CoordinatorState, Job } from "./state.ts";
import { kindOf } from "./step-context.ts";
import { behindWith, byTurns } from "./turns.ts";

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

/**
 * Sends assignments until nobody is idle, nothing is left to send, or something falls behind.
 * @returns whether anything was sent
 */
export function dispatch(step: Step): boolean {
  const { state } = step;
  if (state.sessions.size === 0 || pausedBecause(state) !== null) return false;
  // Whatever is sent, no job begins and none ends in here.
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
  const inFlight = new BytesInFlight(atWork);
  let sent = sendWaiting(step, running, inFlight, { mayGoAhead: false, crowd });
  if (state.crowd.turns.soonIdle.size > 0) sent += sendWaiting(step, running, inFlight, { mayGoAhead: true, crowd });
  return sent > 0;
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
function sendWaiting(step: Step, running: readonly Waiting[], inFlight: BytesInFlight, sending: Sending): number {
  const { state } = step;
  const { idle, soonIdle } = state.crowd.turns;
  const isAnybodyThere = () => idle.size + (sending.mayGoAhead ? soonIdle.size : 0) > 0;
  const waiting = new Set(running);
  let sent = 0;
  while (isAnybodyThere()) {
    const next = leastServed(state, waiting);
    if (next === null) break;
    const { job, queue } = next;
    // A job for which nobody is free, or no room, holds nobody up.
    if (!inFlight.hasRoomFor(next) || !queue.sendOne(step, job, sending)) waiting.delete(next);
    else {
      inFlight.sent(next);
      sent++;
    }
  }
  return sent;
}

/** [DP1] Bytes that assignments hold which are out: of all jobs, and of each submitter's. */
class BytesInFlight {
  readonly #ofParty = new Map<string, number>();
  readonly #ofJob = new Map<Job, number>();
  #total = 0;

  constructor(atWork: readonly Waiting[]) {
    for (const one of atWork) this.sent(one);
  }

  sent({ job, queue }: Waiting): void {
    const bytes = queue.bytesInFlight(job);
    const more = bytes - (this.#ofJob.get(job) ?? 0);
    this.#ofJob.set(job, bytes);
    this.#total += more;
    addTo(this.#ofParty, partyOf(job), more);
  }

  /** A submitter whose claims hold bytes gets no more than its share of all; one whose claims hold none always gets some. */
  hasRoomFor({ job }: Waiting): boolean {
    const party = partyOf(job);
    if ((this.#ofParty.get(party) ?? 0) === 0) return true;
    return this.#total < BYTES_IN_FLIGHT_TOTAL_MAX && roomFor(party, BYTES_IN_FLIGHT_TOTAL_MAX, this.#ofParty) > 0;
  }
}

/** [DP2] Whoever has been served least goes first. */
function leastServed(state: CoordinatorState, waiting: Iterable<Waiting>): Waiting | null {
  const order = byTurns(state);
  let next: Waiting | null = null;
  for (const one of waiting) if (next === null || order(one.job, next.job) < 0) next = one;
  return next;
}
