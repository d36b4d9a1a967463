/** Whose turn it is at a model that tabs have failed at. SPEC.md AS4, AS12. */
import { isOutOfTurn } from "../../../coordinator/failed-models.ts";
import { isReadyForWork } from "../../../coordinator/idle-sessions.ts";
import { sessionsOf } from "../../../coordinator/sessions-of.ts";
import type { CoordinatorState, Session } from "../../../coordinator/state.ts";
import type { ModelJob } from "./job.ts";
import { backendOf } from "./model-classes.ts";

/** [AS4] [AS12] May it be sent work of that model of this job now? */
export function hasTurn(
  state: CoordinatorState,
  job: ModelJob,
  session: Session,
  modelSha256: string = job.stored.modelSha256,
): boolean {
  const { volunteerId } = session;
  if (isOutOfTurn(state, volunteerId, modelSha256)) return false;
  const { isPaused, by } = job.failing;
  return !isPaused || by.get(volunteerId) !== backendOf(session, modelSha256);
}

/** [AS12] The job is paused, and everybody who is ready has failed at it. */
export function isPausedFor(state: CoordinatorState, job: ModelJob, volunteersReady: number): boolean {
  const { isPaused, by } = job.failing;
  if (!isPaused) return false;
  let failed = 0;
  for (const volunteerId of by.keys()) {
    if (isOutOfTurn(state, volunteerId, job.stored.modelSha256)) continue;
    const own = sessionsOf(state, volunteerId).filter((session) => isReadyForWork(state, session));
    if (own.length > 0 && own.every((session) => !hasTurn(state, job, session))) failed++;
  }
  return failed >= volunteersReady;
}
