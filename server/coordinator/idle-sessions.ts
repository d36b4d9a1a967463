import type { CoordinatorState, Session } from "./state.ts";

/** Keeps the set of sessions that may be sent work in step with the session. */
export function refreshIdle(state: CoordinatorState, session: Session): void {
  const isFree = session.unanswered.size === 0 && session.lettingGo.size === 0;
  const idle = session.state === "ready" && session.available && isFree;
  if (idle && state.sessions.has(session.sessionId)) state.idleSessions.add(session.sessionId);
  else state.idleSessions.delete(session.sessionId);
}
