/** Who is sent what. SPEC.md DP rules. */
import {
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  BYTES_IN_FLIGHT_TOTAL_MAX,
  NUMERICS_PENDING_MAX,
  STORE_PENDING_MAX,
} from "../../shared/protocol/limits.ts";
import { groupsInRound, isRawWorker, roundBytes } from "../kinds/inference/core/inference-plan.ts";
import { reopenRound } from "../kinds/inference/core/redo.ts";
import { isWanted, openRound } from "../kinds/inference/core/rounds.ts";
import { mayGiveOpinion } from "../kinds/inference/core/second-opinions.ts";
import { closeWindow } from "../kinds/inference/core/streams.ts";
import { send } from "./assignments.ts";
import { aheadSessionFor, bestOf, type Crowd, countReadyVolunteers, crowdOf, sessionFor } from "./placement.ts";
import type { CoordinatorState, Job, Round, Session, Slot } from "./state.ts";
import type { Step } from "./step-context.ts";

/** Attempts at one worker index that may be out in time at once: the first, and one backup. */
const ATTEMPTS_IN_TIME_MAX = 2;

/** [DP1] Why nothing further is sent out, or null. The pages and the metrics show it. */
export function pausedBecause(state: CoordinatorState): string | null {
  if (state.isStopping) return "the coordinator is stopping";
  if (state.storeProblem !== null) return `the store does not accept writes: ${state.storeProblem}`;
  if (state.persistQueue.length >= STORE_PENDING_MAX) return "the store falls behind";
  if (state.numericsPending.size >= NUMERICS_PENDING_MAX) return "encoding, audits and decoding fall behind";
  return null;
}

export function bytesInFlight(job: Job): number {
  let bytes = 0;
  for (const round of job.openRounds.values()) bytes += round.bytes;
  return bytes;
}

/** Opens rounds and sends batches until nobody is idle, nothing is left to send, or something falls behind. */
export function dispatch(step: Step): void {
  const { state } = step;
  if (state.sessions.size === 0 || pausedBecause(state) !== null) return;
  const running = [...state.jobs.values()].filter((job) => job.stored.state === "running");
  if (running.length === 0) return;
  // Sending makes nobody ready or unready, nor faster: once for the whole crowd is enough, if anything is sent at all.
  let crowd: Crowd | null = null;
  const crowdOnce = () => {
    crowd ??= crowdOf(state);
    return crowd;
  };
  openRounds(step, running, false);
  sendWaiting(step, new Set(running), toIdle, crowdOnce);
  // What was sent may have been the last batch of an open round: the next one can be encoded meanwhile. And who is still
  // idle could take nothing of what is open: there may be something for it in the next round.
  openRounds(step, running, state.idleSessions.size > 0);
  if (state.soonIdleSessions.size === 0) return;
  sendWaiting(step, new Set(running), toIdleOrAhead, crowdOnce);
  openRounds(step, running, state.idleSessions.size > 0);
}

/** How whoever may be sent a batch is found. */
interface Sending {
  isAnybodyThere(state: CoordinatorState): boolean;
  readonly sessionFor: typeof sessionFor;
}

const toIdle: Sending = { isAnybodyThere: ({ idleSessions }) => idleSessions.size > 0, sessionFor };

/** [DP10] What no idle session can take is sent ahead, to whoever is soon through with another batch. */
const toIdleOrAhead: Sending = {
  isAnybodyThere: ({ idleSessions, soonIdleSessions }) => idleSessions.size + soonIdleSessions.size > 0,
  sessionFor(state, job, round, slot, crowd) {
    const idle = sessionFor(state, job, round, slot, crowd);
    return idle ?? (isFull(job, round) ? aheadSessionFor(state, job, round, slot, crowd) : null);
  },
};

/** [SM3] Of a stream whose tabs are all busy the next window gets larger, as long as the one before it is not gone. */
function isFull({ stream, plan }: Job, { groupCount }: Round): boolean {
  return stream === null || groupCount >= plan.groupsPerRound;
}

function sendWaiting(step: Step, waiting: Set<Job>, sending: Sending, crowd: () => Crowd): void {
  const { state } = step;
  while (sending.isAnybodyThere(state) && waiting.size > 0) {
    // [DP2] Whoever has been served least goes first; a job for which nobody is free holds nobody up.
    let next: Job | null = null;
    for (const job of waiting) if (next === null || job.servedWork < next.servedWork) next = job;
    if (!sendOne(step, next!, crowd, sending)) waiting.delete(next!);
  }
}

/**
 * [DP3] A further round is opened when all batches of the open ones are out, or somebody idles who can take none of them,
 * within the byte limits.
 */
