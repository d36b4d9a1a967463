/** Keeps what is known of the crowd in step with its sessions: called wherever a session, or whether its volunteer rests, changes. */
import { BATCH_AHEAD_MS_MAX } from "../../../shared/protocol/limits.ts";
import type { WorkChoice } from "../../../shared/protocol/messages.ts";
import { ESTABLISHED_ROWS } from "../../../shared/verify/cross-checks/parameters.ts";
import { partnerWeight } from "../../../shared/verify/cross-checks/partners.ts";
import { isImpartial } from "../choice-rules.ts";
import { isIdle, isReadyForSeat, isReadyForWork, isResting, isSoonIdle, underWayAt } from "../idle-sessions.ts";
import { expectedMsOf, msPerWork, overdueAtMs, predictMs, tripMsOf } from "../response-times.ts";
import { sessionsOf } from "../sessions-of.ts";
import type { Assignment, CoordinatorState, Session, Volunteer } from "../state.ts";
import { restsBetweenBatches } from "../tabs-seen.ts";
import type { CrowdKept, TabStanding } from "./crowd-kept.ts";
import { nextTurnMs, takerChoiceOf } from "./taker-choice.ts";
import type { TakerKeys } from "./takers.ts";

export function refreshCrowd(state: CoordinatorState, session: Session): void {
  const { crowd } = state;
  const { sessionId, volunteerId } = session;
  const isHere = state.sessions.has(sessionId);
  // [CE8] A stray may be seated in a run that was here before it strayed, and counts for nothing else.
  const isReady = isHere && isReadyForWork(state, session);
  if (isReady) crowd.ready.keep(session);
  else crowd.ready.drop(sessionId);
  const volunteer = state.volunteers.get(volunteerId);
  const isAtHome = isReady && session.home === null;
  if (isAtHome && (volunteer === undefined || isImpartial(volunteer, oldestFor(state, volunteer))))
    crowd.impartial.keep(session);
  else crowd.impartial.drop(sessionId);
  weighPartner(state, volunteerId);
  crowd.choosers.keep(volunteerId, choiceOf(state, session), crowd.ready.standing(volunteerId));
  crowd.standings.set(sessionId, isHere ? standingOf(state, session) : null);
  noteSeatable(state, session, isHere && isReadyForSeat(state, session));
  keepTurns(state, session);
}

/** [CE8] [GJ1] Runs hear of strays too: one that was invited to a job that is here takes its seat, wherever it is at home. */
function noteSeatable({ crowd }: CoordinatorState, { sessionId, volunteerId }: Session, isSeatable: boolean): void {
  if (crowd.seatable.has(sessionId) === isSeatable) return;
  if (isSeatable) crowd.seatable.add(sessionId);
  else crowd.seatable.delete(sessionId);
  crowd.changed.add(volunteerId);
}

/** As refreshCrowd, where nothing has changed but what the session holds, or how fast it is. */
export function refreshTurns(state: CoordinatorState, session: Session): void {
  const { sessionId, volunteerId } = session;
  // [WC3] What it chose may have ended since it was looked at.
  if (state.volunteers.get(volunteerId)?.choseUntilMs != null) return refreshCrowd(state, session);
  state.crowd.standings.set(sessionId, state.sessions.has(sessionId) ? standingOf(state, session) : null);
  keepTurns(state, session);
}

function keepTurns(state: CoordinatorState, session: Session): void {
  const { pointedTo, available, holds, sessionId } = session;
  if (pointedTo !== null && available && holds.size === 0 && state.sessions.has(sessionId)) state.going.add(sessionId);
  keepTaker(state, session, "idle", isIdle(state, session) ? idleKeys(session) : undefined);
  const soonIdle = isSoonIdle(state, session) ? soonIdleKeys(state, session) : undefined;
  keepTaker(state, session, "soonIdle", soonIdle);
}

function choiceOf({ volunteers }: CoordinatorState, { volunteerId }: Session): WorkChoice | null {
  return volunteers.get(volunteerId)?.choice ?? null;
}

/** When the oldest job at work was submitted; null: none is, or it does not matter. */
function oldestFor({ jobsAtWork }: CoordinatorState, { choseUntilMs }: Volunteer): number | null {
  if (choseUntilMs === null || jobsAtWork.size === 0) return null;
  return Math.min(...[...jobsAtWork.values()].map(({ stored }) => stored.submittedMs));
}

export function standingOf(state: CoordinatorState, session: Session): TabStanding {
  if (session.state !== "ready") return session.state;
  const isWorking = [...session.holds].some((id) => isWaitedFor(state.assignments.get(id)));
  if (isWorking) return "working";
  if (session.available) return "idle";
  return restsBetweenBatches(session) ? "resting" : "paused";
}

/** What was done alone and is dropped is waited for by nobody; a share is, until it is let go of. */
function isWaitedFor(assignment: Assignment | undefined): boolean {
  return assignment !== undefined && !(assignment.queueing === "alone" && assignment.state === "dropped");
}

