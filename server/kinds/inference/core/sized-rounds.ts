/**
 * Rounds of several sizes: a tab computes batches of those that suit its speed, and takes a batch of another size only where none of its own is
 * left. Pure. SPEC.md DP12.
 */
import { msPerWork } from "../../../coordinator/response-times.ts";
import type { CoordinatorState, Session } from "../../../coordinator/state.ts";
import { batchWork, groupsInRound, isRawWorker } from "./inference-plan.ts";
import { type InferenceJob, type Round, type Slot, slotRows } from "./job.ts";
import type { RoundPart } from "./round-schedule.ts";
import { BATCH_MS_MAX, roundsInFlightFor } from "./round-size.ts";

/** Which of the job's sizes a round has, counted from the largest; [SL3] a rest has the least that is no smaller. */
export function roundSizeOf({ schedule }: Pick<InferenceJob, "schedule">, roundIndex: number): number {
  if (roundIndex >= (schedule.parts.at(-1)?.endRound ?? 0)) {
    const rows = groupsInRound(schedule.planOf(roundIndex), roundIndex);
    return Math.max(
      0,
      schedule.parts.findLastIndex(({ groupsPerRound }) => groupsPerRound >= rows),
    );
  }
  return schedule.parts.findLastIndex(({ firstRound }) => firstRound <= roundIndex);
}

/** The size that suits a session: the largest whose batch it is expected to answer soon; nobody knows of it: the smallest. */
export function ownSize({ schedule, stored }: InferenceJob, session: Session): number {
  const { parts } = schedule;
  const macMs = msPerWorkNow(session);
  const isSoon = ({ groupsPerRound }: RoundPart) => macMs * batchWork(stored, groupsPerRound) <= BATCH_MS_MAX;
  const own = parts.findIndex(isSoon);
  return own < 0 ? parts.length - 1 : own;
}

