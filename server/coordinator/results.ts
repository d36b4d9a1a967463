/** What comes back for assignments, and what audits and decodes make of it. SPEC.md AS and VF rules. */

import { acceptOpinion, acceptResult, publishDecoded } from "../kinds/inference/core/rounds.ts";
import {
  answered,
  audit,
  beginAhead,
  checkAhead,
  checkDeadline,
  hasLetGo,
  slotOf,
  takeBackAhead,
  voidAssignment,
} from "./assignments.ts";
import { sawSilence, sawVerdict } from "./crowd-seen.ts";
import type { CoordinatorEvent, DecodeOutcome, RoundReference } from "./events.ts";
import { closeSessionFor } from "./idle-sessions.ts";
import { failJob } from "./job-lifecycle.ts";
import { countReadyVolunteers } from "./placement.ts";
import { drawReprobe } from "./reprobe.ts";
import { recordAudit, restVolunteer } from "./reputation.ts";
import type { Assignment, Job, Round, Session, TimerPurpose } from "./state.ts";
import type { Step } from "./step-context.ts";

const UNRESPONSIVE = "Your device took work and did not answer in time.";
const SESSION_FAILURES_IN_ROW_MAX = 3;
const JOB_FAILURES_IN_ROW_MAX = 20;
const JOB_FAILING_VOLUNTEERS_MIN = 5;

type EventOf<T extends CoordinatorEvent["type"]> = Extract<CoordinatorEvent, { type: T }>;

/** The assignment, if that session may still answer it: sent to it, not answered, not void. Else the answer is stale. */
function unanswered(step: Step, sessionId: string, assignmentId: number): Assignment | null {
  const assignment = step.state.assignments.get(assignmentId);
  if (assignment === undefined || assignment.sessionId !== sessionId) return null;
  return assignment.state === "outstanding" || assignment.state === "late" ? assignment : null;
}

/** [AS1] [AS2] At most one answer of an assignment is applied; an audited scheme checks it before it counts. */
export function resultArrived(step: Step, event: EventOf<"resultArrived">): void {
  const assignment = unanswered(step, event.sessionId, event.assignmentId);
  const session = step.state.sessions.get(event.sessionId);
  if (assignment === null || session === undefined) return;
  answered(step, assignment, session, assignment.state === "late" ? "late" : "answered");
  beginAhead(step, session);
  assignment.draw = event.draw;
  drawReprobe(step, session, event.draw);
  session.failuresInRow = 0;
  const volunteer = step.state.volunteers.get(assignment.volunteerId);
  if (volunteer) volunteer.unansweredInRow = 0;
  const place = slotOf(step.state, assignment);
  if (place === null) return voidAssignment(step, assignment, false);
  const { job, round, slot } = place;
  job.failuresInRow = 0;
  job.failedBy.clear();
  // [VF10] Where the operator's cap leaves no audit, a result is taken in unchecked, and says so.
  const isAudited = job.plan.verification === "audits" && audit(step, job, round, slot, assignment);
  if (!isAudited) acceptResult(step, job, round, slot, assignment, 0);
}

/** [AS4] An assignment that came to nothing goes to somebody else; a tab or a model that never works is given up. */
export function assignmentFailed(step: Step, sessionId: string, assignmentId: number, message: string): void {
  const assignment = unanswered(step, sessionId, assignmentId);
  const session = step.state.sessions.get(sessionId);
  if (assignment === null || session === undefined) return;
  // A failure says nothing of how long an answer takes.
  answered(step, assignment, session, `failed: ${message}`, false);
  takeBackAhead(step, session);
  const place = slotOf(step.state, assignment);
  place?.slot.attempts.delete(assignmentId);
  voidAssignment(step, assignment, false);
  countFailure(step, session, message);
  if (place === null) return;
  const { job, round } = place;
  step.touched.set(round, job);
  job.failuresInRow++;
  job.failedBy.add(session.volunteerId);
  // One broken device, or one that wishes the job ill, must not end it: several different ones have to fail.
  const devices = Math.min(JOB_FAILING_VOLUNTEERS_MIN, countReadyVolunteers(step.state));
  if (job.failuresInRow >= JOB_FAILURES_IN_ROW_MAX && job.failedBy.size >= devices) {
    failJob(step, assignment.jobId, `${job.failuresInRow} assignments in a row failed, the last with: ${message}`);
  }
}

