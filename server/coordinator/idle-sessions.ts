/** What sessions are at, and which of them may be sent work. SPEC.md SE, DP7 and DP10. */
import { BATCH_AHEAD_MS_MAX } from "../../shared/protocol/limits.ts";
import type { Assignment, CoordinatorState, ReadySession, Session } from "./state.ts";

export function isIdle(state: CoordinatorState, session: Session): boolean {
  return session.holds.size === 0 && takesWork(state, session);
}

/**
 * [DP10] Known, at one assignment that is in time, its latest answer did not take long, and it does not rest so long after each
 * that it says so: it may be sent one more, ahead.
 */
export function isSoonIdle(state: CoordinatorState, session: Session): boolean {
  if (session.holds.size !== 1 || underWayAt(state, session)?.state !== "outstanding") return false;
  const latest = session.responses.at(-1);
  const isQuick = latest !== undefined && latest.ms <= BATCH_AHEAD_MS_MAX && !session.restsBetween;
  return isQuick && takesWork(state, session);
}

/** It is ready and available, owes no answer to a known question, and is here. */
function takesWork(state: CoordinatorState, session: Session): boolean {
  const isReady = isWilling(session) && probeTimerOf(session) === null;
  return isReady && worksHere(state, session) && state.sessions.has(session.sessionId);
}

/** The assignment that its tab is at alone, by what is known here; null: none. */
export function underWayAt(state: CoordinatorState, session: Session): Assignment | null {
  return aloneAt(state, session, ({ startedMs }) => startedMs !== null);
}

/** The one that was sent ahead to it and waits behind another; null: none. */
export function aheadAt(state: CoordinatorState, session: Session): Assignment | null {
  return aloneAt(state, session, ({ startedMs }) => startedMs === null);
}

function aloneAt(
  state: CoordinatorState,
  session: Session,
  isIt: (assignment: Assignment) => boolean,
): Assignment | null {
  for (const assignmentId of session.holds) {
    const assignment = state.assignments.get(assignmentId);
    if (assignment === undefined || assignment.queueing !== "alone" || assignment.state === "dropped") continue;
    if (isIt(assignment)) return assignment;
  }
  return null;
}

/** What its tab is at alone, by what is known here: [AS8] also what it was told to drop, and has not let go of; null: nothing. */
function tabIsAt({ assignments }: CoordinatorState, { holds }: Session): Assignment | null {
  for (const assignmentId of holds) {
    const assignment = assignments.get(assignmentId);
    if (assignment?.queueing === "alone" && assignment.startedMs !== null) return assignment;
  }
  return null;
}

/** For how long it has been at that, and its multiply-adds; null: it is at nothing. */
export function workSoFar(
  state: CoordinatorState,
  session: Session,
  nowMs: number,
): { readonly ms: number; readonly work: number } | null {
  const { startedMs, work } = tabIsAt(state, session) ?? { startedMs: null, work: 0 };
  return startedMs === null ? null : { ms: Math.max(0, nowMs - startedMs), work };
}

/** Is an answer waited for, of something that it does alone? */
export function isAtWorkAlone(state: CoordinatorState, session: Session): boolean {
  return aloneAt(state, session, () => true) !== null;
}

/** Of the known question that it has been asked and has not answered; null: of none. */
export function probeTimerOf(session: Session): number | null {
  if (session.state === "probing") return session.probeTimerId;
  return session.state === "ready" ? session.reprobeTimerId : null;
}

/** Its volunteer took work and did not answer: it is sent nothing for a while. */
export function isResting(state: CoordinatorState, { volunteerId }: Session): boolean {
  return (state.volunteers.get(volunteerId)?.restsUntilMs ?? 0) > state.nowMs;
}

/** It wants work of this coordinator, and has shown that it can do it. */
function isWilling({ state, available, pointedTo }: Session): boolean {
  return state === "ready" && available && pointedTo === null;
}

/** [CE8] It is at home here, or chose projects of which it may have come for the jobs that are here. */
function worksHere(state: CoordinatorState, session: Session): boolean {
  return session.home === null || choseProjects(state, session);
}

/** [CE8] It chose projects, or was invited to a job that is here. */
export function cameForWorkHere(state: CoordinatorState, session: Session): boolean {
  return session.invitation === "yours" || choseProjects(state, session);
}

function choseProjects({ volunteers }: CoordinatorState, { volunteerId }: Session): boolean {
  return volunteers.get(volunteerId)?.choice?.projects != null;
}

/** It has proved itself, takes work here, and does not rest: whether it is busy is another matter. */
export function isReadyForWork(state: CoordinatorState, session: Session): session is ReadySession {
  return isReadyForSeat(state, session) && worksHere(state, session);
}

/** [CE8] The same, wherever it is at home: a job that seats its volunteers keeps them. */
export function isReadyForSeat(state: CoordinatorState, session: Session): session is ReadySession {
  return isWilling(session) && !isResting(state, session);
}
