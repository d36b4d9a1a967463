/**
 * A second opinion: another volunteer computes the same batch, and every row is compared. It finds lies that are too rare for
 * random audits, and two liars are needed to get one past it. SPEC.md VF7 to VF9.
 */
import { must } from "../../../coordinator/assert.ts";
import { mayJudge, takesJob } from "../../../coordinator/choice-rules.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { areOne } from "../../../coordinator/persons.ts";
import { auditsMissing, liarShares } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState, Session } from "../../../coordinator/state.ts";
import { touch } from "../../../coordinator/step-context.ts";
import { batchBound } from "./batch-bounds.ts";
import type { BatchSource } from "./batch-source.ts";
import { redoesLostRows } from "./estimates.ts";
import { hasTurn } from "./has-turn.ts";
import { isRawWorker } from "./inference-plan.ts";
import { type InferenceJob, type Round, type Slot, slotAt, slotRows } from "./job.ts";
import { isUnfit } from "./model-classes.ts";
import { openRoundsOf } from "./round-facts.ts";
import { isThroughInTime } from "./sized-rounds.ts";

/** Who was asked and did not answer is replaced so often; then the batch stays without. */
const VOLUNTEERS_ASKED_MAX = 3;

/**
 * [VF7] Rows that answer queries go to somebody else too where nothing else checked them, and in a drawn share of the batches of
 * volunteers without a record.
 * @param draw uniform in [0, 1), drawn after the result was held: nobody knows beforehand which batch it will be
 */
export function wantsOpinion(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  source: BatchSource,
  draw: number,
): boolean {
  if (job.stored.unchecked !== null || !redoesLostRows(round.plan) || !isRawWorker(round.plan, slot.workerIndex))
    return false;
  // [CC3] Duplicates take the place of opinions.
  if (source.coins !== undefined) return false;
  if (source.auditedRows === 0) return true;
  const { answerBound } = job.stored.submission;
  if (draw >= state.settings.secondOpinionShare || batchBound(state, source, slotRows(round, slot)) <= answerBound)
    return false;
  const volunteer = state.volunteers.get(source.volunteerId);
  return volunteer === undefined || auditsMissing(volunteer, answerBound, liarShares(state)) > 0;
}

/**
 * [VF8] An opinion comes from another volunteer, at another address where addresses are known: one person with two keys would
 * agree with itself.
 */
export function mayGiveOpinion(state: CoordinatorState, slot: Slot, session: Session): boolean {
  const { accepted } = slot;
  // [DV2] Nor is it another device of the same one.
  if (accepted === null || areOne(state, session.volunteerId, accepted.volunteerId)) return false;
  const isNeighbour = session.addressGroup !== null && session.addressGroup === accepted.addressGroup;
  return !isNeighbour && !slot.tried.has(session.volunteerId);
}

/** Waits for nobody: where nobody is left to ask, or enough were asked in vain, the batch stays without. */
export function giveUpOpinions(step: Step, job: InferenceJob): void {
  if (!job.openRounds.wantOpinions) return;
  for (const round of openRoundsOf(step.state, job).wantingOpinions()) giveUpIn(step, job, round);
}

function giveUpIn(step: Step, job: InferenceJob, round: Round): void {
  for (const workerIndex of round.opinionsWanted) {
    const slot = slotAt(round, workerIndex);
    if (slot.attempts.size > 0) continue;
    const askedInVain = slot.opinionsAsked >= VOLUNTEERS_ASKED_MAX;
    if (!askedInVain && slot.accepted !== null && hasSomebodyToAsk(step.state, job, round, slot)) continue;
    round.opinionsWanted.delete(workerIndex);
    job.openRounds.changed(round);
    touch(step, job, round);
  }
}

/** Few at other addresses may not be asked: who was, and who computes the model wrong. */
function hasSomebodyToAsk(state: CoordinatorState, job: InferenceJob, round: Round, slot: Slot): boolean {
  // [WC3] Whoever chose the job does not judge in it.
  for (const sessionId of state.crowd.impartial.elsewhere(slot.accepted?.addressGroup ?? null)) {
    const session = must(state.sessions.get(sessionId), "SE1: who is ready is connected");
    const isJudge = takesJob(state, session.volunteerId, job) && mayJudge(state, session.volunteerId, job);
    if (!isJudge || isUnfit(state, job, session) || !mayGiveOpinion(state, slot, session)) continue;
    // [AS4] Who has failed at the model is not waited for.
    if (!hasTurn(state, job, session)) continue;
    // [DP12] Who would be at it when all else of the job is done is not waited for.
    if (isThroughInTime(state, job, slotRows(round, slot), session)) return true;
  }
  return false;
}
