/** A round from opening to durable answers, and open again when somebody in it turns out a liar. SPEC.md RD rules. */

import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import { isFineClass } from "../../../../shared/verify/model-class.ts";
import { voidAssignment } from "../../../coordinator/assignments.ts";
import { mayJudge } from "../../../coordinator/choice-rules.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { addCredit, bookCredits, takeCredit, tellCredit } from "../../../coordinator/credits.ts";
import type { CoreRecord } from "../../../coordinator/effects.ts";
import { ownRecord, persistOwn, recordOfVolunteer } from "../../../coordinator/persistence.ts";
import { areOne } from "../../../coordinator/persons.ts";
import { isQuarantined } from "../../../coordinator/reputation-bounds.ts";
import { graceMs } from "../../../coordinator/response-times.ts";
import type { Assignment, CoordinatorState } from "../../../coordinator/state.ts";
import { clearTimer, emitNumerics, emitWork, setJobTimer, touch } from "../../../coordinator/step-context.ts";
import type { StoredJob } from "../records.ts";
import { standsOnLiar } from "./batch-bounds.ts";
import { type BatchSource, type Coins, isChecked, sourceOf } from "./batch-source.ts";
import { countRound, takeChangedContributions } from "./contributions.ts";
import { rowsTakenIn } from "./cross-checks/crowd-lately.ts";
import {
  batchWork,
  groupsInRound,
  hasAllRaw,
  isRawWorker,
  rawQueryOf,
  roundBytes,
  slotCountOf,
} from "./inference-plan.ts";
import {
  type BatchAssignment,
  type FinishedRound,
  type InferenceJob,
  newSlot,
  type Round,
  resultReference,
  type Slot,
  slotAt,
  slotRows,
} from "./job.ts";
import { isFixedBackend } from "./model-classes.ts";
import { hasAnswerTo, isAccepted, isWanted, isWorkerWhole } from "./round-facts.ts";
import { mayGiveOpinion, wantsOpinion } from "./second-opinions.ts";
import { readinessOf, sendsParities } from "./spares.ts";
import type {
  DecodeOutcome,
  InferencePurpose,
  InferenceRecord,
  InferenceTimer,
  InferenceWork,
  ResultReference,
  RoundRecord,
} from "./work.ts";

export function openRound(step: Step, job: InferenceJob, roundIndex: number): Round {
  const round = newRound(step, job, roundIndex, 0, null);
  job.openRounds.set(roundIndex, round);
  job.rests.delete(roundIndex);
  job.pace ??= { sinceMs: step.nowMs, rowsTaken: 0 };
  const { hasParities, generation } = round;
  // Queries as they are need no encoding; those of a stream have no order yet.
  if (!hasParities && job.stream === null) return round;
  round.phase = "encoding";
  emitNumerics<InferenceWork>(step, job, { type: "encode", roundIndex, generation, hasParities });
  return round;
}

/** @param earlier the durable round that it is opened again for */
export function newRound(
  step: Step,
  job: InferenceJob,
  roundIndex: number,
  generation: number,
  earlier: FinishedRound | null,
): Round {
  const plan = job.schedule.planOf(roundIndex);
  const groupCount = groupsInRound(plan, roundIndex);
  return {
    roundIndex,
    plan,
    generation,
    phase: "gathering",
    openedMs: earlier?.openedMs ?? step.nowMs,
    slots: Array.from({ length: slotCountOf(plan) }, (_, workerIndex) => newSlot(workerIndex)),
    groupCount,
    bytes: roundBytes(plan, job.stored, groupCount),
    // [VF12] Of what nobody checks nothing is decoded.
    hasParities: (job.stored.unchecked === null || !plan.hasSpares) && sendsParities(plan, job.better, roundIndex),
    decode: earlier === null ? { state: "none", minimumResults: 0 } : { state: "published" },
    wanted: new Set(),
    opinionsWanted: new Set(),
    graceTimerId: null,
    gracePassed: false,
    firstMs: earlier?.firstMs ?? null,
    exactMs: null,
    estimatedAtFirst: earlier?.estimatedAtFirst ?? 0,
    redispatched: earlier?.redispatched ?? 0,
    credits: new Map(),
    creditedRows: new Map(),
    rejected: new Map(),
    takenOut: [],
  };
}