/** [CC5] By its address, and by rows taken in as far as they count in any job. [WC3] Whoever chooses is not drawn. */
export function weighPartner(state: CoordinatorState, volunteerId: string): void {
  const { rowsTaken = 0 } = state.volunteers.get(volunteerId) ?? {};
  state.crowd.partners.set(volunteerId, drawnAt(state, volunteerId), partnerWeight(rowsTaken, ESTABLISHED_ROWS));
}

/** The address group of a session of its that may check rows; null: it has none. */
function drawnAt(state: CoordinatorState, volunteerId: string): string | null {
  const { impartial } = state.crowd;
  for (const session of sessionsOf(state, volunteerId)) {
    const isFine = session.state === "ready" && session.precision === "float32";
    if (isFine && session.addressGroup !== null && impartial.has(session.sessionId)) return session.addressGroup;
  }
  return null;
}

/** [AS7] Its sessions are sent nothing before that. */
export function restUntil(state: CoordinatorState, volunteer: Volunteer, untilMs: number): void {
  volunteer.restsUntilMs = untilMs;
  state.crowd.resting.set(volunteer.volunteerId, untilMs > state.nowMs ? untilMs : null);
  refreshSessionsOf(state, volunteer.volunteerId);
}

/** [AS4] It has lost a turn, or has one back. */
export function turnsChanged(state: CoordinatorState, volunteer: Volunteer): void {
  state.crowd.outOfTurn.set(volunteer.volunteerId, nextTurnMs(volunteer, state.nowMs));
  refreshSessionsOf(state, volunteer.volunteerId);
}

/**
 * Time has passed: who has rested enough, and what is overdue by now.
 * @returns whether it is so of anybody
 */
export function timePassed(state: CoordinatorState): boolean {
  const { resting, outOfTurn, overdue } = state.crowd;
  let isAnybody = false;
  for (let next = outOfTurn.take(state.nowMs); next !== null; next = outOfTurn.take(state.nowMs)) {
    isAnybody = true;
    const volunteer = state.volunteers.get(next);
    if (volunteer !== undefined) turnsChanged(state, volunteer);
  }
  for (let next = resting.take(state.nowMs); next !== null; next = resting.take(state.nowMs)) {
    isAnybody = true;
    refreshSessionsOf(state, next);
  }
  for (let next = overdue.take(state.nowMs); next !== null; next = overdue.take(state.nowMs)) {
    isAnybody = true;
    const session = state.sessions.get(next);
    if (session !== undefined) refreshCrowd(state, session);
  }
  return isAnybody;
}

function refreshSessionsOf(state: CoordinatorState, volunteerId: string): void {
  for (const session of sessionsOf(state, volunteerId)) refreshCrowd(state, session);
}

/** @param keys null: it is one of them, and not measured; undefined: it is none of them */
function keepTaker(
  state: CoordinatorState,
  session: Session,
  which: keyof CrowdKept["turns"],
  keys: TakerKeys | null | undefined,
): void {
  const { crowd } = state;
  const { sessionId } = session;
  const [turns, takers] = [crowd.turns[which], crowd[which]];
  if (keys === undefined || session.state !== "ready") {
    turns.delete(sessionId);
    takers.drop(sessionId);
    if (which === "soonIdle") crowd.overdue.set(sessionId, null);
    return;
  }
  const turn = turns.get(sessionId) ?? crowd.nextTurn++;
  turns.set(sessionId, turn);
  const isOverdue = which === "soonIdle" && !watchOverdue(state, session);
  const { precision } = session;
  const choice = takerChoiceOf(state, session.volunteerId);
  if (isResting(state, session) || isOverdue) takers.drop(sessionId);
  else takers.keep({ sessionId, precision, choice, keys }, turn);
}

/** [AS10] @returns whether it is in time */
function watchOverdue(state: CoordinatorState, session: Session): boolean {
  const before = underWayAt(state, session);
  const overdueMs = before === null ? state.nowMs : overdueAtMs(session, before).overdueMs;
  const isInTime = overdueMs > state.nowMs;
  state.crowd.overdue.set(session.sessionId, isInTime ? overdueMs : null);
  return isInTime;
}

/** A batch takes at least the median of the times, and at least the median of the times a multiply-add times its size. */
function idleKeys(session: Session): TakerKeys | null {
  const [first, second] = [predictMs(session, 0), msPerWork(session)];
  return first === null || second === null ? null : { first, second };
}

/** When it can have answered one more, as far as its usual time says, and how long that takes less the way there and back. */
function soonIdleKeys(state: CoordinatorState, session: Session): TakerKeys | undefined {
  const before = underWayAt(state, session);
  const [ownMs, beforeMs] = [predictMs(session, 0), before && expectedMsOf(session, before)];
  if (before === null || before.startedMs === null || ownMs === null || beforeMs === null) return undefined;
  // No batch would be sent ahead to it: of those who are slow now and then there may be a whole crowd.
  if (Math.max(ownMs, beforeMs) > BATCH_AHEAD_MS_MAX) return undefined;
  const second = ownMs - tripMsOf(session);
  return { first: before.startedMs + beforeMs + second, second };
}
