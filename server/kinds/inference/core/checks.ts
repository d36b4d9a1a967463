/**
 * What audits and decodes say of results, and of those who sent them. SPEC.md VF rules. One file, though long: each verdict is first looked at, then
 * confirmed, and goes on where it stopped.
 */
import { unreachable } from "../../../../shared/control/unreachable.ts";
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import { addRows, type BatchVerdict, isFineClass, NOTHING_LOOKED } from "../../../../shared/verify/model-class.ts";
import { takeBackAhead, voidAssignment } from "../../../coordinator/assignments.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { sawVerdict } from "../../../coordinator/crowd-seen.ts";
import { failJob, mayEnd } from "../../../coordinator/jobs.ts";
import { type Checked, recordChecks } from "../../../coordinator/reputation.ts";
import { isQuarantined } from "../../../coordinator/reputation-bounds.ts";
import { sessionsOf } from "../../../coordinator/sessions-of.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { touch } from "../../../coordinator/step-context.ts";
import { askToConfirm, type Verdicts } from "./confirmations.ts";
import { countAudit, countOwnRecord } from "./contributions.ts";
import { countAgreement } from "./cross-checks/agreements.ts";
import { isAnsweredElsewhere } from "./cross-checks/batch-checks.ts";
import { checkBatchJudged } from "./cross-checks/check-batches.ts";
import { checkedJob, isHiddenAmong } from "./cross-checks/checked-job.ts";
import { countAnchors, countTrusted } from "./cross-checks/closing.ts";
import { tossCoins } from "./cross-checks/coins.ts";
import { colluderShareIn, type NamedBy, wasNamed } from "./cross-checks/crowd-lately.ts";
import { countsOf, type PooledRow } from "./cross-checks/job-checks.ts";
import { lookAtShares } from "./cross-checks/raise.ts";
import { isOutWith, sweepNowAndThen } from "./cross-checks/row-pool.ts";
import { batchInLedger, isLedgerAudited, ledgerSampled } from "./cross-checks/stream-ledgers.ts";
import { inWindow, lookAtWindows } from "./cross-checks/windows.ts";
import { isRawWorker } from "./inference-plan.ts";
import {
  type BatchAssignment,
  type Confirmation,
  type Disagreement,
  type InferenceJob,
  type PendingAudit,
  type Round,
  slotOf,
  slotRows,
} from "./job.ts";
import type { Measured } from "./measured.ts";
import { classOf, enterRows, tellUnfit } from "./model-classes.ts";
import { withdrawUnchecked } from "./redo.ts";
import { acceptOpinion, acceptResult, publishDecoded } from "./rounds.ts";
import { suspend, unstableRow } from "./suspension.ts";
import { type DuplicateFound, NO_ROUND, type OutcomeOf, type RoundPlace } from "./work.ts";

export interface AuditOutcome extends Checked {
  /** The same rows count for somebody else too: the job's own count has them already. */
  readonly isShared?: boolean;
  /** [CC6] They were computed because a partner's answer differs. */
  readonly isByPartner?: boolean;
  /** [CC6] It had agreed with a lie. */
  readonly hasCovered?: boolean;
}

/**
 * Enters the outcome of an audit in the records of the job and of the volunteer.
 * @returns false where the volunteer lied (and is now quarantined)
 */
export function recordAudit(
  step: Step,
  job: InferenceJob,
  roundIndex: number,
  volunteerId: string,
  outcome: AuditOutcome,
): boolean {
  countRows(job, volunteerId, outcome);
  const volunteer = step.state.volunteers.get(volunteerId);
  const isNew = outcome.failed > 0 && volunteer?.quarantine === null;
  // Before its part is taken out: what it did counts as a liar's.
  if (isNew) wasNamed(step, volunteer, namedBy(outcome));
  if (isNew && outcome.isByPartner === true && job.checks !== null) job.checks.caught++;
  return recordChecks(step, volunteerId, { jobId: job.stored.jobId, roundIndex }, outcome);
}

function namedBy({ isByPartner, hasCovered }: AuditOutcome): NamedBy {
  if (hasCovered) return "word";
  return isByPartner ? "partner" : "coordinator";
}

function countRows(
  job: InferenceJob,
  volunteerId: string,
  { checked, randomlyChecked, failed, isShared }: AuditOutcome,
): void {
  const { stored } = job;
  // What comes after a job's end is no part of it: its record is written.
  if (stored.finishedMs !== null) return;
  // Of a job that is cross-checked they are counted with its checks.
  if (failed === 0 && checkedJob(job) === null) countOwnRecord(job, volunteerId, randomlyChecked);
  if (isShared !== true) stored.auditedRows += checked;
  stored.failedAudits += failed;
  countAudit(job, volunteerId, checked, failed);
}

