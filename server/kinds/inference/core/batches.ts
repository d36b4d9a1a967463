/** One batch: what is sent, what becomes of its result, and of one that nobody answered. SPEC.md AS and VF rules. */
import type { Verification } from "../../../../shared/coding/scheme-definition.ts";
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import { queuedInBatch } from "../../../../shared/verify/cross-checks/hidden-duplicates.ts";
import { isFineClass } from "../../../../shared/verify/model-class.ts";
import { giveUp, sendAssignment, voidAssignment } from "../../../coordinator/assignments.ts";
import type { Freed, Step } from "../../../coordinator/core-kind.ts";
import { auditsNeededAmong, liarShares } from "../../../coordinator/reputation-bounds.ts";
import type { Check, CoordinatorState, Session } from "../../../coordinator/state.ts";
import { emitNumerics, touch } from "../../../coordinator/step-context.ts";
import { countServed } from "../../../coordinator/turns.ts";
import { recordIn } from "./batch-bounds.ts";
import { tellCards } from "./cards.ts";
import { batchChecksOf, duplicateOf, duplicatesWith } from "./cross-checks/batch-checks.ts";
import { checkBatchAnswered, checkBatchFreed, checkBatchIsLate } from "./cross-checks/check-batches.ts";
import { checkedJob } from "./cross-checks/checked-job.ts";
import type { PooledRow } from "./cross-checks/job-checks.ts";
import { areOut, takeDuplicates } from "./cross-checks/row-pool.ts";
import { anchorsLeftOut } from "./cross-checks/stream-ledgers.ts";
import { batchFailed, somebodyAnswered } from "./failures.ts";
import { goldenRowsOf } from "./golden-rule.ts";
import {
  batchWork,
  classRowsOf,
  type InferencePlan,
  isRawWorker,
  modelIndexOf,
  randomAuditRows,
} from "./inference-plan.ts";
import {
  type Batch,
  type BatchAssignment,
  type GoldenSent,
  type InferenceJob,
  inferenceJob,
  type Round,
  resultReference,
  type Slot,
  slotOf,
  slotRows,
} from "./job.ts";
import type { Measured } from "./measured.ts";
import {
  backendOf,
  classKeyFor,
  classKeyOf,
  classOf,
  expectedClass,
  fetchedFirst,
  isMeasured,
  isOnCardInVain,
  isOneTooMany,
  isOtherThanFixed,
  measuredIn,
  modelHashOf,
  probedOn,
  saysElsewhere,
} from "./model-classes.ts";
import { acceptResult } from "./rounds.ts";
import { areSlicesWanted, takeSlices } from "./slices.ts";
import { type InferenceWork, NO_ROUND } from "./work.ts";

/** How a result is checked before it counts, by what the scheme promises. */
const CHECKS: Readonly<Record<Verification, Check>> = { audits: "rows", votes: "votes", none: "none" };

/** Multiply-adds of the batch of a worker index. */
export function workOf(job: InferenceJob, round: Round, workerIndex: number): number {
  return batchWork(job.stored, slotRows(round, { workerIndex }), modelIndexOf(round.plan, workerIndex));
}

export function sendBatch(step: Step, job: InferenceJob, round: Round, slot: Slot, session: Session): void {
  const { roundIndex, generation } = round;
  const { workerIndex } = slot;
  const modelSha256 = modelHashOf(job, round, workerIndex);
  const backend = backendOf(session, modelSha256);
  const goldenRows = goldenRowsFor(step.state, job, round, slot, session);
  const rows = duplicatesFor(step.state, job, round, slot, session);
  const duplicates = rows.map(({ roundIndex, workerIndex, row }) => ({ roundIndex, workerIndex, row }));
  const sliced = areSlicesWanted(job, round, slot) ? ({ isSliced: true } as const) : {};
  const work = workOf(job, round, workerIndex) + (goldenRows + rows.length) * job.stored.macsPerQuery;
  const { assignmentId } = sendAssignment<Batch>(step, job, session, {
    work,
    ...{ roundIndex, workerIndex, payload: { generation, backend, goldenRows, duplicates, ...sliced } },
    ...fetchedFirst(job, modelSha256, session),
    check: CHECKS[job.plan.verification],
    queueing: "alone",
    limitMs: null,
  });
  if (job.checks !== null) areOut(job.checks, rows, assignmentId);
  if (slot.accepted !== null) slot.opinionsAsked++;
  slot.attempts.add(assignmentId);
  job.openRounds.changed(round);
}

