/** One batch on its way to one session and back. SPEC.md AS rules. */
import {
  ASSIGNMENT_DEADLINE_MS_MAX,
  ASSIGNMENT_DEADLINE_MS_MIN,
  LATE_FACTOR_MAX,
} from "../../shared/protocol/limits.ts";
import { batchWork, isRawWorker, modelIndexOf, randomAuditRows } from "../jobs/inference.ts";
import { resultReference } from "./batch-source.ts";
import { refreshIdle } from "./idle-sessions.ts";
import { type Crowd, isSlowFor } from "./placement.ts";
import { liarShare } from "./reputation-bounds.ts";
import { deadlineMs, recordResponse } from "./response-times.ts";
import type { Assignment, CoordinatorState, Job, Round, Session, Slot } from "./state.ts";
import { clearTimer, emit, emitNumerics, type Step, setTimer } from "./step-context.ts";

/** Outcomes kept per session for the pages. */
const RECENT_MAX = 10;

export function send(step: Step, job: Job, round: Round, slot: Slot, session: Session, crowd: Crowd): void {
  if (session.state !== "ready") throw new Error(`send: session ${session.sessionId} is ${session.state}`);
  const { state, nowMs } = step;
  const work = batchWork(job.stored, round.groupCount, modelIndexOf(round.plan, slot.workerIndex));
  const assignmentId = state.nextAssignmentId++;
  const assignment: Assignment = {
    assignmentId,
    jobId: job.stored.jobId,
    roundIndex: round.roundIndex,
    generation: round.generation,
    workerIndex: slot.workerIndex,
    sessionId: session.sessionId,
    volunteerId: session.volunteerId,
    precision: session.precision,
    addressGroup: session.addressGroup,
    sentMs: nowMs,
    work,
    isSlow: isSlowFor(session, work, crowd),
    draw: 0,
    state: "outstanding",
    timerId: null,
  };
  state.assignments.set(assignmentId, assignment);
  if (slot.accepted !== null) slot.opinionsAsked++;
  else if (slot.tried.size > 0) round.redispatched++;
  slot.attempts.add(assignmentId);
  slot.tried.add(session.volunteerId);
  session.unanswered.add(assignmentId);
  refreshIdle(state, session);
  job.servedWork += work;
  job.sentWork += work;
  emit(step, {
    type: "sendAssignment",
    assignmentId,
    sessionId: session.sessionId,
    jobId: assignment.jobId,
    roundIndex: round.roundIndex,
    generation: round.generation,
    workerIndex: slot.workerIndex,
    deadlineMs: deadlineMs(state, session, work),
  });
  armDeadline(step, assignment, ASSIGNMENT_DEADLINE_MS_MIN);
}

function armDeadline(step: Step, assignment: Assignment, afterMs: number): void {
  assignment.timerId = setTimer(step, step.nowMs + afterMs, {
    kind: "deadline",
    assignmentId: assignment.assignmentId,
  });
}

export type DeadlineVerdict = "early" | "late" | "void";

/**
 * [AS5] [AS6] The deadline is measured when it is looked at: what is out longer than it is late (and dispatched again),
 * what is out LATE_FACTOR_MAX times as long is void.
 */
export function checkDeadline(step: Step, assignment: Assignment, session: Session): DeadlineVerdict {
  const elapsedMs = step.nowMs - assignment.sentMs;
  const limitMs = deadlineMs(step.state, session, assignment.work);
  assignment.timerId = null;
  if (elapsedMs >= limitMs * LATE_FACTOR_MAX) return "void";
  if (elapsedMs >= limitMs) {
    const wasOutstanding = assignment.state === "outstanding";
    assignment.state = "late";
    if (wasOutstanding) session.lateAssignments++;
    armDeadline(step, assignment, Math.max(1, limitMs * LATE_FACTOR_MAX - elapsedMs));
    return wasOutstanding ? "late" : "early";
  }
  // Others answered meanwhile, or did not: look again when it would be late by what is known now, at least twice a
  // deadline, for the measured deadline may shrink.
  armDeadline(
    step,
    assignment,
    Math.max(1, Math.min(limitMs - elapsedMs, Math.max(ASSIGNMENT_DEADLINE_MS_MIN, elapsedMs))),
  );
  return "early";
}

/** The session answered: its time is measured, and it is free for more. */
export function answered(
  step: Step,
  assignment: Assignment,
  session: Session,
  outcome: string,
  isMeasure = true,
): void {
  const ms = step.nowMs - assignment.sentMs;
  clearTimer(step, assignment.timerId);
  assignment.timerId = null;
  session.unanswered.delete(assignment.assignmentId);
  refreshIdle(step.state, session);
  if (isMeasure) recordResponse(step.state, session, { ms, work: assignment.work });
  remember(session, assignment, outcome, ms);
}