/**
 * What was recomputed of a result agrees, or somebody differs. [VF15] Then nobody is named before that was computed again; whatever comes
 * of it is judged even where the result is no longer needed.
 */
export function audited(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"audited">): void {
  const pending = job.auditsPending.get(effectId);
  if (pending === undefined) return;
  job.auditsPending.delete(effectId);
  sawVerdict(step.state, step.nowMs - pending.askedMs);
  const { volunteerId, isFine, against } = pending;
  const { golden = NOTHING_LOOKED } = event;
  const isOff = event.failed + golden.wrong + (isFine ? golden.coarse : 0) > 0;
  const volunteerIds = isOff ? [volunteerId] : [];
  if (against !== null && event.against !== null && event.against.failed > 0) volunteerIds.push(against.volunteerId);
  for (const author of [...authorsOff(pending, event), ...wordsOff(step.state, event)])
    if (!volunteerIds.includes(author)) volunteerIds.push(author);
  const { assignmentId } = event;
  lookInto(step, job, effectId, { volunteerIds, assignmentId, finding: { in: "audit", pending, event } });
}

/**
 * [VF15] It is judged at once where nobody differs, or whoever does is named already; where the job cannot be checked, for nobody. Else it is confirmed
 * first.
 * @param of the effect that found it
 */
function lookInto(step: Step, job: InferenceJob, of: number, found: Confirmation): void {
  const { stored } = job;
  const isUncheckable = stored.suspended !== null || stored.unchecked !== null;
  if (found.volunteerIds.length > 0 && isUncheckable) return judge(step, job, found, null);
  const volunteerIds = found.volunteerIds.filter((volunteerId) => !isQuarantined(step.state, volunteerId));
  if (volunteerIds.length === 0) judge(step, job, found, NOBODY);
  else askToConfirm(step, job, of, { ...found, volunteerIds });
}

const NOBODY: Verdicts = new Map();

/** [CC5] Whose rows a duplicate was compared with, and were off. */
function authorsOff({ duplicates }: PendingAudit, event: OutcomeOf<"audited">): string[] {
  return duplicates.flatMap((row, i) => (row !== null && isAuthorOff(row, event.duplicates?.[i]) ? [row.author] : []));
}

function isAuthorOff({ precision }: PooledRow, found: DuplicateFound | null | undefined): boolean {
  if (found == null || found === "agrees") return false;
  return found.author === "wrong" || (found.author === "coarse" && isFineClass(precision));
}

/** [CC5] Whose word had covered what is now another answer, and is off; who is named already is found out no more. */
function wordsOff(state: CoordinatorState, { words = [] }: OutcomeOf<"audited">): string[] {
  return words.flatMap(({ volunteerId, word }) =>
    word === "wrong" && !isQuarantined(state, volunteerId) ? [volunteerId] : [],
  );
}

/** [CC5] [CC6] A lie that a partner had covered names the partner too, and says how many of those who check collude. */
function judgeWords(
  step: Step,
  job: InferenceJob,
  roundIndex: number,
  event: OutcomeOf<"audited">,
  verdicts: Verdicts,
): void {
  const { checks } = job;
  if (checks === null) return;
  for (const volunteerId of wordsOff(step.state, event)) {
    const verdict = verdicts.get(volunteerId);
    if (verdict !== undefined && verdict !== "differs") continue;
    checks.covered++;
    const outcome = { checked: 1, randomlyChecked: 0, failed: 1, isShared: true, hasCovered: true };
    recordAudit(step, job, roundIndex, volunteerId, outcome);
  }
}

/** [CC5] Duplicates come first: of whoever is found to lie there nothing is taken in. */
function judgeDuplicates(
  step: Step,
  job: InferenceJob,
  { roundIndex, volunteerId, duplicates, isTakenBack }: PendingAudit,
  event: OutcomeOf<"audited">,
  precision: BackendClass,
  verdicts: Verdicts,
): void {
  const { checks } = job;
  if (checks === null) return;
  duplicates.forEach((row, i) => {
    const found = event.duplicates?.[i];
    if (row === null || found == null) return;
    // It may have gone to somebody else meanwhile, who answers its coin then.
    const isAwaited = checks.pool.get(row.place) === row && isOutWith(row, event.assignmentId);
    if (isAwaited) checks.pool.delete(row.place);
    if (checks.stream !== null) checks.stream.mustLook = true;
    if (found === "agrees") {
      const colluderShare = colluderShareIn(step.state, checks);
      const isHidden = !isTakenBack && isHiddenAmong(job, roundIndex, row);
      if (isAwaited) countAgreement(checks, row, volunteerId, precision, colluderShare, isHidden);
      return;
    }
    const verdict = verdicts.get(row.author);
    const isOff = isAuthorOff(row, found) && (verdict === undefined || verdict === "differs");
    const outcome = { checked: 1, randomlyChecked: 0, failed: isOff ? 1 : 0, isByPartner: true, isShared: true };
    recordAudit(step, job, row.roundIndex, row.author, outcome);
  });
}