/** [PC6] How many rows whose answers are known go with a batch: of queries as they are, where anything is checked. */
function goldenRowsFor(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  { workerIndex }: Slot,
  session: Session,
): number {
  const { plan } = round;
  if (plan.verification !== "audits" || !isRawWorker(plan, workerIndex)) return 0;
  if (job.stored.unchecked !== null) return 0;
  return goldenRowsOf({
    knownRows: job.stored.auditedRows,
    isMeasured: isMeasured(state, measuredIn(job, round, workerIndex, session)),
    draw: session.draw,
  });
}

/** [CR1] It counts as the work that it was. */
export function fewerGoldenRows({ state }: Step, assignment: BatchAssignment, { rows }: GoldenSent): void {
  const job = inferenceJob(state, assignment.jobId);
  if (job === undefined) return;
  const work = (rows - assignment.payload.goldenRows) * job.stored.macsPerQuery;
  assignment.payload.goldenRows = rows;
  assignment.work += work;
  countServed(state, job, work);
}

/** [CC4] Among queries as they are, of the same model, and beside fresh ones. */
function duplicatesFor(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  session: Session,
): PooledRow[] {
  const checked = checkedJob(job);
  if (checked === null || slot.accepted !== null || !isRawWorker(round.plan, slot.workerIndex)) return [];
  const { queues } = checked.checks;
  const most = queuedInBatch(queues.waitingFor(session.volunteerId), slotRows(round, slot));
  return takeDuplicates(state, job, checked.checks, session, most);
}

/** What was known of its tab when it was sent. */
function measuredOf(job: InferenceJob, round: Round, assignment: BatchAssignment): Measured {
  const { volunteerId, workerIndex, precision, payload } = assignment;
  const { backend } = payload;
  return { volunteerId, classKey: classKeyOf(job, round, workerIndex, backend), probed: probedOn(backend, precision) };
}

/** [PC7] The batch is of that model, and its tab said so before it answered. */
export function batchComputedOn(
  step: Step,
  job: InferenceJob,
  assignment: BatchAssignment,
  modelSha256: string,
  backend: string,
): void {
  const place = slotOf(step.state, assignment);
  if (place === null && !assignment.payload.isCheckBatch) return;
  if (modelHashOf(job, place?.round ?? null, assignment.workerIndex) !== modelSha256) return;
  const named = { volunteerId: assignment.volunteerId, classKey: classKeyFor(modelSha256, backend) };
  const isOfNoUse = isOneTooMany(step.state, named) || isOtherThanFixed(job, backend);
  if (assignment.state !== "dropped" && isOfNoUse) return giveUp(step, assignment, { why: "taken back" }, true);
  assignment.payload.backend = backend;
  const session = step.state.sessions.get(assignment.sessionId);
  // [PC11] It took a card for it, which is not asked.
  if (assignment.state === "dropped" || session === undefined || !isOnCardInVain(step.state, job, session)) return;
  giveUp(step, assignment, { why: "taken back" }, true);
  tellCards(step, job, [session]);
}

/** Its tab can be at it: its volunteer has tried it. */
export function batchBegan({ state }: Step, assignment: BatchAssignment): void {
  const place = slotOf(state, assignment);
  if (place === null) return;
  const { job, round, slot } = place;
  if (slot.accepted === null && slot.tried.size > 0) round.redispatched++;
  slot.tried.add(assignment.volunteerId);
  // Its tab is as fast as its answer of just now says.
  job.openRounds.changed(round);
}

