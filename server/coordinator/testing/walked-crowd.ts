/** What is kept of the crowd, found again by a walk over all sessions: tests and the simulator hold the one against the other. */
import { BATCH_AHEAD_MS_MAX } from "../../../shared/protocol/limits.ts";
import { ESTABLISHED_ROWS } from "../../../shared/verify/cross-checks/parameters.ts";
import { partnerWeight } from "../../../shared/verify/cross-checks/partners.ts";
import type { Crowd } from "../core-kind.ts";
import type { TabStanding } from "../crowd/crowd-kept.ts";
import { standingOf } from "../crowd/keep-crowd.ts";
import { isReadyForWork, isResting, underWayAt } from "../idle-sessions.ts";
import { isActive } from "../jobs.ts";
import { isSlowFor, type Wanted } from "../ranking.ts";
import { expectedMsOf, overdueAtMs, predictMs, tripMsOf } from "../response-times.ts";
import type { CoordinatorState, ReadySession, Session } from "../state.ts";

/** @returns one sentence for each thing that is kept wrongly */
export function wronglyKept(state: CoordinatorState): string[] {
  const { ready, idle, soonIdle } = state.crowd;
  const walked = [...state.sessions.values()].filter((session): session is ReadySession =>
    isReadyForWork(state, session),
  );
  const float32 = walked.filter(({ precision }) => precision === "float32");
  const groups = new Set(walked.flatMap(({ addressGroup }) => addressGroup ?? []));
  const counts = {
    sessions: [walked.length, ready.size],
    volunteers: [countVolunteers(walked), ready.volunteers],
    "float32 volunteers": [countVolunteers(float32), ready.float32Volunteers],
    "address groups": [groups.size, ready.addressGroups],
    "volunteers that choose": [
      countVolunteers(walked.filter(({ volunteerId }) => choiceOf(state, volunteerId) !== null)),
      state.crowd.choosers.size,
    ],
    "idle sessions": [takersAmong(state, state.crowd.turns.idle.keys()).length, idle.size],
    "soon idle sessions": [soonIdleTakers(state).length, soonIdle.size],
  };
  const wrong = Object.entries(counts).filter(([, [walk, kept]]) => walk !== kept);
  const unknown = walked.filter(
    ({ sessionId, volunteerId }) => !ready.has(sessionId) || !ready.hasVolunteer(volunteerId),
  );
  const missing = [
    ...takersAmong(state, state.crowd.turns.idle.keys()).filter(({ sessionId }) => idle.get(sessionId) === undefined),
    ...soonIdleTakers(state).filter(({ sessionId }) => soonIdle.get(sessionId) === undefined),
  ];
  const standing = walkedStandings(state);
  const miscounted = [...standing].filter(([label, count]) => state.crowd.standings.count(label) !== count);
  const located = float32
    .filter(({ addressGroup, sessionId }) => addressGroup !== null && state.crowd.impartial.has(sessionId))
    .map(({ volunteerId }) => volunteerId);
  const rowsOf = (id: string) => state.volunteers.get(id)?.rowsTaken ?? 0;
  const weights = new Map(located.map((id) => [id, partnerWeight(rowsOf(id), ESTABLISHED_ROWS)] as const));
  const misweighed = [...weights].filter(([id, weight]) => state.crowd.partners.weightOf(id) !== weight);
  const volunteers = [...state.volunteers.values()];
  const met = volunteers.filter(({ rowsTaken }) => rowsTaken > 0).length;
  const named = volunteers.filter(({ quarantine }) => quarantine !== null);
  const isNamedKept = named.every(({ volunteerId }) => state.crowd.named.has(volunteerId));
  const jobIds = new Map<string, number>();
  for (const { jobId } of state.assignments.values()) jobIds.set(jobId, (jobIds.get(jobId) ?? 0) + 1);
  const strayed = [...jobIds].filter(([jobId, count]) => state.assignments.ofJob(jobId).length !== count);
  const lost = [...state.assignments.values()].filter(({ volunteerId }) => !state.assignments.hasAnyOf(volunteerId));
  const atWork = [...state.jobs.values()].filter(isActive).map(({ stored }) => stored.jobId);
  const partial = walked.filter(
    ({ sessionId, volunteerId }) => state.crowd.impartial.has(sessionId) && choiceOf(state, volunteerId) !== null,
  );
  return [
    ...partial
      .filter(({ volunteerId }) => state.volunteers.get(volunteerId)?.isAdmitted !== true)
      .map(({ sessionId }) => `[WC3] session ${sessionId} chose, and is kept as impartial`),
    ...miscounted.map(([label, count]) => `[DP1] ${count} sessions are ${label}, another number is counted`),
    ...(state.crowd.standings.size === state.sessions.size ? [] : ["[DP1] sessions are counted that are not there"]),
    ...misweighed.map(([id, weight]) => `[CC5] ${id} is to be drawn with weight ${weight}, and is not`),
    ...(weights.size === state.crowd.partners.size ? [] : ["[CC5] others may be drawn than are there"]),
    ...(met === state.crowd.met ? [] : [`[CC6] ${met} volunteers were met, ${state.crowd.met} are counted`]),
    ...(isNamedKept && named.length === state.crowd.named.size ? [] : ["[VF3] others are named than are kept so"]),
    ...lost.map(({ assignmentId }) => `[AS3] assignment ${assignmentId} is not found by its volunteer`),
    ...strayed.map(([jobId, count]) => `[AS3] job ${jobId} has ${count} assignments, and others are found by it`),
    ...([...state.jobsAtWork.keys()].join() === atWork.join() ? [] : ["[JB2] other jobs are at work than are kept so"]),
    ...wrong.map(([what, [walk, kept]]) => `[DP1] ${walk} ${what} are ready by a walk, ${kept} by what is kept`),
    ...[...unknown, ...missing].map(({ sessionId }) => `[DP1] session ${sessionId} is ready, and not kept`),
  ];
}