/** [VF3] The record comes first: a lie counts, and so does an honest row. */
function judgeAudit(
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
  if (against !== null && event.against !== null) {
    const ofOther = { ...event.against, checked: event.checked, isShared: true };
    judgeBackend(step, job, { ...against, roundIndex }, ofOther, verdicts);
  }
  const assignment = beingChecked(step, event.assignmentId);
  if (assignment === null) return;
  if (assignment.roundIndex === NO_ROUND) return checkBatchJudged(step, job, assignment, found === "right");
  const place = slotOf(step.state, assignment);
  if (place === null) return voidAssignment(step, assignment, false);
  // Quarantine has taken a liar's attempts out of the round; an honest result takes its place.
  if (found === "lied") return;
  const verdict = verdicts.get(volunteerId);
  const isUnsettled = verdict !== undefined && verdict !== "agrees" && verdict !== "differs";
  if (isUnsettled || found === "unfit" || found === "unclear") return discard(step, event.assignmentId);
  const { round, slot } = place;
  const precision = classOf(step.state, measured);
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

type Audited = AuditOutcome & Pick<OutcomeOf<"audited">, "coarse" | "golden" | "isAnothers">;

/**
 * [PC5] A lie names its volunteer. What a back-end computes wrong altogether is not kept, and counts for nobody: it gets no more of that
 * model. So whoever lies gains nothing by pretending to be broken.
 */
function judgeBackend(
  step: Step,
  job: InferenceJob,
  { roundIndex, measured, isFine }: Pick<PendingAudit, "roundIndex" | "measured" | "isFine">,
  outcome: Audited,
  verdicts: Verdicts,
): BatchVerdict {
  const { volunteerId } = measured;
  const { checked, failed, coarse = 0, golden = NOTHING_LOOKED, isAnothers } = judged(outcome, volunteerId, verdicts);
  const differing = isFine ? failed - Math.min(failed, coarse) : failed;
  const now = addRows(golden, { fine: checked - differing - coarse, coarse, wrong: differing });
  const found = enterRows(step, measured, now, isFine);
  const verdict = isAnothers === true ? "lied" : found;
  if (verdict === "unfit" || verdict === "unclear") {
    countRows(job, volunteerId, outcome);
    if (verdict === "unfit") turnAway(step, job, measured);
    return verdict;
  }
  // Golden rows name a liar too, though they were not recomputed now.
  const lies = verdict === "lied" ? Math.max(1, differing + coarse) : 0;
  recordAudit(step, job, roundIndex, volunteerId, { ...outcome, checked: Math.max(checked, lies), failed: lies });
  return verdict;
}

/** [PC5] Nothing of it stays in the job, and it gets no more. */
function turnAway(step: Step, job: InferenceJob, measured: Measured): void {
  tellUnfit(step, job, measured);
  withdrawUnchecked(step, job, measured.volunteerId);
  for (const session of sessionsOf(step.state, measured.volunteerId)) takeBackAhead(step, session);
}

/** Rows in which it does not really differ are not held against it. */
function judged<O extends Audited>(outcome: O, volunteerId: string, verdicts: Verdicts): O {
  const verdict = verdicts.get(volunteerId);
  if (verdict === undefined || verdict === "differs") return outcome;
  const { isAnothers: _another, golden: _golden, ...cleared } = outcome;
  return { ...(cleared as O), failed: 0, coarse: 0 };
}

/** The result is neither accepted nor held against anybody: its batch is somebody else's. */
function discard(step: Step, assignmentId: number): void {
  const assignment = beingChecked(step, assignmentId);
  if (assignment === null) return;
  const place = slotOf(step.state, assignment);
  place?.slot.attempts.delete(assignmentId);
  place?.job.openRounds.changed(place.round);
  voidAssignment(step, assignment, false);
  if (place !== null) touch(step, place.job, place.round);
}

/** [VF15] [VF14] What was found is judged: whoever differs is named, or the job cannot be checked and nobody is. */
export function confirmed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"confirmed">): void {
  const confirmation = job.confirmations.get(effectId);
  if (confirmation === undefined) return;
  job.confirmations.delete(effectId);
  const verdicts = new Map(event.judged.map(({ volunteerId, verdict }) => [volunteerId, verdict] as const));
  for (const { verdict, spread } of event.judged) {
    if (verdict === "unstable") suspend(step, job, unstableRow(spread));
    if (verdict === "unstable in half precision") job.refusesHalf = true;
  }
  judge(step, job, confirmation, job.stored.suspended === null && job.stored.unchecked === null ? verdicts : null);
  lookIntoWaiting(step, job);
}