/**
 * The result stands for its worker index. Other attempts at it are no longer needed, unless a second opinion is wanted: then
 * who is at it may give one.
 * @param auditedRows of its rows, drawn at random and recomputed
 * @param precision as measured of its tab for the model; where nothing is measured, what the known question said
 */
export function acceptResult(
  step: Step,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  assignment: BatchAssignment,
  auditedRows: number,
  precision: BackendClass = assignment.precision,
  coins?: Coins,
): void {
  const { assignmentId, volunteerId, addressGroup } = assignment;
  job.openRounds.changed(round);
  assignment.state = "accepted";
  slot.attempts.delete(assignmentId);
  const checkedBy = coins === undefined ? {} : { coins };
  const by = { assignmentId, volunteerId, precision, addressGroup, ...cardOf(assignment) };
  slot.accepted = { ...by, auditedRows, opinionBy: null, ...checkedBy };
  if (round.plan.verification === "audits" && job.stored.unchecked === null)
    rowsTakenIn(step, volunteerId, slotRows(round, slot));
  if (job.pace !== null && isRawWorker(round.plan, slot.workerIndex)) job.pace.rowsTaken += slotRows(round, slot);
  if (round.decode.state === "published") patchAnswers(step, job, round, [slot]);
  credit(step, round, slot, assignment);
  if (wantsOpinion(step.state, job, round, slot, slot.accepted, assignment.draw)) {
    round.opinionsWanted.add(slot.workerIndex);
    voidAttempts(step, slot, (attempt) => !isAtOpinion(step, job, slot, attempt));
  } else voidAttempts(step, slot);
  touch(step, job, round);
}

function isAtOpinion({ state }: Step, job: InferenceJob, slot: Slot, attempt: Assignment): boolean {
  const session = state.sessions.get(attempt.sessionId);
  // Who has answered already is checked on its own; who is late, or has not begun, is not waited for.
  if (session === undefined || attempt.state !== "outstanding" || attempt.startedMs === null) return false;
  return mayGiveOpinion(state, { ...slot, tried: new Set() }, session) && mayJudge(state, session.volunteerId, job);
}

/**
 * [VF8] Somebody else computed the batch too, and every row of the result that stands was found right, or the same. [PC2] Of the two the
 * finer one stands.
 * @param opinion what was measured of its tab for the model, and how many of its rows were drawn at random and recomputed
 */
export function acceptOpinion(
  step: Step,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  assignment: BatchAssignment,
  opinion: { readonly precision: BackendClass; readonly auditedRows: number },
  against: { readonly assignmentId: number; readonly randomlyChecked: number } | null,
): void {
  job.openRounds.changed(round);
  slot.attempts.delete(assignment.assignmentId);
  round.opinionsWanted.delete(slot.workerIndex);
  const { accepted } = slot;
  const isCompared = accepted !== null && against !== null && accepted.assignmentId === against.assignmentId;
  const isFiner = isCompared && accepted.precision === "float16" && isFineClass(opinion.precision);
  if (isFiner) standInstead(step, job, slot, accepted, assignment, opinion);
  else if (isCompared) {
    const { auditedRows, ownDrawnRows = auditedRows } = accepted;
    const checked = { auditedRows: auditedRows + against.randomlyChecked, ownDrawnRows };
    const opinionBy = isOpinion(step, job, assignment, accepted) ? assignment.volunteerId : accepted.opinionBy;
    const { card, ...known } = accepted;
    // [PC11] What one of fixed arithmetic computed too is no card's alone.
    const isConfirmed = card === undefined || isFixedBackend(assignment.payload.backend);
    slot.accepted = { ...(isConfirmed ? known : accepted), ...checked, opinionBy };
  }
  if (isCompared && round.decode.state === "published") patchAnswers(step, job, round, [slot]);
  credit(step, round, slot, assignment);
  if (!isFiner) voidAssignment(step, assignment, false);
  touch(step, job, round);
}

