/** A result was looked at: its sender is judged, then it is taken in, kept as a second opinion or put back. */
import { voidAssignment } from "../../../../coordinator/assignments.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { Verdicts } from "../confirmations.ts";
import { isAnsweredElsewhere } from "../cross-checks/batch-checks.ts";
import { checkBatchJudged } from "../cross-checks/check-batches.ts";
import { countAnchors, countTrusted } from "../cross-checks/closing.ts";
import { tossCoins } from "../cross-checks/coins.ts";
import { countsOf } from "../cross-checks/job-checks.ts";
import { lookAtShares } from "../cross-checks/raise.ts";
import { sweepNowAndThen } from "../cross-checks/row-pool.ts";
import { batchInLedger, isLedgerAudited } from "../cross-checks/stream-ledgers.ts";
import { inWindow, lookAtWindows } from "../cross-checks/windows.ts";
import { isRawWorker } from "../inference-plan.ts";
import { type BatchAssignment, type InferenceJob, type PendingAudit, type Round, slotOf, slotRows } from "../job.ts";
import { classOf } from "../model-classes.ts";
import { acceptOpinion, acceptResult, takeOutWrong } from "../rounds.ts";
import { type DuplicateFound, NO_ROUND, type OutcomeOf } from "../work.ts";
import { judgeDuplicates, judgeWords } from "./duplicates-and-words.ts";
import { judgeBackend } from "./judge-backend.ts";
import { beingChecked, discard } from "./put-back.ts";
import { isSettled, judged } from "./record-audit.ts";

/** [VF3] The record comes first: a lie counts, and so does an honest row. */
export function judgeAudit(
  step: Step,
  job: InferenceJob,
  pending: PendingAudit,
  event: OutcomeOf<"audited">,
  verdicts: Verdicts,
): void {
  const { roundIndex, volunteerId, measured, against, crossChecked } = pending;
  judgeDuplicates(step, job, pending, event, classOf(step.state, measured), verdicts);
  judgeWords(step, job, roundIndex, event, verdicts);
  const isByPartner =
    pending.duplicates.some((_, i) => isSenderOff(event.duplicates?.[i])) ||
    event.words?.some(({ sender }) => sender !== "fine") === true;
  const found = judgeBackend(step, job, pending, { isByPartner, ...event }, verdicts);
  const isOtherWrong = judgeOther(step, job, pending, event, verdicts);
  const assignment = beingChecked(step, event.assignmentId);
  if (assignment === null) return;
  if (assignment.roundIndex === NO_ROUND) return checkBatchJudged(step, job, assignment, found === "right");
  const place = slotOf(step.state, assignment);
  if (place === null) return voidAssignment(step, assignment, false);
  // Quarantine has taken a liar's attempts out of the round; an honest result takes its place.
  if (found === "lied") return;
  const verdict = verdicts.get(volunteerId);
  const isUnsettled = verdict !== undefined && !isSettled(verdict);
  if (isUnsettled || found === "unfit" || found === "unclear") return discard(step, event.assignmentId);
  const { round, slot } = place;
  const precision = classOf(step.state, measured);
  // What it was compared with is being made durable.
  if (isOtherWrong && slot.accepted !== null) return discard(step, event.assignmentId);
  if (slot.accepted === null) {
    // While this one was looked at another answer to the same rows was taken in: it is right, and of no further use.
    if (crossChecked !== null && isAnsweredElsewhere(round, slot))
      return acceptOpinion(step, job, round, slot, assignment, { precision, auditedRows: 0 }, null);
    const coins = crossChecked === null ? undefined : inWindow(job, crossChecked.coins);
    acceptResult(step, job, round, slot, assignment, event.randomlyChecked, precision, coins);
    if (crossChecked !== null) takenIn(step, job, round, assignment, pending, event);
    else if (isLedgerAudited(job) && isRawWorker(round.plan, slot.workerIndex)) batchInLedger(step, job, round);
    return;
  }
  const compared = against && event.against && { ...event.against, assignmentId: against.assignmentId };
  const opinion = { precision, auditedRows: event.randomlyChecked };
  acceptOpinion(step, job, round, slot, assignment, opinion, compared);
}

/** [VF8] [PC5] The result that it was compared with. @returns whether that is wrong, though nobody is named for it */
function judgeOther(
  step: Step,
  job: InferenceJob,
  { roundIndex, against }: PendingAudit,
  event: OutcomeOf<"audited">,
  verdicts: Verdicts,
): boolean {
  if (against === null || event.against === null) return false;
  const outcome = { ...event.against, checked: event.checked, isShared: true };
  const found = judgeBackend(step, job, { ...against, roundIndex }, outcome, verdicts);
  const isWrong = judged(outcome, against.measured.volunteerId, verdicts).failed > 0;
  if (!isWrong || (found !== "unfit" && found !== "unclear")) return false;
  const other = step.state.assignments.get(against.assignmentId);
  const place = other && slotOf(step.state, other as BatchAssignment);
  if (place) takeOutWrong(step, job, place.round, place.slot, other);
  return true;
}

function isSenderOff(found: DuplicateFound | null | undefined): boolean {
  return found != null && found !== "agrees" && found.sender !== "fine";
}

/** [CC4] Its anchors count, and its coins are tossed. */
function takenIn(
  step: Step,
  job: InferenceJob,
  round: Round,
  { workerIndex, addressGroup }: BatchAssignment,
  { volunteerId, measured, crossChecked }: PendingAudit,
  { randomlyChecked }: OutcomeOf<"audited">,
): void {
  if (job.checks === null || crossChecked === null) return;
  const { roundIndex } = round;
  const rows = slotRows(round, { workerIndex });
  job.checks.rowsTaken += rows;
  countsOf(job.checks, volunteerId).rows += rows;
  countTrusted(job, volunteerId, randomlyChecked);
  countAnchors(job, crossChecked.anchors);
  tossCoins(step.state, job, { roundIndex, workerIndex, addressGroup, measured });
  sweepNowAndThen(step.state, job, job.checks);
  const terms = job.stored.crossChecks?.terms;
  if (!terms) return;
  lookAtShares(step.state, job, job.checks, terms);
  lookAtWindows(step, job, job.checks, terms);
  batchInLedger(step, job, round);
}
