/** [JB2] What keeps connected tabs from work, as whoever waits for them is told. */
import type { SeenTab, TabPresence } from "../../shared/protocol/why-no-tab.ts";
import { isReadyForWork, isResting } from "./idle-sessions.ts";
import type { CoordinatorState, Session } from "./state.ts";

export function* seenTabs(state: CoordinatorState): Generator<SeenTab, undefined> {
  for (const session of state.sessions.values())
    yield { volunteerId: session.volunteerId, presence: presenceOf(state, session) };
}

export function presenceOf(state: CoordinatorState, session: Session): TabPresence {
  if (session.state !== "ready") return session.state;
  if (session.pointedTo !== null) return "elsewhere";
  if (isResting(state, session)) return "silent";
  const { available, away } = session;
  if (!available) return away === "resting" ? "here" : (away ?? "paused");
  return isReadyForWork(state, session) ? "here" : "elsewhere";
}

/** Does the session rest for some seconds between batches, as its volunteer's intensity wants it? It is not away. */
export function restsBetweenBatches({ state, available, away }: Session): boolean {
  return state === "ready" && !available && away === "resting";
}