/** [WC3] [DV2] The word of somebody who chose the job, or of another device of the same one, is none: what was recomputed counts. */
function isOpinion({ state }: Step, job: InferenceJob, judge: Judge, of: Judge): boolean {
  return mayJudge(state, judge.volunteerId, job) && !areOne(state, judge.volunteerId, of.volunteerId);
}

type Judge = Pick<Assignment, "volunteerId">;

function standInstead(
  step: Step,
  job: InferenceJob,
  slot: Slot,
  coarser: NonNullable<Slot["accepted"]>,
  assignment: BatchAssignment,
  opinion: { readonly precision: BackendClass; readonly auditedRows: number },
): void {
  const { assignmentId, volunteerId, addressGroup } = assignment;
  assignment.state = "accepted";
  const opinionBy = isOpinion(step, job, coarser, assignment) ? coarser.volunteerId : null;
  slot.accepted = { assignmentId, volunteerId, ...opinion, addressGroup, opinionBy, ...cardOf(assignment) };
  const replaced = step.state.assignments.get(coarser.assignmentId ?? -1);
  if (replaced) voidAssignment(step, replaced, false);
}

/** [PC11] */
function cardOf({ payload }: BatchAssignment): Pick<BatchSource, "card"> {
  return isFixedBackend(payload.backend) ? {} : { card: payload.backend };
}

function credit({ state }: Step, round: Round, slot: Slot, { volunteerId, sessionId, work }: Assignment): void {
  addCredit(round.credits, volunteerId, work);
  round.creditedRows.set(volunteerId, (round.creditedRows.get(volunteerId) ?? 0) + slotRows(round, slot));
  const session = state.sessions.get(sessionId);
  if (session) session.verifiedAssignments++;
}

/** @param which all of them, unless told */
export function voidAttempts(step: Step, slot: Slot, which: (attempt: Assignment) => boolean = () => true): void {
  for (const assignmentId of [...slot.attempts]) {
    const assignment = step.state.assignments.get(assignmentId);
    if (assignment !== undefined && !which(assignment)) continue;
    if (assignment) voidAssignment(step, assignment, true);
    slot.attempts.delete(assignmentId);
  }
}

/** Moves a round on as far as what is known allows. */
export function advanceRound(step: Step, job: InferenceJob, round: Round): void {
  if (round.phase !== "gathering" || job.stored.suspended !== null) return;
  job.openRounds.changed(round);
  if (round.decode.state === "none") tryDecode(step, job, round, round.decode.minimumResults);
  if (round.decode.state === "published") tryFinish(step, job, round);
}

/** [SL6] Worker indices of which every row has a result. @param has whether a slot has one that counts */
export function acceptedWorkers(round: Round, has: (slot: Slot) => boolean = isAccepted): number[] {
  const { workerCount } = round.plan.scheme;
  return round.slots
    .filter((slot) => slot.workerIndex < workerCount && isWorkerWhole(round, slot, has))
    .map((slot) => slot.workerIndex);
}

function tryDecode(step: Step, job: InferenceJob, round: Round, minimumResults: number): void {
  const accepted = acceptedWorkers(round);
  const verdict = readinessOf(round.plan, round.hasParities, accepted, minimumResults, round.gracePassed);
  if (verdict === "grace" && round.graceTimerId === null) {
    const waitMs = graceMs(step.state, batchWork(job.stored, round.groupCount));
    const { roundIndex, generation } = round;
    const grace: InferenceTimer = { type: "grace", roundIndex, generation };
    round.graceTimerId = setJobTimer(step, job, step.nowMs + waitMs, grace);
  }
  if (verdict !== "decode") return;
  clearTimer(step, round.graceTimerId);
  round.graceTimerId = null;
  const results = round.slots.flatMap(resultReference);
  const { roundIndex, generation } = round;
  const isAudited = job.plan.verification === "audits" && job.stored.unchecked === null;
  const auditSuspects =
    isAudited && !(round.plan.isPlain && round.slots.every((slot) => isCheckedRowByRow(round, slot)));
  const decode: InferenceWork = { type: "decode", roundIndex, generation, results, auditSuspects };
  const effectId = emitNumerics(step, job, decode);
  const volunteers = results.map(({ workerIndex, volunteerId }) => [workerIndex, volunteerId] as const);
  job.decodesPending.set(effectId, new Map(volunteers));
  round.decode = { state: "running", effectId, resultCount: results.length };
}