export function remember(session: Session, assignment: Assignment, outcome: string, ms: number): void {
  const { jobId, roundIndex, workerIndex } = assignment;
  rememberOutcome(session, { jobId, roundIndex, workerIndex, outcome, ms });
}

export function rememberOutcome(session: Session, entry: Session["recent"][number]): void {
  session.recent.push(entry);
  if (session.recent.length > RECENT_MAX) session.recent.shift();
}

/**
 * Asks for the recomputation of secret rows of a result, before anything is made of it; and for a comparison with the result that
 * stands for its worker index, if there is one.
 * @returns false where the operator's cap leaves no row to recompute, and there is nothing to compare it with
 */
export function audit(step: Step, job: Job, round: Round, slot: Slot, assignment: Assignment): boolean {
  const volunteer = step.state.volunteers.get(assignment.volunteerId)!;
  const [against = null] = resultReference(slot);
  const randomRows = Math.min(
    auditRowsLeft(step.state, job),
    needsFullAudit(round, assignment)
      ? round.groupCount
      : randomAuditRows(
          round.groupCount,
          volunteer.auditsPassed,
          job.stored.submission.answerBound,
          liarShare(step.state),
        ),
  );
  if (randomRows === 0 && against === null) return false;
  job.auditRowsAsked += randomRows;
  assignment.state = "auditing";
  const effectId = emitNumerics(step, {
    type: "audit",
    jobId: assignment.jobId,
    roundIndex: assignment.roundIndex,
    generation: assignment.generation,
    assignmentId: assignment.assignmentId,
    volunteerId: assignment.volunteerId,
    workerIndex: assignment.workerIndex,
    precision: assignment.precision,
    randomRows,
    against,
  });
  const { jobId, roundIndex, volunteerId } = assignment;
  step.state.auditsPending.set(effectId, { jobId, roundIndex, volunteerId, askedMs: step.nowMs, against });
  return true;
}

/** [DP9] Half precision is good enough to be compared with, not to be what an exact job ends with. */
function needsFullAudit({ plan }: Round, { precision, workerIndex }: Assignment): boolean {
  return precision === "float16" && plan.endsExact && isRawWorker(plan, workerIndex);
}

/** [VF10] Random rows that the operator still lets the coordinator recompute for this job. */
export function auditRowsLeft({ settings }: CoordinatorState, job: Job): number {
  return Math.max(0, Math.ceil(job.stored.queryCount * settings.auditShareMax) - job.auditRowsAsked);
}

/**
 * [AS3] The assignment ends without a result: its token is void, and whatever still comes for it changes nothing.
 * @param tell whether the tab should hear that it need not go on
 */
export function voidAssignment(step: Step, assignment: Assignment, tell: boolean): void {
  const { state } = step;
  clearTimer(step, assignment.timerId);
  state.assignments.delete(assignment.assignmentId);
  const session = state.sessions.get(assignment.sessionId);
  const wasUnanswered = session?.unanswered.delete(assignment.assignmentId) ?? false;
  if (session) {
    if (wasUnanswered) remember(session, assignment, "not needed", step.nowMs - assignment.sentMs);
    if (wasUnanswered && tell) letGo(step, session, assignment);
    refreshIdle(state, session);
  }
  emit(step, {
    type: "voidAssignment",
    jobId: assignment.jobId,
    roundIndex: assignment.roundIndex,
    assignmentId: assignment.assignmentId,
    sessionId: assignment.sessionId,
    tell: tell && wasUnanswered,
  });
}

/** [AS8] A tab that was told to drop a batch may still be at it: it counts as busy until it says that it is free. */
function letGo(step: Step, session: Session, { assignmentId, sentMs, work }: Assignment): void {
  const atMs = step.nowMs + ASSIGNMENT_DEADLINE_MS_MAX;
  const timerId = setTimer(step, atMs, { kind: "lettingGo", sessionId: session.sessionId, assignmentId });
  session.lettingGo.set(assignmentId, { sentMs, work, timerId });
}

/** The tab has let go of a dropped batch. How long that took is as good a measure of it as an answer. */
export function hasLetGo(step: Step, session: Session, assignmentId: number): boolean {
  const dropped = session.lettingGo.get(assignmentId);
  if (dropped === undefined) return false;
  session.lettingGo.delete(assignmentId);
  clearTimer(step, dropped.timerId);
  recordResponse(step.state, session, { ms: step.nowMs - dropped.sentMs, work: dropped.work });
  refreshIdle(step.state, session);
  return true;
}

/** Its slot, unless the round has moved on to another generation or is gone. */
export function slotOf(state: CoordinatorState, assignment: Assignment): { job: Job; round: Round; slot: Slot } | null {
  const job = state.jobs.get(assignment.jobId);
  const round = job?.openRounds.get(assignment.roundIndex);
  if (job === undefined || round === undefined || round.generation !== assignment.generation) return null;
  return { job, round, slot: round.slots[assignment.workerIndex]! };
}
