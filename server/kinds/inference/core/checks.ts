/** What audits and decodes say of results, and of those who sent them. SPEC.md VF rules. */
import { unreachable } from "../../../../shared/control/unreachable.ts";
import { addRows, type BatchVerdict, NOTHING_LOOKED } from "../../../../shared/verify/model-class.ts";
import { takeBackAhead, voidAssignment } from "../../../coordinator/assignments.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { sawVerdict } from "../../../coordinator/crowd-seen.ts";
import { failJob } from "../../../coordinator/jobs.ts";
import { type Checked, recordChecks } from "../../../coordinator/reputation.ts";
import { touch } from "../../../coordinator/step-context.ts";
import { askToConfirm, type Verdicts } from "./confirmations.ts";
import { countAudit } from "./contributions.ts";
import {
  type BatchAssignment,
  type Confirmation,
  type Disagreement,
  type InferenceJob,
  type PendingAudit,
  type Round,
  slotOf,
} from "./job.ts";
import type { Measured } from "./measured.ts";
import { classOf, enterRows, tellUnfit } from "./model-classes.ts";
import { withdrawUnchecked } from "./redo.ts";
import { acceptOpinion, acceptResult, publishDecoded } from "./rounds.ts";
import { suspend, unstableRow } from "./suspension.ts";
import type { OutcomeOf, RoundPlace } from "./work.ts";

export interface AuditOutcome extends Checked {
  /** The same rows count for somebody else too: the job's own count has them already. */
  readonly isShared?: boolean;
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
  return recordChecks(step, volunteerId, { jobId: job.stored.jobId, roundIndex }, outcome);
}

function countRows(job: InferenceJob, volunteerId: string, { checked, failed, isShared }: AuditOutcome): void {
  const { stored } = job;
  // What comes after a job's end is no part of it: its record is written.
  if (stored.finishedMs !== null) return;
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
  if (volunteerIds.length === 0) return judgeAudit(step, job, pending, event, NOBODY);
  const { assignmentId } = event;
  const finding = { in: "audit", pending, event } as const;
  if (!askToConfirm(step, job, effectId, { volunteerIds, assignmentId, finding })) discard(step, assignmentId);
}

const NOBODY: Verdicts = new Map();

/** [VF3] The record comes first: a lie counts, and so does an honest row. */
function judgeAudit(
  step: Step,
  job: InferenceJob,
  pending: PendingAudit,
  event: OutcomeOf<"audited">,
  verdicts: Verdicts,
): void {
  const { roundIndex, volunteerId, measured, against } = pending;
  const found = judgeBackend(step, job, pending, event, verdicts);
  if (against !== null && event.against !== null) {
    const ofOther = { ...event.against, checked: event.checked, isShared: true };
    judgeBackend(step, job, { ...against, roundIndex }, ofOther, verdicts);
  }
  const assignment = beingChecked(step, event.assignmentId);
  if (assignment === null) return;
  const place = slotOf(step.state, assignment);
  if (place === null) return voidAssignment(step, assignment, false);
  // Quarantine has taken a liar's attempts out of the round; an honest result takes its place.
  if (found === "lied") return;
  const verdict = verdicts.get(volunteerId);
  const isUnsettled = verdict !== undefined && verdict !== "agrees" && verdict !== "differs";
  if (isUnsettled || found === "unfit" || found === "unclear") return discard(step, event.assignmentId);
  const { round, slot } = place;
  const precision = classOf(step.state, measured);
  if (slot.accepted === null) return acceptResult(step, job, round, slot, assignment, event.randomlyChecked, precision);
  const compared = against && event.against && { ...event.against, assignmentId: against.assignmentId };
  const opinion = { precision, auditedRows: event.randomlyChecked };
  acceptOpinion(step, job, round, slot, assignment, opinion, compared);
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
  const found = enterRows(step, measured, now);
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
  for (const session of step.state.sessions.values()) {
    if (session.volunteerId === measured.volunteerId) takeBackAhead(step, session);
  }
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
}

/** @param verdicts null: the job cannot be checked, and nobody is named in it */
function judge(step: Step, job: InferenceJob, { finding }: Confirmation, verdicts: Verdicts | null): void {
  switch (finding.in) {
    case "audit":
      if (verdicts === null) return discard(step, finding.event.assignmentId);
      return judgeAudit(step, job, finding.pending, finding.event, verdicts);
    case "decode":
      return judgeDecode(step, job, finding, verdicts);
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
}

/** The audit itself could not be done: the result is neither accepted nor held against anybody. */
export function auditFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"auditFailed">): void {
  job.auditsPending.delete(effectId);
  const assignment = beingChecked(step, event.assignmentId);
  if (assignment === null) return;
  slotOf(step.state, assignment)?.slot.attempts.delete(assignment.assignmentId);
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
  if (volunteerIds.length === 0) return judgeDecode(step, job, finding, NOBODY);
  if (!askToConfirm(step, job, effectId, { volunteerIds, assignmentId: null, finding }))
    judgeDecode(step, job, finding, null);
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
  if (failed === 0) return judgeTopUp(step, job, effectId, event, NOBODY);
  const finding = { in: "top-up", effectId, event } as const;
  const isAsked = askToConfirm(step, job, effectId, { volunteerIds: [volunteerId], assignmentId: null, finding });
  if (!isAsked) judgeTopUp(step, job, effectId, event, null);
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
  recordAudit(step, job, -1, volunteerId, judged({ ...event, randomlyChecked: checked }, volunteerId, verdicts));
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
