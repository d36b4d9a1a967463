/** Which session gets a batch. SPEC.md DP5 to DP10. */
import { BATCH_AHEAD_MS_MAX } from "../../shared/protocol/limits.ts";
import { batchWork, isRawWorker, modelIndexOf } from "../kinds/inference/core/inference-plan.ts";
import { workersSent } from "../kinds/inference/core/spares.ts";
import { isReadyForWork, isResting, underWayAt } from "./idle-sessions.ts";
import { crowdMedianMs, expectedMsOf, overdueAtMs, predictMs, tripMsOf } from "./response-times.ts";
import type { CoordinatorState, Job, Round, Session, Slot } from "./state.ts";

/** Slower than so many medians of the crowd is slow: it may well be among the S that a round does without. */
const SLOW_FACTOR = 2;

/** Facts of the crowd that stay the same while work is sent out. */
export interface Crowd {
  /** Volunteers with a session that is ready for work. */
  readonly volunteersReady: number;
  /** Of them, those with one that computes in float32. */
  readonly float32Ready: number;
  /** Milliseconds that the median of the crowd takes for a batch of so much work; null: nothing is measured. */
  medianMs(work: number): number | null;
}

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

/** The best idle session for a batch; whoever tried it before only where nobody is at it any more and nobody else is free. */
export function sessionFor(state: CoordinatorState, job: Job, round: Round, slot: Slot, crowd: Crowd): Session | null {
  const untried = bestOf(state, job, round, slot, crowd, isUntried(state, slot));
  if (untried !== null || slot.attempts.size > 0) return untried;
  return bestOf(state, job, round, slot, crowd, () => true);
}

/** Of no volunteer that was at it, or has it in hand: what was sent ahead counts as if it had begun. */
function isUntried(state: CoordinatorState, slot: Slot): (session: Session) => boolean {
  return ({ volunteerId }) => !slot.tried.has(volunteerId) && !isHeldBy(state, slot, volunteerId);
}

/** Is one of its attempts this volunteer's? */
function isHeldBy({ assignments }: CoordinatorState, { attempts }: Slot, volunteerId: string): boolean {
  for (const assignmentId of attempts) if (assignments.get(assignmentId)?.volunteerId === volunteerId) return true;
  return false;
}

/** [DP10] Of those who are at another batch the one that is expected to answer this one first; null: it waits for an idle one. */
export function aheadSessionFor(
  state: CoordinatorState,
  job: Job,
  round: Round,
  slot: Slot,
  crowd: Crowd,
): Session | null {
  return bestOf(state, job, round, slot, crowd, isUntried(state, slot), {
    sessionIds: state.soonIdleSessions,
    waitMs: (session, work) => (isSlowFor(session, work, crowd) ? null : aheadWaitMs(state, session, work)),
  });
}

/**
 * How long a batch is expected to wait behind the one that this session is at, less the way there and back that it saves; null: too
 * long to be sent ahead.
 */
function aheadWaitMs(state: CoordinatorState, session: Session, work: number): number | null {
  const before = underWayAt(state, session);
  if (before === null || before.startedMs === null) return null;
  const [ownMs, beforeMs] = [predictMs(session, work), expectedMsOf(session, before)];
  if (ownMs === null || beforeMs === null || Math.max(ownMs, beforeMs) > BATCH_AHEAD_MS_MAX) return null;
  if (overdueAtMs(session, before).overdueMs <= state.nowMs) return null;
  return Math.max(0, before.startedMs + beforeMs - state.nowMs) - tripMsOf(session);
}

/** Sessions to choose from, and how long a batch of so much work waits at each before it begins; null: it is not sent there. */
interface Choice {
  readonly sessionIds: ReadonlySet<string>;
  waitMs(session: Session, work: number): number | null;
}

/**
 * [DP5] Whoever is expected to answer first, an unmeasured one as the median of the crowd. [DP8] Before that, whoever is of no
 * network that is in the round already; then whoever is not slow, where as many slow ones are at work for the round as its code
 * can do without.
 */