/** [VF10] [VF12] Where the operator's cap leaves no audit, or nothing could come of one, a result is taken in unchecked, and says so. */
export function batchAnswered(step: Step, assignment: BatchAssignment): void {
  if (assignment.roundIndex === NO_ROUND) return checkBatchAnswered(step, assignment);
  const place = slotOf(step.state, assignment);
  saysElsewhere(step.state, assignment);
  if (place === null) return voidAssignment(step, assignment, false);
  const { job, round, slot } = place;
  job.openRounds.changed(round);
  somebodyAnswered(step, job);
  if (isOtherThanFixed(job, assignment.payload.backend)) return letGoOf(step, place, assignment);
  const isAudited = assignment.check === "rows" && audit(step, job, round, slot, assignment);
  if (!isAudited) acceptResult(step, job, round, slot, assignment, 0);
}

/** [PC13] It was asked for fixed arithmetic, and has not said that it computed with that. */
function letGoOf(
  step: Step,
  { job, round, slot }: NonNullable<ReturnType<typeof slotOf>>,
  assignment: BatchAssignment,
): void {
  rowsFreed(step.state, assignment);
  slot.attempts.delete(assignment.assignmentId);
  touch(step, job, round);
  voidAssignment(step, assignment, false);
}

/** [VF7] A round is not held up for an opinion that is late. */
export function batchIsLate(step: Step, assignment: BatchAssignment): void {
  if (assignment.roundIndex === NO_ROUND) return checkBatchIsLate(step, assignment);
  const place = slotOf(step.state, assignment);
  if (place === null) return;
  const { job, round, slot } = place;
  job.openRounds.changed(round);
  touch(step, job, round);
  if (slot.accepted === null) {
    // [SL2] Its tab need not go on: what it has not done is for somebody else.
    if (takeRowsOf(step, assignment)) voidAssignment(step, assignment, true);
    return;
  }
  slot.attempts.delete(assignment.assignmentId);
  if (slot.accepted.auditedRows > 0) round.opinionsWanted.delete(assignment.workerIndex);
  voidAssignment(step, assignment, true);
}

/** Its slot is for somebody else. */
export function batchFreed(step: Step, assignment: BatchAssignment, freed: Freed): void {
  if (assignment.roundIndex === NO_ROUND) return checkBatchFreed(step, assignment);
  rowsFreed(step.state, assignment);
  const place = slotOf(step.state, assignment);
  if (place === null) return;
  place.slot.attempts.delete(assignment.assignmentId);
  place.job.openRounds.changed(place.round);
  touch(step, place.job, place.round);
  if (freed.why !== "failed") takeRowsOf(step, assignment);
  if (freed.why === "failed") batchFailed(step, place.job, place.round, place.slot, assignment, freed.message);
}

/** [AS4] The model that its volunteer cannot run where it fails at it. */
export function batchFailsAt(state: CoordinatorState, assignment: BatchAssignment): string {
  const { jobId, workerIndex } = assignment;
  const job = inferenceJob(state, jobId);
  return job === undefined ? jobId : modelHashOf(job, slotOf(state, assignment)?.round ?? null, workerIndex);
}

/** [SL2] What came of it before it was taken back. @returns whether anything counts */
function takeRowsOf(step: Step, assignment: BatchAssignment): boolean {
  const place = slotOf(step.state, assignment);
  if (place === null) return false;
  const { job, round, slot } = place;
  const taken = takeSlices(step, job, round, slot, assignment);
  if (taken !== null) batchAnswered(step, taken);
  return taken !== null;
}

/** [CC5] Duplicates that went with it are for other partners. */
function rowsFreed(state: CoordinatorState, { jobId, payload }: BatchAssignment): void {
  const checks = inferenceJob(state, jobId)?.checks;
  if (checks != null && payload.duplicates.length > 0) checks.mustSweep = true;
}

/**
 * Asks for the recomputation of secret rows of a result, before anything is made of it; and for a comparison with the result that
 * stands for its worker index, if there is one.
 * @returns false where nothing checks this job, or the operator's cap leaves no row to recompute and there is nothing to compare it with
 */