/** [VF2] Is each of its rows under a coin, or was computed here? */
function isCheckedRowByRow(round: Round, slot: Slot): boolean {
  const { accepted } = slot;
  return accepted === null || accepted.coins !== undefined || accepted.auditedRows >= slotRows(round, slot);
}

/** [RD3] The first answers of a round; nobody in them is known to have lied. */
export function publishDecoded(
  step: Step,
  job: InferenceJob,
  round: Round,
  effectId: number,
  outcome: DecodeOutcome,
): void {
  if (round.decode.state !== "running") return;
  job.openRounds.changed(round);
  // What came while it was being decoded is not in this outcome: it may be what a majority needs.
  const { resultCount } = round.decode;
  if (outcome.missingRows > 0 && resultCount < round.slots.length) {
    round.decode = { state: "none", minimumResults: resultCount + 1 };
    return;
  }
  const { roundIndex, generation } = round;
  emitWork<InferenceWork>(step, job, { type: "publish", roundIndex, generation, decodeEffectId: effectId });
  round.decode = { state: "published" };
  patchAnswers(step, job, round, round.slots);
  if (round.firstMs === null) {
    round.firstMs = step.nowMs - round.openedMs;
    round.estimatedAtFirst = outcome.estimatedRows;
  }
  if (round.plan.endsExact) for (let query = 0; query < round.plan.scheme.queryCount; query++) round.wanted.add(query);
  for (const workerIndex of outcome.unanswered) round.wanted.add(rawQueryOf(round.plan, workerIndex));
  job.better = outcome.better ?? job.better;
  countRejected(round, outcome);
  job.stored.heldOutAgreed += outcome.heldOutAgreed;
  job.stored.heldOutTotal += outcome.heldOutTotal;
  // What only served to estimate is of no further use, and its tabs are free for what is.
  for (const slot of round.slots) {
    if (!isWanted(round, slot) && !round.opinionsWanted.has(slot.workerIndex)) voidAttempts(step, slot);
  }
}

function countRejected(round: Round, { rejected }: DecodeOutcome): void {
  for (const { workerIndex, groups } of rejected) {
    const volunteerId = slotAt(round, workerIndex).accepted?.volunteerId;
    if (volunteerId === undefined) continue;
    round.rejected.set(volunteerId, (round.rejected.get(volunteerId) ?? 0) + groups);
  }
}

/**
 * [RD4] An exact round is finished by the model's own verified answer to every query; any other by its first answers. [VF7] Not
 * before second opinions that are wanted are given, or given up.
 */
function tryFinish(step: Step, job: InferenceJob, round: Round): void {
  if (round.exactMs === null && givesOwnAnswers(round)) round.exactMs = step.nowMs - round.openedMs;
  for (const query of round.wanted) if (!hasAnswerTo(round, query)) return;
  if (round.opinionsWanted.size > 0) return;
  for (const slot of round.slots) voidAttempts(step, slot);
  round.phase = "finishing";
  const volunteers = bookCredits(step.state, round.credits);
  countRound(job, round);
  persistOwn<InferencePurpose>(step, job, { type: "round", roundIndex: round.roundIndex }, [
    ownRecord<RoundRecord>(job, roundRecord(round)),
    jobRecord(job),
    ...takeChangedContributions(job),
    ...volunteers.map(recordOfVolunteer),
  ]);
}

