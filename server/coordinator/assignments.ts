/** One batch on its way to one session and back. SPEC.md AS rules. */
import {
  ASSIGNMENT_DEADLINE_MS_MAX,
  ASSIGNMENT_DEADLINE_MS_MIN,
  BATCH_AHEAD_LOOK_LATE_MS,
  BATCH_AHEAD_OVERDUE_MS_MIN,
  LATE_FACTOR_MAX,
} from "../../shared/protocol/limits.ts";
import { resultReference } from "../kinds/inference/core/batch-source.ts";
import { batchWork, isRawWorker, modelIndexOf, randomAuditRows } from "../kinds/inference/core/inference-plan.ts";
import { aheadAt, refreshIdle, underWayAt } from "./idle-sessions.ts";
import { type Crowd, crowdOf, isSlowFor, sessionFor } from "./placement.ts";
import { liarShare } from "./reputation-bounds.ts";
import { deadlineMs, overdueAtMs, recordResponse, wasAhead } from "./response-times.ts";
import type { Assignment, CoordinatorState, Job, Round, Session, Slot } from "./state.ts";
import { clearTimer, emit, emitNumerics, type Step, setTimer } from "./step-context.ts";

/** Outcomes kept per session for the pages. */
const RECENT_MAX = 10;

/** [AS9] To a session that is at another batch it is sent ahead: it begins when that one is answered. */
export function send(step: Step, job: Job, round: Round, slot: Slot, session: Session, crowd: Crowd): void {
  if (session.state !== "ready") throw new Error(`send: session ${session.sessionId} is ${session.state}`);
  const { state, nowMs } = step;
  const before = underWayAt(state, session);
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
    startedMs: null,
    work,
    isSlow: isSlowFor(session, work, crowd),
    draw: 0,
    state: "outstanding",
    timerId: null,
  };
  state.assignments.set(assignmentId, assignment);
  if (slot.accepted !== null) slot.opinionsAsked++;
  slot.attempts.add(assignmentId);
  session.unanswered.add(assignmentId);
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
    isAhead: before !== null,
  });
  if (before === null) begin(step, assignment);
  else lookAgainAt(step, assignment, overdueAtMs(session, before).overdueMs);
  refreshIdle(state, session);
}

function lookAgainAt(step: Step, ahead: Assignment, dueMs: number, isSecondLook = false): void {
  const { sessionId } = ahead;
  ahead.timerId = setTimer(step, dueMs, { kind: "ahead", sessionId, dueMs, isSecondLook });
}

/**
 * [AS10] The batch that the session is at takes longer than was expected: whoever idles could begin the one behind it at once.
 * After a while it is taken back in any case. Where the coordinator itself was held up, answers may wait to be read: they are, first.
 */
export function checkAhead(
  step: Step,
  session: Session,
  { dueMs, isSecondLook }: { dueMs: number; isSecondLook: boolean },
): void {
  const { state, nowMs } = step;
  const [before, ahead] = [underWayAt(state, session), aheadAt(state, session)];
  if (before === null || ahead === null) return;
  ahead.timerId = null;
  if (nowMs - dueMs > BATCH_AHEAD_LOOK_LATE_MS && !isSecondLook) {
    return lookAgainAt(step, ahead, nowMs + BATCH_AHEAD_OVERDUE_MS_MIN, true);
  }
  const { latestMs } = overdueAtMs(session, before);
  if (nowMs >= latestMs || isForAnotherOne(state, ahead)) takeBackAhead(step, session);
  else lookAgainAt(step, ahead, Math.min(latestMs, nowMs + BATCH_AHEAD_OVERDUE_MS_MIN));
}

/** Could somebody who idles begin it at once? */
function isForAnotherOne(state: CoordinatorState, ahead: Assignment): boolean {
  const place = slotOf(state, ahead);
  if (place === null || state.idleSessions.size === 0) return false;
  return sessionFor(state, place.job, place.round, place.slot, crowdOf(state)) !== null;
}

/** Its tab can be at it from now on: time counts. */
function begin(step: Step, assignment: Assignment): void {
  countAsTried(step, assignment);
  armDeadline(step, assignment, ASSIGNMENT_DEADLINE_MS_MIN);
}