function choiceOf({ volunteers }: CoordinatorState, volunteerId: string) {
  return volunteers.get(volunteerId)?.choice ?? null;
}

function walkedStandings(state: CoordinatorState): Map<TabStanding, number> {
  const counts = new Map<TabStanding, number>();
  for (const session of state.sessions.values()) {
    const standing = standingOf(state, session);
    counts.set(standing, (counts.get(standing) ?? 0) + 1);
  }
  return counts;
}

function countVolunteers(sessions: readonly Session[]): number {
  return new Set(sessions.map(({ volunteerId }) => volunteerId)).size;
}

function takersAmong(state: CoordinatorState, sessionIds: Iterable<string>): Session[] {
  const sessions = [...sessionIds].flatMap((sessionId) => state.sessions.get(sessionId) ?? []);
  return sessions.filter((session) => !isResting(state, session));
}

function soonIdleTakers(state: CoordinatorState): Session[] {
  return takersAmong(state, state.crowd.turns.soonIdle.keys()).filter((session) => {
    const before = underWayAt(state, session);
    return before !== null && overdueAtMs(session, before).overdueMs > state.nowMs;
  });
}

/** Whom bestSession is to choose: every session is looked at, in the order in which they became idle. */
export function bestByWalk(
  state: CoordinatorState,
  { work, precision, mayTake }: Wanted,
  crowd: Crowd,
  which: "idle" | "soonIdle",
): Session | null {
  let [best, leastMs]: [Session | null, number] = [null, Number.POSITIVE_INFINITY];
  const candidates = which === "idle" ? takersAmong(state, state.crowd.turns.idle.keys()) : soonIdleTakers(state);
  for (const session of candidates) {
    const isOfClass = session.state === "ready" && (precision === undefined || session.precision === precision);
    if (!isOfClass) continue;
    const expectedMs =
      which === "idle" ? (predictMs(session, work) ?? crowd.medianMs(work) ?? 0) : aheadMs(state, session, work, crowd);
    if (expectedMs === null || !mayTake(session) || expectedMs >= leastMs) continue;
    [best, leastMs] = [session, expectedMs];
  }
  return best;
}

function aheadMs(state: CoordinatorState, session: Session, work: number, crowd: Crowd): number | null {
  const before = underWayAt(state, session);
  const [ownMs, beforeMs] = [predictMs(session, work), before && expectedMsOf(session, before)];
  if (before === null || before.startedMs === null || ownMs === null || beforeMs === null) return null;
  if (Math.max(ownMs, beforeMs) > BATCH_AHEAD_MS_MAX || isSlowFor(session, work, crowd)) return null;
  return Math.max(0, before.startedMs + beforeMs - state.nowMs) - tripMsOf(session) + ownMs;
}