/** A tab where nothing works is closed, and rests. */
export function countFailure(step: Step, session: Session, message: string): void {
  session.failuresInRow++;
  if (session.failuresInRow < SESSION_FAILURES_IN_ROW_MAX) return;
  restVolunteer(step, session.volunteerId);
  const text = `${session.failuresInRow} assignments in a row failed on your device: ${message}`;
  closeSessionFor(step, session, "unresponsive", text.slice(0, 500));
}

/** A cancelled batch has left the tab's compute thread, or one that had not begun is given back. */
export function assignmentReturned(step: Step, sessionId: string, assignmentId: number): void {
  const session = step.state.sessions.get(sessionId);
  if (session === undefined || hasLetGo(step, session, assignmentId)) return;
  const assignment = unanswered(step, sessionId, assignmentId);
  if (assignment === null) return;
  const place = slotOf(step.state, assignment);
  place?.slot.attempts.delete(assignmentId);
  if (place) step.touched.set(place.round, place.job);
  voidAssignment(step, assignment, false);
}

/** It was told to drop a batch long ago and is still at it. */
export function letGoTimedOut(step: Step, sessionId: string, assignmentId: number): void {
  const session = step.state.sessions.get(sessionId);
  if (!session?.lettingGo.delete(assignmentId)) return;
  restVolunteer(step, session.volunteerId);
  closeSessionFor(step, session, "unresponsive", UNRESPONSIVE);
}

export function aheadOverdue(step: Step, look: Extract<TimerPurpose, { kind: "ahead" }>): void {
  const session = step.state.sessions.get(look.sessionId);
  if (session !== undefined) checkAhead(step, session, look);
}

export function deadlinePassed(step: Step, assignmentId: number): void {
  const assignment = step.state.assignments.get(assignmentId);
  const session = assignment && step.state.sessions.get(assignment.sessionId);
  if (assignment === undefined || session === undefined) return;
  const verdict = checkDeadline(step, assignment, session);
  const place = slotOf(step.state, assignment);
  if (verdict === "early") return;
  if (place) step.touched.set(place.round, place.job);
  if (verdict === "late") return lateOpinion(step, assignment);
  place?.slot.attempts.delete(assignmentId);
  voidAssignment(step, assignment, true);
  sawSilence(step.state);
  restVolunteer(step, assignment.volunteerId);
  closeSessionFor(step, session, "unresponsive", UNRESPONSIVE);
}

/** [VF7] A round is not held up for an opinion that is late. */
function lateOpinion(step: Step, assignment: Assignment): void {
  const place = slotOf(step.state, assignment);
  if (place === null || place.slot.accepted === null) return;
  place.slot.attempts.delete(assignment.assignmentId);
  if (place.slot.accepted.auditedRows > 0) place.round.opinionsWanted.delete(assignment.workerIndex);
  voidAssignment(step, assignment, true);
}