/** [VF4] Estimates that a liar's results went into: where they would have stayed, their queries are asked again. */
function withdrawEstimates(step: Step, job: InferenceJob, round: Round): void {
  if (job.plan.endsExact) return;
  for (const slot of round.slots) {
    if (slot.accepted === null && isRawWorker(round.plan, slot.workerIndex))
      withdraw(step, job, round, slot.workerIndex);
  }
}

/** Is every answer of the round what the model itself gave somebody for that query, and checked by somebody else? */
function givesOwnAnswers(round: Round): boolean {
  const { verification } = round.plan;
  if (verification !== "audits") return verification === "votes";
  return hasAllRaw(
    round.plan,
    acceptedWorkers(round, ({ accepted }) => accepted !== null && isChecked(accepted)),
  );
}

/** [RD7] After the first answers a verified result is told at once: it does not wait for the rest of its round. */
function patchAnswers(step: Step, job: InferenceJob, round: Round, slots: readonly Slot[]): void {
  const results = ownResults(round, slots);
  if (results.length === 0) return;
  const { roundIndex, generation } = round;
  emitWork<InferenceWork>(step, job, { type: "patch", roundIndex, generation, results });
}

/** [VF5] The rows of this worker index are no longer an answer, and are wanted again. */
function withdraw(step: Step, job: InferenceJob, round: Round, workerIndex: number): void {
  const { roundIndex, generation } = round;
  if (isRawWorker(round.plan, workerIndex)) round.wanted.add(rawQueryOf(round.plan, workerIndex));
  emitWork<InferenceWork>(step, job, { type: "withdraw", roundIndex, generation, workerIndex });
}

/** The job as it is now, to be written. */
export function jobRecord(job: InferenceJob, changes: Partial<StoredJob> = {}): CoreRecord {
  return ownRecord<InferenceRecord>(job, { type: "job", job: { ...job.stored, ...changes } });
}

function roundRecord(round: Round): RoundRecord {
  return {
    type: "round",
    roundIndex: round.roundIndex,
    generation: round.generation,
    patches: ownResults(round, round.slots),
    sources: sourcesOf(round),
    firstMs: round.firstMs,
    exactMs: round.exactMs,
    estimatedAtFirst: round.estimatedAtFirst,
    redispatched: round.redispatched,
  };
}

/** Results that are answers as they are; those that were part of the first ones change nothing a second time. */
function ownResults({ plan }: Round, slots: readonly Slot[]): ResultReference[] {
  if (plan.verification !== "audits") return [];
  return slots.flatMap(resultReference).filter(({ workerIndex }) => isRawWorker(plan, workerIndex));
}

function sourcesOf(round: Round): (BatchSource | null)[] {
  return round.slots.map(({ accepted }) => (accepted === null ? null : sourceOf(accepted)));
}

/** The round's answers are durable: what it held is let go, and credits are told. */
export function roundPersisted(step: Step, job: InferenceJob, roundIndex: number): void {
  const round = job.openRounds.get(roundIndex);
  if (round === undefined || round.phase !== "finishing") return;
  forgetAcceptedAssignments(step.state, round);
  job.openRounds.delete(roundIndex);
  const finished: FinishedRound = {
    generation: round.generation,
    openedMs: round.openedMs,
    sources: sourcesOf(round),
    firstMs: round.firstMs,
    exactMs: round.exactMs,
    estimatedAtFirst: round.estimatedAtFirst,
    redispatched: round.redispatched,
  };
  job.finishedRounds.set(roundIndex, finished);
  emitWork<InferenceWork>(step, job, { type: "releaseRound", roundIndex });
  for (const volunteerId of round.credits.keys()) tellCredit(step, volunteerId);
}

export function usesQuarantined(state: CoordinatorState, sources: readonly (BatchSource | null)[]): boolean {
  return sources.some((source) => source !== null && standsOnLiar(state, source));
}

function forgetAcceptedAssignments(state: CoordinatorState, round: Round): void {
  for (const slot of round.slots) {
    const assignmentId = slot.accepted?.assignmentId ?? null;
    if (assignmentId !== null) state.assignments.delete(assignmentId);
  }
}