/** By its median, or by its latest answer where that took longer: a tab that has become slow is not asked for much. */
function msPerWorkNow(session: Session): number {
  const [usualMs, latest] = [msPerWork(session), session.responses.at(-1)];
  if (usualMs === null || latest === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(usualMs, latest.ms / latest.work);
}

/** The first round of that size that was never opened; null: all were. After a restart some are durable already. */
export function freshRound(job: InferenceJob, size: number): number | null {
  const { nextRounds, finishedRounds, openRounds, schedule } = job;
  const part = schedule.parts[size];
  if (part === undefined) return null;
  let next = nextRounds[size] ?? part.firstRound;
  while (finishedRounds.has(next) || openRounds.has(next)) next++;
  nextRounds[size] = next;
  return next < part.endRound ? next : null;
}

/** Which sizes a tab would take batches of, the one that it takes first in front: its own, then smaller ones, then larger ones. */
export function sizesFor({ schedule }: Pick<InferenceJob, "schedule">, own: number): number[] {
  const sizes = [...schedule.parts.keys()];
  return [...sizes.slice(own), ...sizes.slice(0, own).reverse()];
}

/**
 * May this session hold a slot of that round, as far as its speed goes? Where other sizes that suit it better have rounds left it takes those. What
 * a tab was lost with, or nobody whom it suits came for, is anybody's who is fast enough.
 */
export function suitsSize(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  session: Session,
): boolean {
  if (job.schedule.parts.length === 1 || hasComeToAStop(job)) return true;
  const [size, own] = [roundSizeOf(job, round.roundIndex), ownSize(job, session)];
  if (slot.attempts.size > 0 && isNothingLeft(job)) return isFasterThanHolders(state, job, round, slot, session);
  if (!isWorthWhile(state, job, slotRows(round, slot), session)) return false;
  if (own === size) return true;
  if (own < size && (slot.tried.size > 0 || isLeftOver(state, job, round))) return true;
  const sizes = sizesFor(job, own);
  return sizes.slice(0, sizes.indexOf(size)).every((better) => !isLeft(job, better));
}

/** Open rounds, as they were opened; of several sizes the largest in front, which suit the fewest. */
export function largestFirst(job: InferenceJob): Iterable<Round> {
  const { openRounds, schedule } = job;
  if (schedule.parts.length === 1) return openRounds.values();
  return [...openRounds.values()].sort((a, b) => roundSizeOf(job, a.roundIndex) - roundSizeOf(job, b.roundIndex));
}

/** Is a round of that size open that whoever idles could take a batch of? It may be encoded still. */
export function hasUntouchedRound(job: InferenceJob, size: number): boolean {
  for (const { roundIndex, slots } of job.openRounds.values()) {
    const isUntouched = slots.every(({ accepted, attempts }) => accepted === null && attempts.size === 0);
    if (isUntouched && roundSizeOf(job, roundIndex) === size) return true;
  }
  return false;
}

/** Whatever suits whom, something goes on: nobody is at a batch of its open rounds any more. */
function hasComeToAStop({ openRounds }: InferenceJob): boolean {
  let hasBegun = false;
  for (const { slots } of openRounds.values()) {
    if (slots.some(({ attempts }) => attempts.size > 0)) return false;
    hasBegun ||= slots.some(({ tried }) => tried.size > 0);
  }
  return hasBegun;
}

/** Is there a batch of that size which nobody has begun? */
function isLeft(job: InferenceJob, size: number): boolean {
  if (freshRound(job, size) !== null) return true;
  for (const round of job.openRounds.values()) {
    if (roundSizeOf(job, round.roundIndex) === size && round.slots.some((slot) => isUnbegun(round, slot))) return true;
  }
  return false;
}

/** Rows of it answer queries, and nobody is at them. */
function isUnbegun({ plan }: Round, { accepted, attempts, workerIndex }: Slot): boolean {
  return accepted === null && attempts.size === 0 && isRawWorker(plan, workerIndex);
}

/** Of a job whose rounds have several sizes: all of them have been opened. */
export function isNothingLeft(job: InferenceJob): boolean {
  const { parts } = job.schedule;
  return parts.length > 1 && job.rests.size === 0 && parts.every((_, size) => freshRound(job, size) === null);
}

/** Would it answer in half the time that those who are at it are expected to need still? */
function isFasterThanHolders(
  { assignments, sessions, nowMs }: CoordinatorState,
  { stored }: InferenceJob,
  round: Round,
  slot: Slot,
  session: Session,
): boolean {
  const { attempts } = slot;
  const work = batchWork(stored, slotRows(round, slot));
  const ownMs = msPerWorkNow(session) * work;
  for (const assignmentId of attempts) {
    const attempt = assignments.get(assignmentId);
    const holder = attempt?.state === "outstanding" ? sessions.get(attempt.sessionId) : undefined;
    if (attempt === undefined || holder === undefined) continue;
    const expectedMs = (attempt.startedMs ?? nowMs) + msPerWorkNow(holder) * work - nowMs;
    if (!(expectedMs >= 2 * ownMs)) return false;
  }
  return true;
}

/**
 * A batch that takes long is not begun where the rest of the job would be done before, and somebody whom it takes less is at a batch: that one, or
 * whoever is faster still, takes it.
 */
function isWorthWhile(state: CoordinatorState, job: InferenceJob, batchRows: number, session: Session): boolean {
  if (isThroughInTime(state, job, batchRows, session)) return true;
  const macMs = msPerWorkNow(session);
  for (const { slots } of job.openRounds.values()) {
    for (const { attempts } of slots) {
      for (const assignmentId of attempts) {
        const attempt = state.assignments.get(assignmentId);
        const holder = attempt?.state === "outstanding" ? state.sessions.get(attempt.sessionId) : undefined;
        if (holder !== undefined && msPerWorkNow(holder) < macMs / 2) return false;
      }
    }
  }
  return true;
}

/**
 * Of a job whose rounds have several sizes: is a batch of that round soon answered by this session, or before the rest of the job is done? Nothing
 * is known of who has not answered yet.
 */
export function isThroughInTime(
  state: CoordinatorState,
  job: InferenceJob,
  batchRows: number,
  session: Session,
): boolean {
  if (job.schedule.parts.length === 1) return true;
  const expectedMs = msPerWorkNow(session) * batchWork(job.stored, batchRows);
  return !Number.isFinite(expectedMs) || expectedMs <= BATCH_MS_MAX || expectedMs <= leftMs(state, job);
}

/** How long what nobody has begun yet would take, at the pace at which results were taken in so far. */
function leftMs(state: CoordinatorState, { schedule, nextRounds, openRounds, pace, plan }: InferenceJob): number {
  if (pace === null || pace.rowsTaken === 0) return Number.POSITIVE_INFINITY;
  let rows = 0;
  schedule.parts.forEach(({ endRound, groupsPerRound }, size) => {
    rows += Math.max(0, endRound - (nextRounds[size] ?? 0)) * groupsPerRound * plan.scheme.queryCount;
  });
  for (const round of openRounds.values()) {
    for (const slot of round.slots) if (isUnbegun(round, slot)) rows += slotRows(round, slot);
  }
  return ((state.nowMs - pace.sinceMs) * rows) / pace.rowsTaken;
}

/** [DP3] How many of its rounds may be open: of each size one more than where there is one size. */
export function openRoundsMax({ crowd }: CoordinatorState, { plan, schedule }: InferenceJob): number {
  return plan.roundsInFlight || roundsInFlightFor(crowd.ready.size, schedule.parts.length);
}

/**
 * Of rounds of several sizes: is a later one of the same size open, or can none be opened any more? Then whoever this one suits had the choice, and
 * took the other, or has none.
 */
export function isLeftOver(state: CoordinatorState, job: InferenceJob, { roundIndex }: Round): boolean {
  if (job.schedule.parts.length === 1) return false;
  if (job.openRounds.size >= openRoundsMax(state, job) || hasComeToAStop(job)) return true;
  const size = roundSizeOf(job, roundIndex);
  if (freshRound(job, size) === null) return true;
  for (const other of job.openRounds.keys()) if (other > roundIndex && roundSizeOf(job, other) === size) return true;
  return false;
}