/** [VF3] The record comes first: a lie counts, and so does an honest row, even where the result is no longer needed. */
export function audited(step: Step, event: EventOf<"audited">): void {
  const pending = step.state.auditsPending.get(event.effectId);
  if (pending === undefined) return;
  step.state.auditsPending.delete(event.effectId);
  sawVerdict(step.state, step.nowMs - pending.askedMs);
  const job = step.state.jobs.get(pending.jobId);
  const { roundIndex, volunteerId, against } = pending;
  const honest = job === undefined || recordAudit(step, job, roundIndex, volunteerId, event);
  if (job !== undefined && against !== null && event.against !== null) {
    const { checked } = event;
    recordAudit(step, job, roundIndex, against.volunteerId, { ...event.against, checked, isShared: true });
  }
  const assignment = step.state.assignments.get(event.assignmentId);
  if (assignment?.state !== "auditing") return;
  const place = slotOf(step.state, assignment);
  if (place === null) return voidAssignment(step, assignment, false);
  // Quarantine has taken a liar's attempts out of the round; an honest result takes its place.
  if (!honest) return;
  if (place.slot.accepted === null) {
    acceptResult(step, place.job, place.round, place.slot, assignment, event.randomlyChecked);
    return;
  }
  const compared = against && event.against && { ...event.against, assignmentId: against.assignmentId };
  acceptOpinion(step, place.job, place.round, place.slot, assignment, compared);
}

/** The audit itself could not be done: the result is neither accepted nor held against anybody. */
export function auditFailed(step: Step, event: EventOf<"auditFailed">): void {
  step.state.auditsPending.delete(event.effectId);
  const assignment = step.state.assignments.get(event.assignmentId);
  if (assignment?.state !== "auditing") return;
  const place = slotOf(step.state, assignment);
  place?.slot.attempts.delete(assignment.assignmentId);
  voidAssignment(step, assignment, false);
  failJob(step, assignment.jobId, `the coordinator could not recompute rows of this model: ${event.message}`);
}

/** The round whose decode this is the outcome of, or null where it is stale. */
export function decodingRound(step: Step, effectId: number, of: RoundReference): { job: Job; round: Round } | null {
  const job = step.state.jobs.get(of.jobId);
  const round = job?.openRounds.get(of.roundIndex);
  if (job === undefined || round === undefined || round.generation !== of.generation) return null;
  return round.decode.state === "running" && round.decode.effectId === effectId ? { job, round } : null;
}

export function decoded(step: Step, event: EventOf<"decoded">): void {
  const volunteers = step.state.decodesPending.get(event.effectId);
  const job = step.state.jobs.get(event.jobId);
  if (volunteers === undefined || job === undefined) return;
  step.state.decodesPending.delete(event.effectId);
  const place = decodingRound(step, event.effectId, event);
  // Stale or not, what was recomputed on the way counts.
  const lied = suspectsLied(step, job, event, volunteers);
  if (place === null) return;
  const { round } = place;
  step.touched.set(round, job);
  // Not published: what a liar was part of is decoded again without it.
  if (lied) round.decode = { state: "none", minimumResults: 0 };
  else publishDecoded(step, job, round, event.effectId, event.outcome);
}

function suspectsLied(
  step: Step,
  job: Job,
  { roundIndex, outcome }: { roundIndex: number; outcome: DecodeOutcome },
  volunteers: ReadonlyMap<number, string>,
): boolean {
  let lied = false;
  for (const { workerIndex, checked, failed } of outcome.suspectAudits) {
    const volunteerId = volunteers.get(workerIndex);
    if (volunteerId === undefined) continue;
    if (!recordAudit(step, job, roundIndex, volunteerId, { checked, randomlyChecked: 0, failed })) lied = true;
  }
  return lied;
}

export function toppedUp(step: Step, event: EventOf<"toppedUp">): void {
  const job = step.state.jobs.get(event.jobId);
  if (job === undefined || job.topUps.get(event.volunteerId) !== event.effectId) return;
  job.topUps.delete(event.volunteerId);
  if (event.checked === 0) job.topUpExhausted.add(event.volunteerId);
  job.toppedUp.add(event.volunteerId);
  recordAudit(step, job, -1, event.volunteerId, { ...event, randomlyChecked: event.checked });
}

export function topUpFailed(step: Step, event: EventOf<"topUpFailed">): void {
  const job = step.state.jobs.get(event.jobId);
  if (job === undefined || job.topUps.get(event.volunteerId) !== event.effectId) return;
  job.topUps.delete(event.volunteerId);
  // Its answers stay as they are, not final: a missing audit is never counted as passed.
  job.topUpExhausted.add(event.volunteerId);
}