/** Ends a round without answers: the job is cancelled or failed. */
export function dropRound(step: Step, job: InferenceJob, round: Round): void {
  for (const slot of round.slots) {
    voidAttempts(step, slot);
    const assignment = step.state.assignments.get(slot.accepted?.assignmentId ?? -1);
    if (assignment) voidAssignment(step, assignment, false);
  }
  clearTimer(step, round.graceTimerId);
  job.openRounds.delete(round.roundIndex);
  step.touched.delete(round);
  emitWork<InferenceWork>(step, job, { type: "releaseRound", roundIndex: round.roundIndex });
}

/**
 * [VF4] Nothing of a quarantined volunteer stays: what it was sent is void, what was accepted of it is taken out again,
 * and a decode that used it no longer counts.
 */
export function purgeRound(step: Step, job: InferenceJob, round: Round, volunteerId: string): void {
  if (round.phase === "finishing") return; // its records are being written; then its lies are withdrawn
  job.openRounds.changed(round);
  let removed = false;
  const takenBefore = round.takenOut.length;
  for (const slot of round.slots) {
    for (const assignmentId of [...slot.attempts]) {
      const assignment = step.state.assignments.get(assignmentId);
      if (assignment === undefined || assignment.volunteerId !== volunteerId) continue;
      slot.attempts.delete(assignmentId);
      voidAssignment(step, assignment, true);
    }
    if (slot.accepted === null) continue;
    if (!standsOnLiar(step.state, slot.accepted)) {
      // Its word for others is worth nothing any more.
      if (slot.accepted.opinionBy === volunteerId) slot.accepted = { ...slot.accepted, opinionBy: null };
      continue;
    }
    takeOut(step, job, round, slot, slot.accepted);
    removed = true;
  }
  const isItsOut = round.takenOut.slice(takenBefore).some((one) => one.volunteerId === volunteerId);
  if (isItsOut || isQuarantined(step.state, volunteerId)) {
    round.credits.delete(volunteerId);
    round.creditedRows.delete(volunteerId);
  }
  if (removed) forgetDecode(step, job, round);
  touch(step, job, round);
}

/**
 * [PC5] The result that stands was found wrong, and too few rows of its back-end were looked at to say whether it lies or is broken: nobody
 * is named, it earns nothing, and its rows are somebody else's.
 */
export function takeOutWrong(step: Step, job: InferenceJob, round: Round, slot: Slot, assignment: Assignment): void {
  const { assignmentId, volunteerId, work } = assignment;
  if (round.phase === "finishing" || slot.accepted?.assignmentId !== assignmentId) return;
  job.openRounds.changed(round);
  takeOut(step, job, round, slot, slot.accepted, assignmentId);
  takeCredit(round.credits, volunteerId, work);
  const rows = (round.creditedRows.get(volunteerId) ?? 0) - slotRows(round, slot);
  round.creditedRows.set(volunteerId, Math.max(0, rows));
  forgetDecode(step, job, round);
  touch(step, job, round);
}

function takeOut(
  step: Step,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  { assignmentId, volunteerId }: NonNullable<Slot["accepted"]>,
  wrongAssignmentId?: number,
): void {
  round.opinionsWanted.delete(slot.workerIndex);
  const assignment = step.state.assignments.get(assignmentId ?? -1);
  if (assignment) voidAssignment(step, assignment, false);
  round.takenOut.push({
    ...{ volunteerId, rows: slotRows(round, slot), wasDurable: assignmentId === null },
    ...(wrongAssignmentId === undefined ? {} : { wrongAssignmentId }),
  });
  slot.accepted = null;
  slot.takenBefore++;
  if (round.decode.state === "published") withdraw(step, job, round, slot.workerIndex);
}

/** Of results that stand no longer. */
function forgetDecode(step: Step, job: InferenceJob, round: Round): void {
  round.exactMs = null;
  if (round.decode.state === "published") withdrawEstimates(step, job, round);
  if (round.decode.state === "running") round.decode = { state: "none", minimumResults: 0 };
}
