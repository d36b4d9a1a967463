import type { CloseCode } from "./effects.ts";
import type { CoordinatorState, Session } from "./state.ts";
import { emit, type Step } from "./step-context.ts";

/** Keeps the set of sessions that may be sent work in step with the session. */
export function refreshIdle(state: CoordinatorState, session: Session): void {
  const isFree = session.unanswered.size === 0 && session.lettingGo.size === 0 && session.shares.size === 0;
  const idle = session.state === "ready" && session.reprobeTimerId === null && session.available && isFree;
  if (idle && state.sessions.has(session.sessionId)) state.idleSessions.add(session.sessionId);
  else state.idleSessions.delete(session.sessionId);
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

/** It has proved itself, takes work, and does not rest: whether it is busy is another matter. */
export function isReadyForWork(
  state: CoordinatorState,
  session: Session,
): session is Extract<Session, { state: "ready" }> {
  return session.state === "ready" && session.available && !isResting(state, session);
}

/** Tells the tab why and closes it. Until it is gone it gets nothing more. */
export function closeSessionFor(step: Step, session: Session, code: CloseCode, message: string): void {
  session.available = false;
  step.state.seatsStale = true;
  refreshIdle(step.state, session);
  emit(step, { type: "closeSession", sessionId: session.sessionId, code, message });
}