/** [VF15] A verdict is there: who was named by it needs no other. */
function lookIntoWaiting(step: Step, job: InferenceJob): void {
  for (const { of, confirmation } of job.confirmationsWaiting.splice(0)) {
    if (mayEnd(job)) lookInto(step, job, of, confirmation);
    else judge(step, job, confirmation, null);
  }
}

/** @param verdicts null: the job cannot be checked, and nobody is named in it */
function judge(step: Step, job: InferenceJob, { finding }: Confirmation, verdicts: Verdicts | null): void {
  switch (finding.in) {
    case "audit":
      if (verdicts === null) return discard(step, finding.event.assignmentId);
      return judgeAudit(step, job, finding.pending, finding.event, verdicts);
    case "decode":
      return judgeDecode(step, job, finding, verdicts);
    case "settle":
      return judgeSettled(step, job, finding.effectId, finding.event, verdicts);
    case "top-up":
      return judgeTopUp(step, job, finding.effectId, finding.event, verdicts);
    default:
      return unreachable("judge: no such finding", finding);
  }
}

/** [JB7] What differs can neither be confirmed nor be forgotten. */
export function confirmFailed(
  step: Step,
  job: InferenceJob,
  effectId: number,
  event: OutcomeOf<"confirmFailed">,
): void {
  const confirmation = job.confirmations.get(effectId);
  if (confirmation === undefined) return;
  job.confirmations.delete(effectId);
  if (confirmation.assignmentId !== null) discard(step, confirmation.assignmentId);
  failUnchecked(step, job, event.message);
  lookIntoWaiting(step, job);
}

/** The audit itself could not be done: the result is neither accepted nor held against anybody. */
export function auditFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"auditFailed">): void {
  job.auditsPending.delete(effectId);
  const assignment = beingChecked(step, event.assignmentId);
  if (assignment === null) return;
  const place = slotOf(step.state, assignment);
  place?.slot.attempts.delete(assignment.assignmentId);
  if (place !== null) job.openRounds.changed(place.round);
  voidAssignment(step, assignment, false);
  failUnchecked(step, job, event.message);
}

/** [JB7] What was asked had failed alone, in a fresh process, before it was told. */
function failUnchecked(step: Step, job: InferenceJob, message: string): void {
  failJob(step, job, `the coordinator could not recompute rows of this model: ${message}`);
}

function beingChecked({ state }: Step, assignmentId: number): BatchAssignment | null {
  const assignment = state.assignments.get(assignmentId);
  return assignment?.state === "checking" ? (assignment as BatchAssignment) : null;
}

/** The round whose decode this is the outcome of, or null where it is stale. */
export function decodingRound(job: InferenceJob, effectId: number, of: RoundPlace): Round | null {
  const round = job.openRounds.get(of.roundIndex);
  if (round === undefined || round.generation !== of.generation) return null;
  return round.decode.state === "running" && round.decode.effectId === effectId ? round : null;
}

/** Stale or not, what was recomputed on the way counts. */
export function decoded(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"decoded">): void {
  const volunteers = job.decodesPending.get(effectId);
  if (volunteers === undefined) return;
  job.decodesPending.delete(effectId);
  const finding = { in: "decode", effectId, volunteers, event } as const;
  const differing = event.outcome.suspectAudits.filter(({ failed }) => failed > 0);
  const volunteerIds = [...new Set(differing.flatMap(({ workerIndex }) => volunteers.get(workerIndex) ?? []))];
  lookInto(step, job, effectId, { volunteerIds, assignmentId: null, finding });
}

