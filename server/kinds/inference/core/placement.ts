/** Who may hold which worker index of a round. SPEC.md DP5 to DP10. */
import { standsHalfPrecision } from "../../../../shared/verify/sensitivity.ts";
import type { Crowd } from "../../../coordinator/core-kind.ts";
import { bestSession, type Choice, idleOnes, soonIdleOnes } from "../../../coordinator/ranking.ts";
import type { CoordinatorState, Session } from "../../../coordinator/state.ts";
import { workOf } from "./batches.ts";
import { isLookedAt } from "./confirmations.ts";
import { isRawWorker } from "./inference-plan.ts";
import type { InferenceJob, Round, Slot } from "./job.ts";
import { type FitCrowd, fitCrowd, isUnfit } from "./model-classes.ts";
import { workersSent } from "./spares.ts";

/** The best idle session for a batch; whoever tried it before only where nobody is at it any more and nobody else is free. */
export function sessionFor(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  crowd: Crowd,
): Session | null {
  const untried = bestOf(state, job, round, slot, crowd, isUntried(state, slot));
  if (untried !== null || slot.attempts.size > 0) return untried;
  return bestOf(state, job, round, slot, crowd, () => true);
}

/** [DP10] Of those who are at another batch the one that is expected to answer this one first; null: it waits for an idle one. */
export function aheadSessionFor(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  crowd: Crowd,
): Session | null {
  return bestOf(state, job, round, slot, crowd, isUntried(state, slot), soonIdleOnes(state, crowd));
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

/** [DP8] As many slow ones as its code can do without are enough for a round. */
export function bestOf(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  crowd: Crowd,
  isWelcome: (session: Session) => boolean,
  choice: Choice = idleOnes(state),
): Session | null {
  const { networks, slowCount } = companyOf(state, round, slot);
  // Of nobody who is welcome nothing is asked.
  let fit: FitCrowd | null = null;
  const wanted = {
    work: workOf(job, round, slot.workerIndex),
    networks,
    isFullOfSlow: slowCount >= round.plan.scheme.parameters.stragglerCount,
    mayTake(session: Session) {
      if (!isWelcome(session) || isUnfit(state, job, session)) return false;
      fit ??= fitCrowd(state, job, crowd);
      return mayTake(state, job, round, slot, session, fit);
    },
  };
  return bestSession(state, wanted, crowd, choice);
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
function mayTake(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  session: Session,
  crowd: FitCrowd,
): boolean {
  if (isLookedAt(job, session.volunteerId) || (isHalf(session) && !takesHalfPrecision(job))) return false;
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
function isExactEnough({ plan }: Round, slot: Slot, session: Session, { float32Ready }: FitCrowd): boolean {
  if (!isHalf(session) || !plan.endsExact || !isRawWorker(plan, slot.workerIndex)) return true;
  return float32Ready < plan.scheme.queryCount;
}

function isHalf(session: Session): boolean {
  return session.state === "ready" && session.precision === "float16";
}

/** [DP11] May devices that store half-precision numbers compute for this job? Its model may make too much of their rounding. */
export function takesHalfPrecision({ stored, refusesHalf }: InferenceJob): boolean {
  if (refusesHalf) return false;
  return stored.sensitivity === null || stored.unchecked !== null || standsHalfPrecision(stored.sensitivity);
}