export function bestOf(
  state: CoordinatorState,
  job: Job,
  round: Round,
  slot: Slot,
  crowd: Crowd,
  isWelcome: (session: Session) => boolean,
  choice: Choice = { sessionIds: state.idleSessions, waitMs: () => 0 },
): Session | null {
  const work = batchWork(job.stored, round.groupCount, modelIndexOf(round.plan, slot.workerIndex));
  const company = companyOf(state, round, slot);
  const isFullOfSlow = company.slowCount >= round.plan.scheme.parameters.stragglerCount;
  let best: Session | null = null;
  let bestRank = [Number.POSITIVE_INFINITY, 0, 0];
  for (const sessionId of choice.sessionIds) {
    const session = state.sessions.get(sessionId)!;
    if (isResting(state, session) || !isWelcome(session)) continue;
    const waitMs = choice.waitMs(session, work);
    if (waitMs === null || !mayTake(state, round, slot, session, crowd)) continue;
    const isNeighbour = session.addressGroup !== null && company.networks.has(session.addressGroup);
    const isSlow = isFullOfSlow && isSlowFor(session, work, crowd);
    const ownMs = predictMs(session, work) ?? crowd.medianMs(work) ?? 0;
    const rank = [isNeighbour ? 1 : 0, isSlow ? 1 : 0, waitMs + ownMs];
    if (!isBefore(rank, bestRank)) continue;
    best = session;
    bestRank = rank;
  }
  return best;
}

function isBefore(rank: readonly number[], other: readonly number[]): boolean {
  const first = rank.findIndex((value, place) => value !== other[place]);
  return first >= 0 && rank[first]! < other[first]!;
}

export function isSlowFor(session: Session, work: number, crowd: Pick<Crowd, "medianMs">): boolean {
  const [own, median] = [predictMs(session, work), crowd.medianMs(work)];
  return own !== null && median !== null && own > SLOW_FACTOR * median;
}

/** Networks with a part in the other worker indices of a round, and how many slow sessions are at work for them. */
function companyOf(state: CoordinatorState, round: Round, slot: Slot): { networks: Set<string>; slowCount: number } {
  const networks = new Set<string>();
  let slowCount = 0;
  for (const other of round.slots) {
    if (other === slot) continue;
    if (other.accepted?.addressGroup != null) networks.add(other.accepted.addressGroup);
    for (const assignmentId of other.attempts) {
      const attempt = state.assignments.get(assignmentId);
      if (attempt === undefined) continue;
      if (attempt.addressGroup !== null) networks.add(attempt.addressGroup);
      if (attempt.isSlow && other.accepted === null) slowCount++;
    }
  }
  return { networks, slowCount };
}

/**
 * [DP6] One volunteer, one worker index of a round, so that one slow or lying tab costs one result. Where checks do not
 * depend on it, a volunteer takes a second one if the crowd is smaller than the code, or to back up a lost one.
 */
function mayTake(state: CoordinatorState, round: Round, slot: Slot, session: Session, crowd: Crowd): boolean {
  if (!isExactEnough(round, slot, session, crowd)) return false;
  // An opinion is another's by its own rule, whatever else it holds of the round.
  if (slot.accepted !== null) return true;
  const { volunteerId } = session;
  const isBackup = round.decode.state === "published";
  const isCrowdSmall = crowd.volunteersReady < workersSent(round.plan, round.hasParities);
  if (!round.plan.needsDistinctVolunteers && (isBackup || isCrowdSmall)) return true;
  return !round.slots.some(
    (other) => (other !== slot && other.accepted?.volunteerId === volunteerId) || isHeldBy(state, other, volunteerId),
  );
}

/**
 * [DP9] What an exact job ends with is not computed in half precision, as long as there are float32 volunteers for a whole group;
 * where there are not, such batches are recomputed in full.
 */
function isExactEnough({ plan }: Round, slot: Slot, session: Session, { float32Ready }: Crowd): boolean {
  const isHalf = session.state === "ready" && session.precision === "float16";
  if (!isHalf || !plan.endsExact || !isRawWorker(plan, slot.workerIndex)) return true;
  return float32Ready < plan.scheme.queryCount;
}