function openRounds(step: Step, running: readonly Job[], somebodyIdles: boolean): void {
  const { state } = step;
  let totalBytes = 0;
  for (const job of state.jobs.values()) totalBytes += bytesInFlight(job);
  for (const job of [...running].sort((a, b) => a.servedWork - b.servedWork)) {
    while (
      job.openRounds.size < job.plan.roundsInFlight &&
      crowdProblem(state, job) === null &&
      pausedBecause(state) === null &&
      !hasRoundToSend(job, somebodyIdles)
    ) {
      const roundIndex = nextRound(step, job);
      if (roundIndex === null) break;
      const plan = job.schedule.planOf(roundIndex);
      const bytes = roundBytes(plan, job.stored, groupsInRound(plan, roundIndex));
      const jobBytes = bytesInFlight(job);
      // A single round is always let through: its size was checked when the job was submitted.
      if (jobBytes > 0 && jobBytes + bytes > BYTES_IN_FLIGHT_PER_JOB_MAX) break;
      if (totalBytes > 0 && totalBytes + bytes > BYTES_IN_FLIGHT_TOTAL_MAX) break;
      totalBytes += bytes;
      if (jobBytes === 0) levelWithOthers(job, running);
      if (job.toRedo.has(roundIndex)) reopenRound(step, job, roundIndex);
      else openRound(step, job, roundIndex);
    }
  }
}

/** [DP2] Who begins to be served, or begins again, does so level with the least served of those being served. */
function levelWithOthers(job: Job, running: readonly Job[]): void {
  const served = running.filter((other) => other !== job && other.openRounds.size > 0);
  if (served.length > 0)
    job.servedWork = Math.max(job.servedWork, Math.min(...served.map((other) => other.servedWork)));
}

/** What is to be done again comes before what was never done. After a restart some rounds are durable already. */
function nextRound(step: Step, job: Job): number | null {
  for (const roundIndex of job.toRedo) return roundIndex;
  while (job.finishedRounds.has(job.nextRoundIndex) || job.openRounds.has(job.nextRoundIndex)) job.nextRoundIndex++;
  if (job.nextRoundIndex < job.schedule.roundCount) return job.nextRoundIndex;
  return closeWindow(step, job);
}

/** Is an open round still to be encoded or sent? One whose rest nobody idle can take does not count for those who idle. */
function hasRoundToSend(job: Job, somebodyIdles: boolean): boolean {
  for (const round of job.openRounds.values()) {
    if (round.phase === "encoding" || (!somebodyIdles && round.slots.some((slot) => isUnsent(round, slot))))
      return true;
  }
  return false;
}

function isUnsent(round: Round, slot: Slot): boolean {
  return slot.accepted === null && slot.attempts.size === 0 && !isSpare(round, slot);
}

/** [ES4] In a round without parities their worker indices stay empty: who would have held them backs up who is lost. */
function isSpare(round: Round, slot: Slot): boolean {
  return !round.hasParities && !isRawWorker(round.plan, slot.workerIndex);
}

/** Why this job cannot begin a round with the present crowd, in a sentence, or null. */
export function crowdProblem(state: CoordinatorState, job: Job): string | null {
  const ready = countReadyVolunteers(state);
  if (ready === 0) return "waiting for tabs: none is connected and ready";
  const { needsDistinctVolunteers, scheme } = job.plan;
  if (needsDistinctVolunteers && ready < scheme.workerCount) {
    return `waiting for tabs: ${scheme.name} needs ${scheme.workerCount} different volunteers, ${ready} are ready`;
  }
  return null;
}

function sendOne(step: Step, job: Job, crowd: () => Crowd, sending: Sending): boolean {
  for (const round of job.openRounds.values()) {
    if (round.phase !== "gathering") continue;
    for (const slot of round.slots) {
      if (!needsSending(step.state, round, slot)) continue;
      const session = sending.sessionFor(step.state, job, round, slot, crowd());
      if (session === null) continue;
      send(step, job, round, slot, session, crowd());
      return true;
    }
  }
  return sendForOpinion(step, job, crowd);
}

/** [VF7] Second opinions are asked of whoever has nothing better to do. */
function sendForOpinion(step: Step, job: Job, crowd: () => Crowd): boolean {
  for (const round of job.openRounds.values()) {
    for (const workerIndex of round.opinionsWanted) {
      const slot = round.slots[workerIndex]!;
      if (slot.attempts.size > 0 || round.phase !== "gathering") continue;
      const isWelcome = (session: Session) => mayGiveOpinion(slot, session);
      const session = bestOf(step.state, job, round, slot, crowd(), isWelcome);
      if (session === null) continue;
      send(step, job, round, slot, session, crowd());
      return true;
    }
  }
  return false;
}

/**
 * [DP4] Before the first answers: whatever nobody has in time. After them, in an exact job: each query that was only
 * estimated goes out again at once, though the first tab may still answer; the first verified answer wins.
 */
function needsSending(state: CoordinatorState, round: Round, slot: Slot): boolean {
  if (slot.accepted !== null || isSpare(round, slot)) return false;
  let inTime = 0;
  for (const assignmentId of slot.attempts) {
    const attempt = state.assignments.get(assignmentId);
    if (attempt?.state === "auditing") return false;
    if (attempt?.state === "outstanding") inTime++;
  }
  if (round.decode.state === "running") return false;
  if (round.decode.state === "none") return inTime === 0;
  return isWanted(round, slot) && inTime < ATTEMPTS_IN_TIME_MAX && slot.attempts.size < ATTEMPTS_IN_TIME_MAX + 1;
}
