/** Who may hold which worker index of a round. SPEC.md DP5 to DP10. */
import { standsHalfPrecision } from "../../../../shared/verify/sensitivity.ts";
import { isChosenBy, takesJob } from "../../../coordinator/choice-rules.ts";
import type { Crowd } from "../../../coordinator/core-kind.ts";
import { areOne } from "../../../coordinator/persons.ts";
import { bestSession, type Choice, idleOnes, soonIdleOnes, type Wanted } from "../../../coordinator/ranking.ts";
import { paceMsOf } from "../../../coordinator/response-times.ts";
import type { CoordinatorState, Session } from "../../../coordinator/state.ts";
import { workOf } from "./batches.ts";
import { isLookedAt } from "./confirmations.ts";
import { isRedone, redoersOf } from "./cross-checks/redoers.ts";
import { hasTurn } from "./has-turn.ts";
import { codeWorkerOf, isRawWorker } from "./inference-plan.ts";
import type { InferenceJob, Round, Slot } from "./job.ts";
import { type FitCrowd, fitCrowd, isUnfit, modelHashOf } from "./model-classes.ts";
import { copyRule, isAllOut, isLeftOver, isNothingLeft, type SizeRule, whomItSuits } from "./sized-rounds.ts";
import { copiesForIdle, workersSent } from "./spares.ts";

/** [DP12] Sessions that are looked at in vain for a round that does not suit them. */
const UNSUITED_MAX = 64;

/** The best idle session for a batch; whoever tried it before only where nobody is at it any more and nobody else is free. */
export function sessionFor(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  crowd: Crowd,
): Session | null {
  // Nobody idles, most of the time: the rest is asked for each batch that is not out, at each event.
  if (state.crowd.idle.size === 0) return null;
  const suited = whomItSuits(state, job, round, slot);
  const untried = bestOf(state, job, round, slot, crowd, { suited, isWelcome: isUntried(state, slot) });
  if (untried !== null || slot.attempts.size > 0) return untried;
  return bestOf(state, job, round, slot, crowd, { suited, isWelcome: () => true });
}

/** [DP10] Of those who are at another batch the one that is expected to answer this one first; null: it waits for an idle one. */
export function aheadSessionFor(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  crowd: Crowd,
): Session | null {
  if (state.crowd.soonIdle.size === 0) return null;
  const asked = { suited: whomItSuits(state, job, round, slot), isWelcome: isUntried(state, slot) };
  return bestOf(state, job, round, slot, crowd, asked, soonIdleOnes(state, crowd));
}

