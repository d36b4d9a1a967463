/** The sessions of one volunteer: a few. */
import type { CoordinatorState, Session } from "./state.ts";

export function sessionsOf({ volunteers, sessions }: CoordinatorState, volunteerId: string): Session[] {
  const { sessionIds = [] } = volunteers.get(volunteerId) ?? {};
  return [...sessionIds].flatMap((sessionId) => sessions.get(sessionId) ?? []);
}