function countAsTried(step: Step, assignment: Assignment): void {
  assignment.startedMs = step.nowMs;
  const place = slotOf(step.state, assignment);
  if (place === null) return;
  const { round, slot } = place;
  if (slot.accepted === null && slot.tried.size > 0) round.redispatched++;
  slot.tried.add(assignment.volunteerId);
}

/** [AS9] The batch before it was answered: what was sent ahead to this session begins. */
export function beginAhead(step: Step, session: Session): void {
  const ahead = aheadAt(step.state, session);
  if (ahead === null) return;
  clearTimer(step, ahead.timerId);
  begin(step, ahead);
  refreshIdle(step.state, session);
}

/**
 * [AS10] What was sent ahead to this session and has not begun is for others again, at once.
 * @returns whether there was something
 */
export function takeBackAhead(step: Step, session: Session): boolean {
  const ahead = aheadAt(step.state, session);
  if (ahead === null) return false;
  const place = slotOf(step.state, ahead);
  place?.slot.attempts.delete(ahead.assignmentId);
  if (place) step.touched.set(place.round, place.job);
  voidAssignment(step, ahead, true);
  return true;
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
  const elapsedMs = msOf(step, assignment);
  const limitMs = deadlineMs(step.state, session, assignment.work);
  assignment.timerId = null;
  if (elapsedMs >= limitMs * LATE_FACTOR_MAX) return "void";
  if (elapsedMs >= limitMs) {
    const wasOutstanding = assignment.state === "outstanding";
    assignment.state = "late";
    if (wasOutstanding) session.lateAssignments++;
    takeBackAhead(step, session);
    refreshIdle(step.state, session);
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
  const ms = msOf(step, assignment);
  clearTimer(step, assignment.timerId);
  assignment.timerId = null;
  session.unanswered.delete(assignment.assignmentId);
  if (session.available) session.restsBetween = false;
  // Answered before the one that it was sent behind: nobody knows when the tab began it.
  if (assignment.startedMs === null) countAsTried(step, assignment);
  else if (isMeasure) measure(step, session, assignment);
  refreshIdle(step.state, session);
  remember(session, assignment, outcome, ms);
}

function measure(step: Step, session: Session, assignment: Assignment): void {
  const took = { ms: msOf(step, assignment), work: assignment.work, wasAhead: wasAhead(assignment) };
  recordResponse(step.state, session, took);
}

/** How long its tab can have been at it. */
function msOf(step: Step, { startedMs }: Assignment): number {
  return step.nowMs - (startedMs ?? step.nowMs);
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
  const hadBegun = assignment.startedMs !== null;
  if (!hadBegun) countAsUnsent(state, assignment);
  if (session) {
    if (wasUnanswered && hadBegun) remember(session, assignment, "not needed", msOf(step, assignment));
    if (wasUnanswered && tell) letGo(step, session, assignment);
    if (wasUnanswered && hadBegun) takeBackAhead(step, session);
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

/** [DP2] Nobody was at it: its job was not served by it. */
function countAsUnsent(state: CoordinatorState, { jobId, work }: Assignment): void {
  const job = state.jobs.get(jobId);
  if (job === undefined) return;
  job.servedWork -= work;
  job.sentWork -= work;
}

/** [AS8] A tab that was told to drop a batch may still be at it: it counts as busy until it says that it is free. */
function letGo(step: Step, session: Session, assignment: Assignment): void {
  const { assignmentId } = assignment;
  const atMs = step.nowMs + ASSIGNMENT_DEADLINE_MS_MAX;
  const timerId = setTimer(step, atMs, { kind: "lettingGo", sessionId: session.sessionId, assignmentId });
  session.lettingGo.set(assignmentId, { assignment, timerId });
}

/** The tab has let go of a dropped batch. How long that took is as good a measure of it as an answer, of one that had begun. */
export function hasLetGo(step: Step, session: Session, assignmentId: number): boolean {
  const dropped = session.lettingGo.get(assignmentId);
  if (dropped === undefined) return false;
  session.lettingGo.delete(assignmentId);
  clearTimer(step, dropped.timerId);
  if (dropped.assignment.startedMs !== null) measure(step, session, dropped.assignment);
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
