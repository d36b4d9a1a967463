/** Tabs that come, prove themselves, pause and go. SPEC.md SE rules. */
import { PROBE_MS_MAX } from "../../shared/protocol/limits.ts";
import { takeInvitation } from "../coded/core/run-lifecycle.ts";
import { dropShares } from "../coded/core/shares.ts";
import { slotOf, takeBackAhead, voidAssignment } from "./assignments.ts";
import { sawComing, sawLeaving } from "./crowd-seen.ts";
import { DIFFERENT_ANSWER } from "./different-answer.ts";
import type { PrecisionClass } from "./events.ts";
import { closeSessionFor, probeTimerOf, refreshIdle } from "./idle-sessions.ts";
import { volunteerOf } from "./reputation.ts";
import type { CoordinatorState, Session } from "./state.ts";
import { clearTimer, emit, type Step, setTimer } from "./step-context.ts";

const OTHER_ANSWER =
  "Your device gave a different answer to a known question. Try another back-end, for instance ?backend=wasm.";

export interface SessionOpening {
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly nickname: string;
  readonly team: string;
  readonly backend: string;
  readonly addressGroup: string | null;
  readonly invitationSha256: string | null;
}

/** [SE1] A session gets no work before it has answered a probe right; a quarantined volunteer's session never does. */
export function openSession(step: Step, opening: SessionOpening): void {
  const { state } = step;
  if (state.sessions.has(opening.sessionId)) return;
  const volunteer = volunteerOf(state, opening.volunteerId, opening);
  volunteer.sessionIds.add(opening.sessionId);
  sawComing(state, opening.volunteerId);
  const { team: _team, ...ofSession } = opening;
  const base = {
    ...ofSession,
    openedMs: step.nowMs,
    available: true,
    restsBetween: false,
    unanswered: new Set<number>(),
    shares: new Set<number>(),
    shareAnsweredMs: 0,
    lettingGo: new Map(),
    responses: [],
    tripsMs: [],
    failuresInRow: 0,
    verifiedAssignments: 0,
    lateAssignments: 0,
    recent: [],
  };
  if (opening.invitationSha256 !== null) takeInvitation(step, opening.volunteerId, opening.invitationSha256);
  if (volunteer.quarantine !== null) {
    state.sessions.set(opening.sessionId, { ...base, state: "quarantined" });
    emit(step, {
      type: "closeSession",
      sessionId: opening.sessionId,
      code: "wrong-answers",
      message: DIFFERENT_ANSWER,
    });
    return;
  }
  const probeTimerId = setTimer(step, step.nowMs + PROBE_MS_MAX, { kind: "probe", sessionId: opening.sessionId });
  state.sessions.set(opening.sessionId, { ...base, state: "probing", probeTimerId });
  emit(step, { type: "sendProbe", sessionId: opening.sessionId });
}

/** [SE5] Of the first known question or a later one. @param precision as measured; null where the known answer was wrong */
export function sessionProbed(step: Step, sessionId: string, precision: PrecisionClass | null): void {
  const session = step.state.sessions.get(sessionId);
  if (session === undefined || !clearProbe(step, session)) return;
  if (precision === null) return closeSessionFor(step, session, "wrong-answers", OTHER_ANSWER);
  const ready = readyWith(session, precision);
  step.state.sessions.set(sessionId, ready);
  step.state.seatsStale = true;
  refreshIdle(step.state, ready);
}

function readyWith(session: Session, precision: PrecisionClass): Session {
  if (session.state === "ready") return { ...session, precision, reprobeTimerId: null };
  const { probeTimerId: _probeTimerId, ...base } = session as Extract<Session, { state: "probing" }>;
  return { ...base, state: "ready", precision, reprobeTimerId: null };
}

/** @returns whether it had been asked a known question that it has not answered */
function clearProbe(step: Step, session: Session): boolean {
  const timerId = probeTimerOf(session);
  clearTimer(step, timerId);
  return timerId !== null;
}

export function probeTimedOut(step: Step, sessionId: string): void {
  const session = step.state.sessions.get(sessionId);
  if (session === undefined || !clearProbe(step, session)) return;
  closeSessionFor(step, session, "unresponsive", "Your device did not answer in time.");
}

export function setAvailability(step: Step, sessionId: string, available: boolean): void {
  const session = step.state.sessions.get(sessionId);
  if (session === undefined) return;
  session.available = available;
  if (!available && takeBackAhead(step, session)) session.restsBetween = true;
  step.state.seatsStale = true;
  refreshIdle(step.state, session);
}

/** [SE3] What a session that went away had not answered is at once to be sent to others. */
export function closeSession(step: Step, sessionId: string): void {
  const { state } = step;
  const session = state.sessions.get(sessionId);
  if (session === undefined) return;
  sawLeaving(state, session);
  clearProbe(step, session);
  // What was sent ahead first: nobody is told to drop what nobody is there to drop.
  for (const assignmentId of [...session.unanswered].reverse()) {
    const assignment = state.assignments.get(assignmentId);
    if (assignment === undefined) continue;
    const place = slotOf(state, assignment);
    place?.slot.attempts.delete(assignmentId);
    if (place) step.touched.set(place.round, place.job);
    voidAssignment(step, assignment, false);
  }
  for (const { timerId } of session.lettingGo.values()) clearTimer(step, timerId);
  dropShares(step, session);
  state.seatsStale = true;
  state.sessions.delete(sessionId);
  state.idleSessions.delete(sessionId);
  state.soonIdleSessions.delete(sessionId);
  forgetIfUnknown(state, session);
}

/** A key that connected and did nothing is not kept: anybody can make millions. */
function forgetIfUnknown(state: CoordinatorState, { sessionId, volunteerId, verifiedAssignments }: Session): void {
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  volunteer.sessionIds.delete(sessionId);
  const hasRecord = volunteer.auditsPassed + volunteer.auditsFailed + volunteer.creditAssignments > 0;
  // [VF11] Of a released one it stays known what it was released from.
  const isMarked = volunteer.quarantine !== null || volunteer.released !== null;
  const isRemembered = hasRecord || isMarked || volunteer.unansweredInRow > 0;
  if (isRemembered || verifiedAssignments > 0 || volunteer.sessionIds.size > 0) return;
  if (!isJudged(state, volunteerId)) state.volunteers.delete(volunteerId);
}

/** [VF3] Something that it sent is being audited, or stands in an open round: going does not save a liar from what is found. */
function isJudged(state: CoordinatorState, volunteerId: string): boolean {
  for (const pending of state.auditsPending.values()) {
    if (pending.volunteerId === volunteerId || pending.against?.volunteerId === volunteerId) return true;
  }
  for (const assignment of state.assignments.values()) if (assignment.volunteerId === volunteerId) return true;
  return false;
}
