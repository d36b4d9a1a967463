/** One assignment on its way to one session, as long as it is there. SPEC.md AS rules. */
import {
  ASSIGNMENT_DEADLINE_MS_MAX,
  ASSIGNMENT_DEADLINE_MS_MIN,
  BATCH_AHEAD_LOOK_LATE_MS,
  BATCH_AHEAD_OVERDUE_MS_MIN,
  LATE_FACTOR_MAX,
  TAB_FETCH_BYTES_PER_MS_MIN,
} from "../../shared/protocol/limits.ts";
import { assert } from "./assert.ts";
import type { Freed, Step } from "./core-kind.ts";
import { refreshTurns } from "./crowd/keep-crowd.ts";
import { aheadAt, underWayAt } from "./idle-sessions.ts";
import { deadlineMs, overdueAtMs, patienceMs, recordResponse, wasAhead } from "./response-times.ts";
import type { Assignment, Job, Session } from "./state.ts";
import { clearTimer, emit, kindOf, setTimer } from "./step-context.ts";
import { countServed } from "./turns.ts";

/** Outcomes kept per session for the pages. */
const RECENT_MAX = 10;

/** What a kind says of an assignment that it sends. */
export interface NewAssignment<Payload>
  extends Pick<
    Assignment<Payload>,
    "roundIndex" | "workerIndex" | "work" | "fetches" | "queueing" | "check" | "payload"
  > {
  /** Of one that is done beside others: what it may take; null: as measured. */
  readonly limitMs: number | null;
}

/** [AS9] Alone, to a session that is at another one: sent ahead, it begins when that one is answered. */
export function sendAssignment<P>(step: Step, job: Job, session: Session, sent: NewAssignment<P>): Assignment<P> {
  assert(
    session.state === "ready",
    `SE1: work goes to sessions that are ready, ${session.sessionId} is ${session.state}`,
  );
  const { state, nowMs } = step;
  const { sessionId, volunteerId, precision, addressGroup } = session;
  const { limitMs, ...what } = sent;
  const isAlone = what.queueing === "alone";
  const before = isAlone ? underWayAt(state, session) : null;
  const assignmentId = state.nextAssignmentId++;
  const { kind } = job;
  const { jobId } = job.stored;
  const assignment: Assignment<P> = {
    assignmentId,
    ...{ kind, jobId, sessionId, volunteerId, precision, addressGroup, sentMs: nowMs },
    ...what,
    startedMs: isAlone ? null : nowMs,
    draw: 0,
    state: "outstanding",
    timerId: limitMs === null ? null : setTimer(step, nowMs + limitMs, { kind: "deadline", assignmentId }),
  };
  state.assignments.set(assignmentId, assignment);
  session.holds.add(assignmentId);
  if (isAlone) {
    countServed(state, job, what.work);
  } else takeBackAhead(step, session); // nobody waits behind a batch that has not begun
  const { roundIndex, workerIndex, payload } = what;
  emit(step, {
    type: "sendAssignment",
    ...{ assignmentId, sessionId, volunteerId, kind, jobId, roundIndex, workerIndex, payload },
    deadlineMs: limitMs ?? patienceMs(state, session, what.work),
    isAhead: before !== null,
  });
  if (isAlone && before === null) begin(step, assignment);
  if (before !== null) lookAgainAt(step, assignment, overdueAtMs(session, before).overdueMs);
  refreshTurns(state, session);
  return assignment;
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
  { dueMs, isSecondLook }: { readonly dueMs: number; readonly isSecondLook: boolean },
): void {
  const { state, nowMs } = step;
  const [before, ahead] = [underWayAt(state, session), aheadAt(state, session)];
  if (before === null || ahead === null) return;
  ahead.timerId = null;
  if (nowMs - dueMs > BATCH_AHEAD_LOOK_LATE_MS && !isSecondLook) {
    lookAgainAt(step, ahead, nowMs + BATCH_AHEAD_OVERDUE_MS_MIN, true);
    step.foundNothing = true;
    return;
  }
  const { latestMs } = overdueAtMs(session, before);
  if (nowMs >= latestMs) return void takeBackAhead(step, session);
  lookAgainAt(step, ahead, Math.min(latestMs, nowMs + BATCH_AHEAD_OVERDUE_MS_MIN));
  step.foundNothing = true;
}

