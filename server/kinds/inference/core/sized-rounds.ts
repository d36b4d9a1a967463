/**
 * Rounds of several sizes: a tab computes batches of those that suit its speed, and takes a batch of another size only where none of its own is
 * left. Pure. SPEC.md DP12.
 */
import type { Takers } from "../../../coordinator/crowd/takers.ts";
import { paceMsOf } from "../../../coordinator/response-times.ts";
import type { CoordinatorState, Session } from "../../../coordinator/state.ts";
import type { PrecisionClass } from "../../../coordinator/words.ts";
import { batchWork } from "./inference-plan.ts";
import { type InferenceJob, type Round, type Slot, slotRows } from "./job.ts";
import { openRoundsOf } from "./round-facts.ts";
import { type RoundPart, roundSizeOf } from "./round-schedule.ts";
import { BATCH_MS_MAX, roundsInFlightFor } from "./round-size.ts";

/** The size that suits a session: the largest whose batch it is expected to answer soon; nobody knows of it: the smallest. */
export function ownSize(job: InferenceJob, session: Session): number {
  return sizeOfPace(job, paceMsOf(session));
}

/** @param paceMs that a multiply-add takes. The larger it is, the smaller is the size, counted from the largest */
function sizeOfPace({ schedule, stored }: InferenceJob, paceMs: number): number {
  const { parts } = schedule;
  const isSoon = ({ groupsPerRound }: RoundPart) => paceMs * batchWork(stored, groupsPerRound) <= BATCH_MS_MAX;
  const own = parts.findIndex(isSoon);
  return own < 0 ? parts.length - 1 : own;
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
 * Who may hold a slot of that round, as far as speed goes. Where other sizes that suit a tab better have rounds left it takes those. What a tab was
 * lost with, or nobody whom it suits came for, is anybody's who is fast enough.
 */
export interface SizeRule {
  /** May a tab of that pace have it? Of those whom one size suits nobody may who is slower than one that may not, unless nothing is known of it. */
  allows(paceMs: number): boolean;
  /** May any of them? It is found out without a look at each. @param precision those of that class; null: of any */
  allowsSomeOf(takers: Takers, precision: PrecisionClass | null): boolean;
}

/** [VF7] Of a second opinion, which no tab gives that would be at it longer than the rest of the job takes. @returns null: it is anybody's */
export function opinionRule(state: CoordinatorState, job: InferenceJob, round: Round, slot: Slot): SizeRule | null {
  if (job.schedule.parts.length === 1) return null;
  const allows = throughInTime(state, job, slotRows(round, slot));
  return {
    allows,
    allowsSomeOf: (takers, precision) =>
      [anyPace, isUnknown].some((which) => isAllowed(takers.leastPaceWhere(precision, which), allows)),
  };
}

/** @returns null: it is anybody's, as what has a result is. It holds until something of the job, or of who is at it, changes */
export function whomItSuits(state: CoordinatorState, job: InferenceJob, round: Round, slot: Slot): SizeRule | null {
  const { parts } = job.schedule;
  if (slot.accepted !== null || parts.length === 1 || openRoundsOf(state, job).haveComeToAStop) return null;
  if (slot.attempts.size > 0 && isNothingLeft(job)) {
    const allows = fasterThanHolders(state, job, round, slot);
    return {
      allows,
      allowsSomeOf: (takers, precision) => isAllowed(takers.leastPaceWhere(precision, anyPace), allows),
    };
  }
  const isWorthWhile = worthWhile(state, job, slotRows(round, slot));
  const isOwns = parts.map((_, own) => isForOwn(state, job, round, slot, own));
  const allows = (paceMs: number) => isWorthWhile(paceMs) && isOwns[sizeOfPace(job, paceMs)] === true;
  const allowsFastestOf = (takers: Takers, precision: PrecisionClass | null, own: number) =>
    isAllowed(
      takers.leastPaceWhere(precision, (paceMs) => sizeOfPace(job, paceMs) >= own),
      allows,
    );
  return {
    allows,
    allowsSomeOf: (takers, precision) =>
      isOwns.some((isOwn, own) => isOwn && allowsFastestOf(takers, precision, own)) ||
      isAllowed(takers.leastPaceWhere(precision, isUnknown), allows),
  };
}

const anyPace = () => true;

function isUnknown(paceMs: number): boolean {
  return paceMs === Number.POSITIVE_INFINITY;
}

function isAllowed(paceMs: number | null, allows: SizeRule["allows"]): boolean {
  return paceMs !== null && allows(paceMs);
}

/** Is it for tabs whom that size suits, if they are fast enough? */
function isForOwn(state: CoordinatorState, job: InferenceJob, round: Round, slot: Slot, own: number): boolean {
  const size = roundSizeOf(job, round.roundIndex);
  if (own === size) return true;
  if (own < size && (slot.tried.size > 0 || isLeftOver(state, job, round))) return true;
  const sizes = sizesFor(job, own);
  return sizes.slice(0, sizes.indexOf(size)).every((better) => !isLeft(state, job, better));
}

/** Is a round of that size open that whoever idles could take a batch of? It may be encoded still. */
export function hasUntouchedRound(state: CoordinatorState, job: InferenceJob, size: number): boolean {
  return openRoundsOf(state, job).hasUntouched(size);
}

/** Is there a batch of that size which nobody has begun? */
function isLeft(state: CoordinatorState, job: InferenceJob, size: number): boolean {
  return freshRound(job, size) !== null || openRoundsOf(state, job).hasUnbegun(size);
}

/** Of a job whose rounds have several sizes: all of them have been opened. */
export function isNothingLeft(job: InferenceJob): boolean {
  const { parts } = job.schedule;
  return parts.length > 1 && job.rests.size === 0 && parts.every((_, size) => freshRound(job, size) === null);
}

/** [ES5] Every round has been opened, and of a stream every query that came is in one. */
export function isAllOut(job: InferenceJob): boolean {
  const { schedule, openRounds, finishedRounds, toRedo, stream } = job;
  if (toRedo.size > 0 || (stream?.waiting.length ?? 0) > 0) return false;
  return openRounds.size + finishedRounds.size === schedule.roundCount;
}

/**
 * [ES5] A copy takes at most so many times as long as the batch's own tab still needs: where all tabs are as fast, few are sent at the end of a
 * job, and where there are fewer batches than tabs each gets one.
 */
const COPY_TIMES_MAX = 1.25;

/** [ES5] Who may hold a copy, as far as speed goes: nobody whose answer would come long after that of whoever is at it, unless nothing is known of it. */
export function copyRule(state: CoordinatorState, job: InferenceJob, round: Round, slot: Slot): SizeRule {
  const work = batchWork(job.stored, slotRows(round, slot));
  const leftMs = leastMsLeft(state, slot, work);
  const allows = (paceMs: number) => isUnknown(paceMs) || paceMs * work <= COPY_TIMES_MAX * leftMs;
  return {
    allows,
    allowsSomeOf: (takers, precision) =>
      [anyPace, isUnknown].some((which) => isAllowed(takers.leastPaceWhere(precision, which), allows)),
  };
}

/** Would a tab of that pace answer in half the time that those who are at it are expected to need still? */
function fasterThanHolders(
  state: CoordinatorState,
  { stored }: InferenceJob,
  round: Round,
  slot: Slot,
): SizeRule["allows"] {
  const work = batchWork(stored, slotRows(round, slot));
  const leastMs = leastMsLeft(state, slot, work);
  return (paceMs) => leastMs >= 2 * (paceMs * work);
}

/** How long those who are at it are expected to need still, the quickest of them; infinite: nothing is known of them. */
function leastMsLeft({ assignments, sessions, nowMs }: CoordinatorState, slot: Slot, work: number): number {
  let leastMs = Number.POSITIVE_INFINITY;
  for (const assignmentId of slot.attempts) {
    const attempt = assignments.get(assignmentId);
    const holder = attempt?.state === "outstanding" ? sessions.get(attempt.sessionId) : undefined;
    if (attempt === undefined || holder === undefined) continue;
    leastMs = Math.min(leastMs, (attempt.startedMs ?? nowMs) + paceMsOf(holder) * work - nowMs);
  }
  return leastMs;
}

/**
 * A batch that takes long is not begun where the rest of the job would be done before, and somebody whom it takes less is at a batch: that one, or
 * whoever is faster still, takes it.
 */
function worthWhile(state: CoordinatorState, job: InferenceJob, batchRows: number): SizeRule["allows"] {
  const isInTime = throughInTime(state, job, batchRows);
  const { fastestMs } = openRoundsOf(state, job);
  return (paceMs) => isInTime(paceMs) || fastestMs >= paceMs / 2;
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
  return job.schedule.parts.length === 1 || throughInTime(state, job, batchRows)(paceMsOf(session));
}

function throughInTime(state: CoordinatorState, job: InferenceJob, batchRows: number): SizeRule["allows"] {
  const work = batchWork(job.stored, batchRows);
  const mostMs = Math.max(BATCH_MS_MAX, leftMs(state, job));
  return (paceMs) => isUnknown(paceMs) || paceMs * work <= mostMs;
}

/** How long what nobody has begun yet would take, at the pace at which results were taken in so far. */
function leftMs(state: CoordinatorState, job: InferenceJob): number {
  const { schedule, nextRounds, pace, plan } = job;
  if (pace === null || pace.rowsTaken === 0) return Number.POSITIVE_INFINITY;
  let rows = openRoundsOf(state, job).unbegunRows;
  schedule.parts.forEach(({ endRound, groupsPerRound }, size) => {
    rows += Math.max(0, endRound - (nextRounds[size] ?? 0)) * groupsPerRound * plan.scheme.queryCount;
  });
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
  const rounds = openRoundsOf(state, job);
  if (rounds.size >= openRoundsMax(state, job) || rounds.haveComeToAStop) return true;
  const size = roundSizeOf(job, roundIndex);
  return freshRound(job, size) === null || (rounds.lastOf(size) ?? roundIndex) > roundIndex;
}
