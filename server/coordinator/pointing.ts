/** [CE8] Tabs of a coordinator that has more than its share of them go to one that has less. */
import { POINTED_AT_WORK_MAX, POINTING_EVERY_MS } from "../../shared/protocol/limits.ts";
import type { CellLoad } from "../store/store.ts";
import { takeBackAhead } from "./assignments.ts";
import { closeSessionFor } from "./close-session.ts";
import type { Step } from "./core-kind.ts";
import { refreshCrowd } from "./crowd/keep-crowd.ts";
import { isActive } from "./jobs.ts";
import { tabsToPoint } from "./pointing-shares.ts";
import type { CoordinatorState, Session } from "./state.ts";
import { kindOf } from "./step-context.ts";

const MORE_TO_DO = "Another coordinator of this service has more to do.";

/** What this coordinator tells the others of itself. */
export function ownLoad(state: CoordinatorState): Omit<CellLoad, "name"> {
  const { standings } = state.crowd;
  const here = standings.count("probing") + standings.count("working") + standings.count("idle");
  // [DP2] What takes its turns as one is one job.
  const jobs = new Set([...state.jobsAtWork.values()].filter(isActive).map(({ turns }) => turns)).size;
  return { jobs, tabs: here - state.pointed.size };
}

export function pointSessions(step: Step, others: readonly CellLoad[]): void {
  const { state, nowMs } = step;
  if (state.isStopping || nowMs - state.pointedMs < POINTING_EVERY_MS || keepsItsTabs(step)) return;
  const moves = tabsToPoint(ownLoad(state), others);
  if (moves.size === 0) return;
  state.pointedMs = nowMs;
  const sessions = goingFirst(state);
  for (const [cell, count] of moves) {
    for (let n = 0; n < count; n++) {
      const session = sessions.next().value;
      if (session === undefined) return;
      point(step, session, cell);
    }
  }
}

/** A job that seats its volunteers would have to deal its data out anew. */
function keepsItsTabs(step: Step): boolean {
  return [...step.state.jobsAtWork.values()].some((job) => kindOf(step, job).queue === null);
}

/** Those that hold nothing, the longest idle first; then some of those at work. Nobody who came for a job, or chooses. */
function* goingFirst(state: CoordinatorState): Generator<Session, undefined> {
  const idle = [...state.crowd.turns.idle.keys()];
  for (const sessionId of idle) {
    const session = state.sessions.get(sessionId);
    if (session !== undefined && mayGo(state, session)) yield session;
  }
  for (const session of state.sessions.values()) {
    if (state.pointed.size >= POINTED_AT_WORK_MAX) return;
    if (mayGo(state, session)) yield session;
  }
}

function mayGo(state: CoordinatorState, session: Session): boolean {
  const { invitationSha256, pointedTo, volunteerId, sessionId } = session;
  const volunteer = state.volunteers.get(volunteerId);
  const isReady = pointedTo === null && state.crowd.ready.has(sessionId);
  return isReady && invitationSha256 === null && volunteer?.choice === null;
}

function point(step: Step, session: Session, cell: string): void {
  session.pointedTo = cell;
  takeBackAhead(step, session);
  step.state.isCrowdChanged = true;
  refreshCrowd(step.state, session);
  step.state.pointed.add(session.sessionId);
}

/** Whoever has answered what it held, or never held anything, goes. */
export function sendOnTheirWay(step: Step): void {
  const { state } = step;
  for (const sessionId of state.pointed) {
    const session = state.sessions.get(sessionId);
    if (session !== undefined && session.holds.size > 0) continue;
    state.pointed.delete(sessionId);
    if (session !== undefined) closeSessionFor(step, session, "elsewhere", MORE_TO_DO, session.pointedTo ?? undefined);
  }
}