/** Its tab can be at it from now on: time counts. */
function begin(step: Step, assignment: Assignment): void {
  assignment.startedMs = step.nowMs;
  armDeadline(step, assignment, ASSIGNMENT_DEADLINE_MS_MIN);
}

/** [AS9] The batch before it was answered: what was sent ahead to this session begins. */
export function beginAhead(step: Step, session: Session): void {
  const ahead = aheadAt(step.state, session);
  if (ahead === null) return;
  clearTimer(step, ahead.timerId);
  begin(step, ahead);
  refreshTurns(step.state, session);
}

/**
 * [AS10] What was sent ahead to this session and has not begun is for others again, at once.
 * @returns whether there was something
 */
export function takeBackAhead(step: Step, session: Session): boolean {
  const ahead = aheadAt(step.state, session);
  if (ahead === null) return false;
  giveUp(step, ahead, { why: "taken back" }, true);
  return true;
}

/** The session holds it no longer, and has not answered: its kind hears of it, then it is void. */
export function giveUp(step: Step, assignment: Assignment, freed: Freed, tell: boolean): void {
  kindOf(step, assignment).freed(step, assignment, freed);
  voidAssignment(step, assignment, tell);
}

function armDeadline(step: Step, assignment: Assignment, afterMs: number): void {
  const { assignmentId } = assignment;
  assignment.timerId = setTimer(step, step.nowMs + afterMs, { kind: "deadline", assignmentId });
}

/**
 * [AS5] [AS6] The deadline is measured when it is looked at: what is out longer than it is late (and sent to somebody else),
 * what is out LATE_FACTOR_MAX times as long as is patiently waited is void.
 * @returns is it void?
 */
export function checkDeadline(step: Step, assignment: Assignment, session: Session): boolean {
  const elapsedMs = msOf(step, assignment);
  const limitMs = deadlineMs(step.state, session, assignment.work);
  const fetchMs = Math.ceil((assignment.fetches?.bytes ?? 0) / TAB_FETCH_BYTES_PER_MS_MIN);
  const voidMs = fetchMs + Math.max(limitMs, LATE_FACTOR_MAX * patienceMs(step.state, session, assignment.work));
  assignment.timerId = null;
  if (elapsedMs >= voidMs) return true;
  if (elapsedMs >= limitMs) {
    const wasOutstanding = assignment.state === "outstanding";
    assignment.state = "late";
    if (wasOutstanding) session.lateAssignments++;
    takeBackAhead(step, session);
    refreshTurns(step.state, session);
    armDeadline(step, assignment, Math.max(1, voidMs - elapsedMs));
    return false;
  }
  step.foundNothing = true;
  // Others answered meanwhile, or did not: look again when it would be late by what is known now, at least twice a
  // deadline, for the measured deadline may shrink.
  armDeadline(
    step,
    assignment,
    Math.max(1, Math.min(limitMs - elapsedMs, Math.max(ASSIGNMENT_DEADLINE_MS_MIN, elapsedMs))),
  );
  return false;
}

/**
 * The session answered, or could not: it is free for more. Of one that was done alone the time is measured, and it is kept
 * until its kind is done with the result; of one that was done beside others nothing is kept.
 * @param waitedMs how long its answer was here before it was heard; null: its time says nothing
 */
export function answered(
  step: Step,
  assignment: Assignment,
  session: Session,
  outcome: string,
  waitedMs: number | null = 0,
): void {
  const { assignmentId, queueing } = assignment;
  const ms = msOf(step, assignment);
  clearTimer(step, assignment.timerId);
  assignment.timerId = null;
  session.holds.delete(assignmentId);
  if (queueing === "beside") step.state.assignments.delete(assignmentId);
  else {
    assignment.state = "checking";
    if (session.available) session.restsBetween = false;
    // Answered before the one that it was sent behind: nobody knows when the tab began it.
    if (assignment.startedMs === null) assignment.startedMs = step.nowMs;
    // [AS6] Of the first one of a large model most of the time may have gone by with its coming.
    else if (waitedMs !== null && assignment.fetches === undefined) measure(step, session, assignment, waitedMs);
    if (assignment.fetches !== undefined) session.fetched.add(assignment.fetches.sha256);
  }
  refreshTurns(step.state, session);
  remember(session, assignment, outcome, ms);
}

