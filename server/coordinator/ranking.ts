/** Which session is best for a piece of work that is done alone. SPEC.md DP5 and DP10. */
import { BATCH_AHEAD_MS_MAX } from "../../shared/protocol/limits.ts";
import { must } from "./assert.ts";
import type { Crowd } from "./core-kind.ts";
import { isBefore } from "./crowd/ordered-list.ts";
import type { Course, Placed, TakerChoice, Takers } from "./crowd/takers.ts";
import { underWayAt } from "./idle-sessions.ts";
import { crowdMedianMs, expectedMsOf, predictMs, tripMsOf } from "./response-times.ts";
import type { CoordinatorState, Session } from "./state.ts";
import type { PrecisionClass } from "./words.ts";

/** Slower than so many medians of the crowd is slow: it may well be among those that a job does without. */
const SLOW_FACTOR = 2;

export function crowdOf(state: CoordinatorState): Crowd {
  const { ready } = state.crowd;
  const medians = new Map<number, number | null>();
  return {
    volunteersReady: ready.volunteers,
    float32Ready: ready.float32Volunteers,
    medianMs(work) {
      const known = medians.get(work);
      if (known !== undefined) return known;
      const median = crowdMedianMs(state, work);
      medians.set(work, median);
      return median;
    },
  };
}

export function countReadyVolunteers({ crowd }: CoordinatorState): number {
  return crowd.ready.volunteers;
}

/** What is to be given to somebody, and to whom it may be given. */
export interface Wanted {
  /** Multiply-adds. */
  readonly work: number;
  /** Sessions of that class alone; absent: of any. */
  readonly precision?: PrecisionClass;
  /** [WC1] Whose choice lets the job in. */
  takes(choice: TakerChoice | null): boolean;
  /** Few that the class and the choice above let through are refused here: each of them is looked at. */
  mayTake(session: Session): boolean;
  /** After so many refusals in one order it is for nobody now; absent: few are refused. */
  readonly refusalsMax?: number;
}

/** Sessions to choose from, in the orders of their two keys (crowd/takers.ts). */
export interface Choice {
  readonly takers: Takers;
  /** Until it is expected to have answered so much work; null: it is not sent there. */
  expectedMs(session: Session, work: number): number | null;
  /** What nobody falls below who comes from there on in the order of that key. */
  readonly boundMs: Readonly<Record<Course[number]["of"], (key: number, work: number) => number>>;
  /** After so many that may take it the best of them is taken. */
  readonly looksMax: number;
}

/** Their keys are their medians: of the times of their latest answers, and of those times a multiply-add. */
export function idleOnes({ crowd }: CoordinatorState, { medianMs }: Pick<Crowd, "medianMs">): Choice {
  const typicalMs = (work: number) => medianMs(work) ?? 0;
  return {
    takers: crowd.idle,
    expectedMs: (session, work) => predictMs(session, work) ?? typicalMs(work),
    boundMs: {
      first: (ms) => ms,
      second: (msPerMac, work) => msPerMac * work,
      unmeasured: (_, work) => typicalMs(work),
    },
    looksMax: Number.POSITIVE_INFINITY,
  };
}

/** Orders of who is at something bound less tightly, where batches of jobs differ much: so many are looked at, and not all. */
const SOON_IDLE_LOOKS_MAX = 64;

/** [DP10] Those who are at something else, and are expected to be through with it soon. */
export function soonIdleOnes(state: CoordinatorState, crowd: Crowd): Choice {
  return {
    takers: state.crowd.soonIdle,
    expectedMs(session, work) {
      const waitMs = isSlowFor(session, work, crowd) ? null : aheadWaitMs(state, session, work);
      return waitMs === null ? null : waitMs + (predictMs(session, work) ?? 0);
    },
    boundMs: {
      first: (throughAtMs) => throughAtMs - state.nowMs,
      second: (ownMs) => ownMs,
      unmeasured: () => Number.POSITIVE_INFINITY,
    },
    looksMax: SOON_IDLE_LOOKS_MAX,
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
  return Math.max(0, before.startedMs + beforeMs - state.nowMs) - tripMsOf(session);
}

/**
 * [DP5] Whoever is expected to answer first, an unmeasured one as the median of the crowd; of two who are expected at the same time the one
 * that has idled longer.
 */
export function bestSession(state: CoordinatorState, wanted: Wanted, choice: Choice): Session | null {
  const { precision = null, takes } = wanted;
  return bestAmong(state, wanted, choice, choice.takers.courses(takes, precision));
}

interface Met {
  readonly session: Session;
  readonly key: number;
  readonly turn: number;
}

/** One step in each order of a course in turn, until what comes next in one of them cannot be better than the best that was met. */
function bestAmong(
  state: CoordinatorState,
  { work, mayTake, refusalsMax = Number.POSITIVE_INFINITY }: Wanted,
  { expectedMs, boundMs, looksMax }: Choice,
  courses: readonly Course[],
): Session | null {
  let best: Met | null = null;
  let looks = 0;
  let refusals = 0;
  const seen = new Set<string>();
  const look = ({ sessionId, turn }: Placed): void => {
    if (seen.has(sessionId)) return;
    seen.add(sessionId);
    const session = must(state.sessions.get(sessionId), "DP1: who may be sent work is connected");
    const key = expectedMs(session, work);
    const isBetter = key !== null && (best === null || isBefore({ key, turn }, best));
    if (isBetter && !mayTake(session)) {
      refusals++;
      return;
    }
    if (isBetter) best = { session, key, turn };
    looks++;
  };
  const isThrough = (course: Course): boolean => {
    for (const { of, entries } of course) {
      const { value: next } = entries.next();
      if (next === undefined || looks >= looksMax || refusals >= refusalsMax) return true;
      if (best !== null && isBefore(best, { key: boundMs[of](next.key, work), turn: next.turn })) return true;
      look(next);
    }
    return false;
  };
  for (const course of courses) while (!isThrough(course));
  return (best as Met | null)?.session ?? null;
}

export function isSlowFor(session: Session, work: number, crowd: Pick<Crowd, "medianMs">): boolean {
  const [own, median] = [predictMs(session, work), crowd.medianMs(work)];
  return own !== null && median !== null && own > SLOW_FACTOR * median;
}
