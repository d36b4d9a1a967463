/** One batch: what is sent, what becomes of its result, and of one that nobody answered. SPEC.md AS and VF rules. */
import type { Verification } from "../../../../shared/coding/scheme-definition.ts";
import { must } from "../../../coordinator/assert.ts";
import { sendAssignment, voidAssignment } from "../../../coordinator/assignments.ts";
import type { Crowd, Freed, Step } from "../../../coordinator/core-kind.ts";
import { failJob } from "../../../coordinator/jobs.ts";
import { countReadyVolunteers, isSlowFor } from "../../../coordinator/ranking.ts";
import { liarShare } from "../../../coordinator/reputation-bounds.ts";
import type { Check, CoordinatorState, Session } from "../../../coordinator/state.ts";
import { emitNumerics, touch } from "../../../coordinator/step-context.ts";
import { batchWork, type InferencePlan, isRawWorker, modelIndexOf, randomAuditRows } from "./inference-plan.ts";
import {
  type Batch,
  type BatchAssignment,
  type InferenceJob,
  type Round,
  resultReference,
  type Slot,
  slotOf,
} from "./job.ts";
import { acceptResult } from "./rounds.ts";
import type { InferenceWork } from "./work.ts";

const JOB_FAILURES_IN_ROW_MAX = 20;
const JOB_FAILING_VOLUNTEERS_MIN = 5;

/** How a result is checked before it counts, by what the scheme promises. */
const CHECKS: Readonly<Record<Verification, Check>> = { audits: "rows", votes: "votes", none: "none" };

/** Multiply-adds of the batch of a worker index. */
export function workOf(job: InferenceJob, round: Round, workerIndex: number): number {
  return batchWork(job.stored, round.groupCount, modelIndexOf(round.plan, workerIndex));
}

export function sendBatch(
  step: Step,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  session: Session,
  crowd: Crowd,
): void {
  const { roundIndex, generation } = round;
  const { workerIndex } = slot;
  const work = workOf(job, round, workerIndex);
  const { assignmentId } = sendAssignment<Batch>(step, job, session, {
    ...{ roundIndex, workerIndex, work, payload: { generation } },
    check: CHECKS[job.plan.verification],
    isSlow: isSlowFor(session, work, crowd),
    queueing: "alone",
    limitMs: null,
  });
  if (slot.accepted !== null) slot.opinionsAsked++;
  slot.attempts.add(assignmentId);
}

/** Its tab can be at it: its volunteer has tried it. */
export function batchBegan({ state }: Step, assignment: BatchAssignment): void {
  const place = slotOf(state, assignment);
  if (place === null) return;
  const { round, slot } = place;
  if (slot.accepted === null && slot.tried.size > 0) round.redispatched++;
  slot.tried.add(assignment.volunteerId);
}

/** [VF10] [VF12] Where the operator's cap leaves no audit, or nothing could come of one, a result is taken in unchecked, and says so. */
export function batchAnswered(step: Step, assignment: BatchAssignment): void {
  const place = slotOf(step.state, assignment);
  if (place === null) return voidAssignment(step, assignment, false);
  const { job, round, slot } = place;
  job.failuresInRow = 0;
  job.failedBy.clear();
  const isAudited = assignment.check === "rows" && audit(step, job, round, slot, assignment);
  if (!isAudited) acceptResult(step, job, round, slot, assignment, 0);
}

/** [VF7] A round is not held up for an opinion that is late. */
export function batchIsLate(step: Step, assignment: BatchAssignment): void {
  const place = slotOf(step.state, assignment);
  if (place === null) return;
  const { job, round, slot } = place;
  touch(step, job, round);
  if (slot.accepted === null) return;
  slot.attempts.delete(assignment.assignmentId);
  if (slot.accepted.auditedRows > 0) round.opinionsWanted.delete(assignment.workerIndex);
  voidAssignment(step, assignment, true);
}

/** Its slot is for somebody else. */
export function batchFreed(step: Step, assignment: BatchAssignment, freed: Freed): void {
  const place = slotOf(step.state, assignment);
  if (place === null) return;
  place.slot.attempts.delete(assignment.assignmentId);
  touch(step, place.job, place.round);
  if (freed.why === "failed") countFailure(step, place.job, assignment.volunteerId, freed.message);
}

/** [AS4] A model that nobody can run ends its job. One broken device, or one that wishes the job ill, must not. */
function countFailure(step: Step, job: InferenceJob, volunteerId: string, message: string): void {
  job.failuresInRow++;
  job.failedBy.add(volunteerId);
  const devices = Math.min(JOB_FAILING_VOLUNTEERS_MIN, countReadyVolunteers(step.state));
  if (job.failuresInRow < JOB_FAILURES_IN_ROW_MAX || job.failedBy.size < devices) return;
  failJob(step, job, `${job.failuresInRow} assignments in a row failed, the last with: ${message}`);
}

/**
 * Asks for the recomputation of secret rows of a result, before anything is made of it; and for a comparison with the result that
 * stands for its worker index, if there is one.
 * @returns false where nothing checks this job, or the operator's cap leaves no row to recompute and there is nothing to compare it with
 */
export function audit(step: Step, job: InferenceJob, round: Round, slot: Slot, assignment: BatchAssignment): boolean {
  if (job.stored.unchecked !== null) return false;
  const { assignmentId, volunteerId, workerIndex, precision } = assignment;
  const { roundIndex, generation } = round;
  const { auditsPassed } = must(
    step.state.volunteers.get(volunteerId),
    `AS2: who answers is known, ${volunteerId} is not`,
  );
  const { answerBound } = job.stored.submission;
  const [against = null] = resultReference(slot);
  const wanted = needsFullAudit(round.plan, assignment)
    ? round.groupCount
    : randomAuditRows(round.groupCount, auditsPassed, answerBound, liarShare(step.state));
  const randomRows = Math.min(auditRowsLeft(step.state, job), wanted);
  if (randomRows === 0 && against === null) return false;
  job.auditRowsAsked += randomRows;
  const batch = { assignmentId, volunteerId, workerIndex, precision };
  const work: InferenceWork = { type: "audit", roundIndex, generation, ...batch, randomRows, against };
  const effectId = emitNumerics(step, job, work);
  job.auditsPending.set(effectId, { roundIndex, volunteerId, askedMs: step.nowMs, against });
  return true;
}

/** [DP9] Half precision is good enough to be compared with, not to be what an exact job ends with. */
function needsFullAudit(plan: InferencePlan, { precision, workerIndex }: BatchAssignment): boolean {
  return precision === "float16" && plan.endsExact && isRawWorker(plan, workerIndex);
}

/** [VF10] Random rows that the operator still lets the coordinator recompute for this job. */
export function auditRowsLeft({ settings }: CoordinatorState, job: InferenceJob): number {
  return Math.max(0, Math.ceil(job.stored.queryCount * settings.auditShareMax) - job.auditRowsAsked);
}