function measure(step: Step, session: Session, assignment: Assignment, waitedMs = 0): void {
  const took = { ms: msOf(step, assignment), work: assignment.work, wasAhead: wasAhead(assignment), waitedMs };
  recordResponse(step.state, session, took);
}

/** How long its tab can have been at it. */
function msOf(step: Step, { startedMs }: Assignment): number {
  return step.nowMs - (startedMs ?? step.nowMs);
}

function remember(session: Session, assignment: Assignment, outcome: string, ms: number): void {
  const { jobId, roundIndex, workerIndex } = assignment;
  session.recent.push({ jobId, roundIndex, workerIndex, outcome, ms });
  if (session.recent.length > RECENT_MAX) session.recent.shift();
}

/**
 * [AS3] The assignment ends without a result: its token is void, and whatever still comes for it changes nothing.
 * @param tell whether the tab should hear that it need not go on
 */
export function voidAssignment(step: Step, assignment: Assignment, tell: boolean): void {
  if (assignment.state === "dropped") return forget(step, assignment);
  const { state } = step;
  const { assignmentId, sessionId, kind, jobId, roundIndex } = assignment;
  const session = state.sessions.get(sessionId);
  const wasUnanswered = session?.holds.has(assignmentId) ?? false;
  if (session !== undefined && wasUnanswered && tell) drop(step, session, assignment);
  else forget(step, assignment);
  if (assignment.queueing === "alone") {
    const hadBegun = assignment.startedMs !== null;
    if (!hadBegun) countAsUnsent(step, assignment);
    if (session !== undefined && wasUnanswered && hadBegun) {
      remember(session, assignment, "not needed", msOf(step, assignment));
      takeBackAhead(step, session);
    }
  }
  if (session !== undefined) refreshTurns(state, session);
  const reference = { assignmentId, sessionId, kind, jobId, roundIndex };
  emit(step, { type: "voidAssignment", ...reference, tell: tell && wasUnanswered });
}

/** [AS8] A tab that was told to drop it may still be at it: it counts as busy until it says that it has let go. */
function drop(step: Step, session: Session, assignment: Assignment): void {
  assignment.state = "dropped";
  // What is done beside others keeps the limit that it had.
  if (assignment.queueing === "beside") return;
  clearTimer(step, assignment.timerId);
  armDeadline(step, assignment, ASSIGNMENT_DEADLINE_MS_MAX);
  refreshTurns(step.state, session);
}

/** Nothing of it is waited for any more. */
export function forget(step: Step, assignment: Assignment): void {
  const { assignmentId, sessionId, timerId } = assignment;
  clearTimer(step, timerId);
  step.state.assignments.delete(assignmentId);
  step.state.sessions.get(sessionId)?.holds.delete(assignmentId);
}

/** [DP2] Nobody was at it: its job was not served by it. */
function countAsUnsent({ state }: Step, { jobId, work }: Assignment): void {
  const job = state.jobs.get(jobId);
  if (job !== undefined) countServed(state, job, -work);
}

/** The tab has let go of what it was told to drop. How long that took is as good a measure of it as an answer, of one that had begun. */
export function hasLetGo(step: Step, session: Session, assignment: Assignment): void {
  assert(
    assignment.state === "dropped",
    `AS8: a session lets go of what was dropped, not of what is ${assignment.state}`,
  );
  if (assignment.queueing === "beside") {
    answered(step, assignment, session, "not needed");
    return kindOf(step, assignment).freed(step, assignment, { why: "returned", wasDropped: true });
  }
  forget(step, assignment);
  if (assignment.startedMs !== null) measure(step, session, assignment);
  refreshTurns(step.state, session);
}