/** [ES5] Who would idle, and may compute this batch beside whoever is at it. */
export function copierOf(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  crowd: Crowd,
): Session | null {
  const suited = copyRule(state, job, round, slot);
  return bestOf(state, job, round, slot, crowd, { suited, isWelcome: isUntried(state, slot) });
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

/** Who of those that may be sent a batch is looked for. */
export interface WhoIsAsked {
  /** [DP12] As far as speed goes; null: anybody. */
  readonly suited: SizeRule | null;
  isWelcome(session: Session): boolean;
}

export function bestOf(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  crowd: Crowd,
  { suited, isWelcome }: WhoIsAsked,
  choice: Choice = idleOnes(state, crowd),
): Session | null {
  if (choice.takers.size === 0) return null;
  const modelSha256 = modelHashOf(job, round, slot.workerIndex);
  const fit = fitCrowd(state, job, crowd);
  const precision = mayBeHalf(job, round, slot, fit) ? null : "float32";
  if (suited !== null && !suited.allowsSomeOf(choice.takers, precision)) return null;
  const mayRedo = slot.accepted === null && isRedone(round, slot) ? redoersOf(state, job) : null;
  const wanted: Wanted = {
    work: workOf(job, round, slot.workerIndex),
    networks: networksOf(state, round, slot),
    ...(precision === null ? {} : { precision }),
    // [VF8] An opinion is not its neighbour's.
    notAt: slot.accepted?.addressGroup ?? null,
    takes: (choice) => isChosenBy(choice, job.stored) && choice?.outOf?.includes(modelSha256) !== true,
    // [DP12] Those whom another size suits better idle because something of theirs is about to be opened.
    ...(job.schedule.parts.length === 1 ? {} : { refusalsMax: UNSUITED_MAX }),
    mayTake: (session) =>
      (suited === null || suited.allows(paceMsOf(session))) &&
      isWelcome(session) &&
      takesJob(state, session.volunteerId, job) &&
      !isUnfit(state, job, session) &&
      hasTurn(state, job, session, modelSha256) &&
      mayTake(state, job, round, slot, session, fit) &&
      (mayRedo === null || mayRedo(session)),
  };
  return bestSession(state, wanted, choice);
}

/** Networks with a part in the other worker indices of a round. */
function networksOf(state: CoordinatorState, round: Round, slot: Slot): Set<string> {
  const networks = new Set<string>();
  for (const other of round.slots) {
    if (other === slot) continue;
    if (other.accepted?.addressGroup != null) networks.add(other.accepted.addressGroup);
    for (const assignmentId of other.attempts) {
      const attempt = state.assignments.get(assignmentId);
      if (attempt !== undefined && attempt.addressGroup !== null) networks.add(attempt.addressGroup);
    }
  }
  return networks;
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
  if (isLookedAt(job, session.volunteerId)) return false;
  // An opinion is another's by its own rule, whatever else it holds of the round.
  if (slot.accepted !== null) return true;
  if (!round.plan.needsDistinctVolunteers && isForWhomItSuits(state, job, round, slot)) return true;
  const { volunteerId } = session;
  const isBackup = round.decode.state === "published";
  const isCrowdSmall = crowd.volunteersReady < workersSent(round.plan, round.hasParities);
  if (!round.plan.needsDistinctVolunteers && (isBackup || isCrowdSmall)) return true;
  // [DV2] Devices of one volunteer hold one between them.
  const isOnes = (other: string | undefined) => other !== undefined && areOne(state, other, volunteerId);
  const worker = codeWorkerOf(round.plan, slot.workerIndex);
  return !round.slots.some(
    (other) =>
      // [SL6] Slots of one worker index are not two.
      (other === slot || codeWorkerOf(round.plan, other.workerIndex) !== worker) &&
      ((other !== slot && isOnes(other.accepted?.volunteerId)) ||
        [...other.attempts].some((assignmentId) => isOnes(state.assignments.get(assignmentId)?.volunteerId))),
  );
}

/** [DP12] Few are there of the speed that this round suits, or what somebody is slow with is to be backed up. [ES5] Or it is copied. */
function isForWhomItSuits(state: CoordinatorState, job: InferenceJob, round: Round, slot: Slot): boolean {
  if (isLeftOver(state, job, round)) return true;
  return slot.attempts.size > 0 && (isNothingLeft(job) || (copiesForIdle(job.plan) && isAllOut(job)));
}

/**
 * [DP9] What an exact job ends with is not computed in half precision, as long as there are float32 volunteers for a whole group;
 * where there are not, such batches are recomputed in full.
 */
function mayBeHalf(job: InferenceJob, { plan }: Round, slot: Slot, { float32Ready }: FitCrowd): boolean {
  if (!takesHalfPrecision(job)) return false;
  return !plan.endsExact || !isRawWorker(plan, slot.workerIndex) || float32Ready < plan.scheme.queryCount;
}

/** [DP11] May devices that store half-precision numbers compute for this job? Its model may make too much of their rounding. */
export function takesHalfPrecision({ stored, refusesHalf }: Pick<InferenceJob, "stored" | "refusesHalf">): boolean {
  if (refusesHalf) return false;
  return stored.sensitivity === null || stored.unchecked !== null || standsHalfPrecision(stored.sensitivity);
}