export function audit(step: Step, job: InferenceJob, round: Round, slot: Slot, assignment: BatchAssignment): boolean {
  if (job.stored.unchecked !== null) return false;
  const { assignmentId, volunteerId, workerIndex } = assignment;
  const { state } = step;
  const { roundIndex, generation } = round;
  const batchRows = slotRows(round, slot);
  const measured = measuredOf(job, round, assignment);
  const precision = expectedClass(state, measured);
  const isFine = isFineClass(classOf(state, measured));
  const auditsPassed = recordIn(state, job, volunteerId);
  const { answerBound } = job.stored.submission;
  const other = comparedWith(state, job, round, slot);
  const isFull = needsFullAudit(round.plan, workerIndex, precision);
  // What is recomputed in full needs no coins.
  const crossChecked = isFull ? null : batchChecksOf(state, job, round, slot, assignment);
  const duplicates = duplicatesWith(state, job, assignment);
  const isAudited = crossChecked === null || crossChecked.isAuditedToo;
  const wanted = isFull
    ? batchRows
    : isAudited
      ? randomAuditRows(batchRows, auditsPassed, auditsNeededAmong(liarShares(state), answerBound))
      : crossChecked.drawnRows;
  const left = auditRowsLeft(state, job);
  const randomRows = Math.min(left, wanted);
  if (randomRows === 0 && other === null && crossChecked === null && duplicates.length === 0) return false;
  // Who is vetted anyway is measured by the same rows.
  const missing = isMeasured(state, measured) ? 0 : classRowsOf(batchRows, wanted);
  const classRows = Math.max(0, Math.min(left - randomRows, missing));
  const anchorsWanted = crossChecked?.anchors ?? [];
  const anchors = anchorsWanted.slice(0, left - randomRows - classRows);
  if (anchors.length < anchorsWanted.length) anchorsLeftOut(step, job);
  const rows = randomRows + classRows + anchors.length;
  job.auditRowsAsked += rows;
  const compared = duplicates.map((row) => row && duplicateOf(state, job, row));
  const isCrossChecked = crossChecked !== null || duplicates.length > 0;
  const batch = { assignmentId, volunteerId, workerIndex, precision, isFine, randomRows, classRows };
  const against = other?.against ?? null;
  const effectId = emitNumerics<InferenceWork>(step, job, {
    type: "audit",
    ...{ roundIndex, generation, against },
    ...batch,
    ...(isCrossChecked ? { crossChecked: { anchors, duplicates: compared } } : {}),
  });
  job.auditsPending.set(effectId, {
    roundIndex,
    ...{ volunteerId, measured, isFine, askedMs: step.nowMs, rows },
    against: other && { ...other.against, measured: other.measured },
    crossChecked: crossChecked && {
      coins: crossChecked.coins,
      anchors: anchors.length,
      rowsAudited: crossChecked.isAuditedToo ? batchRows : 0,
    },
    duplicates,
    ...(assignment.payload.isTakenBack ? { isTakenBack: true } : {}),
  });
  return true;
}

/** The result that stands for its worker index, and what is known of the tab that gave it. */
function comparedWith(state: CoordinatorState, job: InferenceJob, round: Round, slot: Slot) {
  const [result] = resultReference(slot);
  const given = result && state.assignments.get(result.assignmentId);
  if (result === undefined || given === undefined) return null;
  const measured = measuredOf(job, round, given as BatchAssignment);
  const [precision, isFine] = [expectedClass(state, measured), isFineClass(classOf(state, measured))];
  return { against: { ...result, precision, isFine }, measured };
}

/** [DP9] Half precision is good enough to be compared with, not to be what an exact job ends with. */
function needsFullAudit(plan: InferencePlan, workerIndex: number, precision: BackendClass): boolean {
  return precision === "float16" && plan.endsExact && isRawWorker(plan, workerIndex);
}

/**
 * [VF10] Random rows that the operator still lets the coordinator recompute for this job. One query is a row at each worker index: a job
 * of fewer queries than worker indexes counts as one of so many.
 */
export function auditRowsLeft({ settings }: CoordinatorState, { stored, plan, auditRowsAsked }: InferenceJob): number {
  const queries = Math.max(stored.queryCount, plan.scheme.workerCount);
  return Math.max(0, Math.ceil(queries * settings.auditShareMax) - auditRowsAsked);
}