/** @param verdicts null: nobody is named, and nothing is made of what differs */
function judgeDecode(
  step: Step,
  job: InferenceJob,
  { effectId, volunteers, event }: Extract<Disagreement, { in: "decode" }>,
  verdicts: Verdicts | null,
): void {
  const round = decodingRound(job, effectId, event);
  const lied = verdicts === null || suspectsLied(step, job, event, volunteers, verdicts);
  if (round === null) return;
  job.openRounds.changed(round);
  touch(step, job, round);
  // Not published: what a liar was part of is decoded again without it.
  if (lied) round.decode = { state: "none", minimumResults: 0 };
  else publishDecoded(step, job, round, effectId, event.outcome);
}

function suspectsLied(
  step: Step,
  job: InferenceJob,
  { roundIndex, outcome }: OutcomeOf<"decoded">,
  volunteers: ReadonlyMap<number, string>,
  verdicts: Verdicts,
): boolean {
  let lied = false;
  for (const { workerIndex, checked, failed } of outcome.suspectAudits) {
    const volunteerId = volunteers.get(workerIndex);
    if (volunteerId === undefined) continue;
    const found = judged({ checked, randomlyChecked: 0, failed }, volunteerId, verdicts);
    if (!recordAudit(step, job, roundIndex, volunteerId, found)) lied = true;
  }
  return lied;
}

export function toppedUp(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"toppedUp">): void {
  const { volunteerId, failed } = event;
  if (job.topUps.get(volunteerId) !== effectId) return;
  const volunteerIds = failed > 0 ? [volunteerId] : [];
  lookInto(step, job, effectId, { volunteerIds, assignmentId: null, finding: { in: "top-up", effectId, event } });
}

function judgeTopUp(
  step: Step,
  job: InferenceJob,
  effectId: number,
  event: OutcomeOf<"toppedUp">,
  verdicts: Verdicts | null,
): void {
  const { volunteerId, checked } = event;
  if (job.topUps.get(volunteerId) !== effectId) return;
  job.topUps.delete(volunteerId);
  if (verdicts === null) return;
  if (checked === 0) job.topUpExhausted.add(volunteerId);
  job.toppedUp.add(volunteerId);
  if (event.failed === 0) countTrusted(job, volunteerId, checked);
  recordAudit(step, job, -1, volunteerId, judged({ ...event, randomlyChecked: checked }, volunteerId, verdicts));
}

/** [CC8] Rows that were computed here at the end of a job that is cross-checked. */
export function settled(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"settled">): void {
  if (job.checks?.closing?.effectId !== effectId) return;
  const volunteerIds = event.found.flatMap(({ volunteerId, failed }) => (failed > 0 ? [volunteerId] : []));
  lookInto(step, job, effectId, { volunteerIds, assignmentId: null, finding: { in: "settle", effectId, event } });
}

function judgeSettled(
  step: Step,
  job: InferenceJob,
  effectId: number,
  { found }: OutcomeOf<"settled">,
  verdicts: Verdicts | null,
): void {
  const { checks } = job;
  const closing = checks?.closing;
  if (checks === null || closing?.effectId !== effectId) return;
  checks.closing = null;
  if (checks.stream !== null) checks.stream.mustLook = true;
  if (verdicts === null) return;
  // Their coins are answered; a sample has none to answer, and says something of all rows.
  for (const row of closing.rows) checks.pool.delete(row.place);
  const isSample = closing.rows.length === 0;
  const { sampleOf } = closing;
  const computed = found.reduce((sum, { checked }) => sum + checked, 0);
  if (sampleOf !== undefined) ledgerSampled(job, sampleOf.ledger, sampleOf.asked, computed);
  for (const { volunteerId, checked, failed } of found) {
    job.toppedUp.add(volunteerId);
    if (failed === 0) countTrusted(job, volunteerId, checked);
    if (isSample) countAnchors(job, checked - failed);
    recordAudit(
      step,
      job,
      -1,
      volunteerId,
      judged({ checked, randomlyChecked: checked, failed }, volunteerId, verdicts),
    );
  }
}

export function settleFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"settleFailed">): void {
  if (job.checks?.closing?.effectId !== effectId) return;
  job.checks.closing = null;
  failUnchecked(step, job, event.message);
}

/** A missing audit is counted neither as passed nor as failed. */
export function topUpFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"topUpFailed">): void {
  if (job.topUps.get(event.volunteerId) !== effectId) return;
  job.topUps.delete(event.volunteerId);
  failUnchecked(step, job, event.message);
}

/** A stale decode fails nothing: what it was to answer is asked for anew. */
export function decodeFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"decodeFailed">): void {
  job.decodesPending.delete(effectId);
  if (decodingRound(job, effectId, event) === null) return;
  failJob(step, job, `the coordinator could not put the results of a round together: ${event.message}`);
}
