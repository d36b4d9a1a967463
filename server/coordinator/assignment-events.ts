/** What comes back for assignments, or does not. SPEC.md AS rules. */
import {
  answered,
  beginAhead,
  checkAhead,
  checkDeadline,
  forget,
  giveUp,
  hasLetGo,
  takeBackAhead,
  voidAssignment,
} from "./assignments.ts";
import { closeSessionFor } from "./close-session.ts";
import type { Step } from "./core-kind.ts";
import { sawSilence } from "./crowd-seen.ts";
import type { CoordinatorEvent } from "./events.ts";
import { hasItsTurnsAt, losesTurnsAt } from "./failed-models.ts";
import { drawReprobe } from "./reprobe.ts";
import { restVolunteer } from "./reputation.ts";
import type { Assignment, Session, TimerPurpose } from "./state.ts";
import { kindOf } from "./step-context.ts";

const UNRESPONSIVE = "Your device took work and did not answer in time.";
const SESSION_FAILURES_IN_ROW_MAX = 3;

interface Held {
  readonly assignment: Assignment;
  readonly session: Session;
}

/** The assignment, if it was sent to that session and is of use still, or not let go of yet. */
function heldBy({ state }: Step, sessionId: string, assignmentId: number): Held | null {
  const session = state.sessions.get(sessionId);
  const assignment = state.assignments.get(assignmentId);
  if (session === undefined || assignment === undefined || !session.holds.has(assignmentId)) return null;
  return { assignment, session };
}

/** As heldBy, where the session may answer it. [AS3] What was to be done alone and was dropped is void. */
function awaitedFrom(step: Step, sessionId: string, assignmentId: number): Held | null {
  const held = heldBy(step, sessionId, assignmentId);
  const isVoid = held?.assignment.state === "dropped" && held.assignment.queueing === "alone";
  return isVoid ? null : held;
}

/** [AS1] [AS2] At most one answer of an assignment is applied; its kind checks it before it counts. */
export function resultArrived(step: Step, event: Extract<CoordinatorEvent, { type: "resultArrived" }>): void {
  const held = awaitedFrom(step, event.sessionId, event.assignmentId);
  if (held === null) return;
  const { assignment, session } = held;
  const outcome = assignment.state === "outstanding" ? "answered" : "late";
  answered(step, assignment, session, outcome, event.waitedMs);
  beginAhead(step, session);
  assignment.draw = event.draw;
  session.draw = event.draw;
  if (assignment.queueing === "alone") drawReprobe(step, session, event.draw);
  session.failuresInRow = 0;
  hasItsTurnsAt(step.state, assignment.volunteerId, failsAt(step, assignment));
  const volunteer = step.state.volunteers.get(assignment.volunteerId);
  if (volunteer) volunteer.unansweredInRow = 0;
  kindOf(step, assignment).answered(step, assignment, event.came);
}

/** What came before its answer is taken in only if it is taken back. */
export function sliceArrived(step: Step, event: Extract<CoordinatorEvent, { type: "sliceArrived" }>): void {
  const held = awaitedFrom(step, event.sessionId, event.assignmentId);
  if (held !== null) kindOf(step, held.assignment).sliced?.(step, held.assignment, event.slices, event.draw);
}

/** [AS4] An assignment that came to nothing goes to somebody else; a tab where nothing works is given up. */
export function assignmentFailed(step: Step, sessionId: string, assignmentId: number, message: string): void {
  const held = awaitedFrom(step, sessionId, assignmentId);
  if (held === null) return;
  const { assignment, session } = held;
  // A failure says nothing of how long an answer takes.
  answered(step, assignment, session, `failed: ${message}`, null);
  takeBackAhead(step, session);
  if (assignment.queueing === "alone") voidAssignment(step, assignment, false);
  countFailure(step, session, assignment, message);
  kindOf(step, assignment).freed(step, assignment, { why: "failed", message });
}

function failsAt(step: Step, assignment: Assignment): string {
  return kindOf(step, assignment).failsAt?.(step, assignment) ?? assignment.jobId;
}

function countFailure(step: Step, session: Session, assignment: Assignment, message: string): void {
  session.failuresInRow++;
  const isBroken =
    assignment.queueing === "alone"
      ? losesTurnsAt(step, session.volunteerId, failsAt(step, assignment))
      : session.failuresInRow >= SESSION_FAILURES_IN_ROW_MAX;
  if (!isBroken) return;
  restVolunteer(step, session.volunteerId);
  const text = `${session.failuresInRow} assignments in a row failed on your device: ${message}`;
  closeSessionFor(step, session, "unresponsive", text.slice(0, 500));
}

/** A dropped assignment has left the tab's compute thread, or one that is of use still is given back. */
export function assignmentReturned(step: Step, sessionId: string, assignmentId: number): void {
  const held = heldBy(step, sessionId, assignmentId);
  if (held === null) return;
  const { assignment, session } = held;
  if (assignment.state === "dropped") return hasLetGo(step, session, assignment);
  const freed = { why: "returned", wasDropped: false } as const;
  if (assignment.queueing === "alone") return giveUp(step, assignment, freed, false);
  answered(step, assignment, session, "not needed");
  kindOf(step, assignment).freed(step, assignment, freed);
}

export function aheadOverdue(step: Step, look: Extract<TimerPurpose, { kind: "ahead" }>): void {
  const session = step.state.sessions.get(look.sessionId);
  if (session !== undefined) checkAhead(step, session, look);
}

/** Its time is over: to answer, to be late, or to be let go of. */
export function deadlinePassed(step: Step, assignmentId: number): void {
  const assignment = step.state.assignments.get(assignmentId);
  const session = assignment && step.state.sessions.get(assignment.sessionId);
  if (assignment === undefined || session === undefined) return;
  if (assignment.queueing === "beside") return closeUnresponsive(step, session);
  if (assignment.state === "dropped") {
    forget(step, assignment);
    return closeUnresponsive(step, session);
  }
  if (!checkDeadline(step, assignment, session)) return;
  giveUp(step, assignment, { why: "silent" }, true);
  sawSilence(step.state);
  closeUnresponsive(step, session);
}

/** [AS7] [AS8] [GJ5] Whoever takes work and never answers rests. */
function closeUnresponsive(step: Step, session: Session): void {
  restVolunteer(step, session.volunteerId);
  closeSessionFor(step, session, "unresponsive", UNRESPONSIVE);
}
