/** Which session is best for a piece of work that is done alone. SPEC.md DP5, DP8 and DP10. */
import { BATCH_AHEAD_MS_MAX } from "../../shared/protocol/limits.ts";
import { must } from "./assert.ts";
import type { Crowd } from "./core-kind.ts";
import { isReadyForWork, isResting, underWayAt } from "./idle-sessions.ts";
import { crowdMedianMs, expectedMsOf, overdueAtMs, predictMs, tripMsOf } from "./response-times.ts";
import type { CoordinatorState, Session } from "./state.ts";

/** Slower than so many medians of the crowd is slow: it may well be among those that a job does without. */
const SLOW_FACTOR = 2;

export function crowdOf(state: CoordinatorState): Crowd {
  const volunteers = new Set<string>();
  const float32 = new Set<string>();
  for (const session of state.sessions.values()) {
    if (!isReadyForWork(state, session)) continue;
    volunteers.add(session.volunteerId);
    if (session.precision === "float32") float32.add(session.volunteerId);
  }
  const medians = new Map<number, number | null>();
  return {
    volunteersReady: volunteers.size,
    float32Ready: float32.size,
    medianMs(work) {
      const known = medians.get(work);
      if (known !== undefined) return known;
      const median = crowdMedianMs(state, work);
      medians.set(work, median);
      return median;
    },
  };
}

export function countReadyVolunteers(state: CoordinatorState): number {
  return crowdOf(state).volunteersReady;
}

/** What is to be given to somebody, and to whom it may be given. */
export interface Wanted {
  /** Multiply-adds. */
  readonly work: number;
  /** Networks that have a part in it already. */
  readonly networks: ReadonlySet<string>;
  /** As many slow sessions are at work for the same as can be done without. */
  readonly isFullOfSlow: boolean;
  mayTake(session: Session): boolean;
}

/** Sessions to choose from, and how long so much work waits at each before it begins; null: it is not sent there. */
export interface Choice {
  readonly sessionIds: ReadonlySet<string>;
  waitMs(session: Session, work: number): number | null;
}

export function idleOnes({ idleSessions }: CoordinatorState): Choice {
  return { sessionIds: idleSessions, waitMs: () => 0 };
}

/** [DP10] Those who are at something else, and are expected to be through with it soon. */
export function soonIdleOnes(state: CoordinatorState, crowd: Crowd): Choice {
  return {
    sessionIds: state.soonIdleSessions,
    waitMs: (session, work) => (isSlowFor(session, work, crowd) ? null : aheadWaitMs(state, session, work)),
  };
}

/**
 * How long it is expected to wait behind what this session is at, less the way there and back that it saves; null: too long to be
 * sent ahead.
 */
function aheadWaitMs(state: CoordinatorState, session: Session, work: number): number | null {
  const before = underWayAt(state, session);
  if (before === null || before.startedMs === null) return null;
  const [ownMs, beforeMs] = [predictMs(session, work), expectedMsOf(session, before)];
  if (ownMs === null || beforeMs === null || Math.max(ownMs, beforeMs) > BATCH_AHEAD_MS_MAX) return null;
  if (overdueAtMs(session, before).overdueMs <= state.nowMs) return null;
  return Math.max(0, before.startedMs + beforeMs - state.nowMs) - tripMsOf(session);
}

/**
 * [DP5] Whoever is expected to answer first, an unmeasured one as the median of the crowd. [DP8] Before that, whoever is of no
 * network that has a part in it already; then whoever is not slow, where as many slow ones are at work for it as can be done
 * without.
 */
export function bestSession(state: CoordinatorState, wanted: Wanted, crowd: Crowd, choice: Choice): Session | null {
  const { work, networks, isFullOfSlow } = wanted;
  let best: Session | null = null;
  let bestRank: Rank = [Number.POSITIVE_INFINITY, 0, 0];
  for (const sessionId of choice.sessionIds) {
    const session = must(state.sessions.get(sessionId), "DP1: who may be sent work is connected");
    if (isResting(state, session)) continue;
    const waitMs = choice.waitMs(session, work);
    if (waitMs === null || !wanted.mayTake(session)) continue;
    const isNeighbour = session.addressGroup !== null && networks.has(session.addressGroup);
    const isSlow = isFullOfSlow && isSlowFor(session, work, crowd);
    const ownMs = predictMs(session, work) ?? crowd.medianMs(work) ?? 0;
    const rank: Rank = [isNeighbour ? 1 : 0, isSlow ? 1 : 0, waitMs + ownMs];
    if (!isBefore(rank, bestRank)) continue;
    best = session;
    bestRank = rank;
  }
  return best;
}

type Rank = readonly [neighbour: number, slow: number, expectedMs: number];

function isBefore(rank: Rank, other: Rank): boolean {
  if (rank[0] !== other[0]) return rank[0] < other[0];
  if (rank[1] !== other[1]) return rank[1] < other[1];
  return rank[2] < other[2];
}

export function isSlowFor(session: Session, work: number, crowd: Pick<Crowd, "medianMs">): boolean {
  const [own, median] = [predictMs(session, work), crowd.medianMs(work)];
  return own !== null && median !== null && own > SLOW_FACTOR * median;
}
