/** Tabs that come, prove themselves, pause and go. SPEC.md SE rules. */

import { PROBE_MS_MAX, TAB_MEMORY_BYTES_MAX, TAB_MODEL_BACKENDS_MAX } from "../../shared/protocol/limits.ts";
import type { InvitationStanding, WorkChoice } from "../../shared/protocol/messages.ts";
import type { AwayReason } from "../../shared/protocol/why-no-tab.ts";
import { assert } from "./assert.ts";
import { forget, giveUp, takeBackAhead } from "./assignments.ts";
import { takeChoice } from "./choices.ts";
import { closeSessionFor } from "./close-session.ts";
import type { Step } from "./core-kind.ts";
import { refreshCrowd } from "./crowd/keep-crowd.ts";
import { sawComing, sawLeaving } from "./crowd-seen.ts";
import { DIFFERENT_ANSWER } from "./different-answer.ts";
import type { CoordinatorEvent } from "./events.ts";
import { forgetVolunteer, hasChosen, keepGoneChooser } from "./gone-choosers.ts";
import { probeTimerOf } from "./idle-sessions.ts";
import { joinOwner } from "./persons.ts";
import { sendHome, sendHomeUnlessSeated, settleAtHome } from "./pointing.ts";
import { volunteerOf } from "./reputation.ts";
import { sessionsOf } from "./sessions-of.ts";
import type { Assignment, Session } from "./state.ts";
import { clearTimer, emit, kindOf, setTimer } from "./step-context.ts";
import type { PrecisionClass } from "./words.ts";

const OTHER_ANSWER =
  "Your device gave a different answer to a known question. Try another back-end, for instance ?backend=wasm.";

/** Of most sessions, and there are thousands. */
const ON_NO_OTHER: ReadonlyMap<string, string> = new Map();

type SessionOpening = Omit<Extract<CoordinatorEvent, { type: "sessionOpened" }>, "type" | "atMs">;

/** [SE1] A session gets no work before it has answered a probe right; a quarantined volunteer's session never does. */
export function openSession(step: Step, opening: SessionOpening): void {
  const { state } = step;
  if (state.sessions.has(opening.sessionId)) return;
  const volunteer = volunteerOf(state, opening.volunteerId, opening);
  volunteer.sessionIds.add(opening.sessionId);
  state.goneChoosers.delete(opening.volunteerId);
  sawComing(state, opening.volunteerId);
  if (opening.ownerId != null) joinOwner(state, volunteer, opening.ownerId);
  volunteer.isAdmitted = opening.isAdmitted === true;
  const { sessionId, volunteerId, nickname, backend, addressGroup, invitationSha256 } = opening;
  const invitation = invitationSha256 === null ? null : standingOf(step, opening.volunteerId, invitationSha256);
  const base = {
    ...{ sessionId, volunteerId, nickname, backend, addressGroup, invitationSha256, invitation },
    checkGroup: opening.checkGroup ?? addressGroup,
    memoryBytes: opening.memoryBytes ?? TAB_MEMORY_BYTES_MAX,
    fetched: new Set<string>(),
    modelBackends: ON_NO_OTHER,
    openedMs: step.nowMs,
    available: true,
    away: null,
    restsBetween: false,
    homePoint: opening.homePoint ?? null,
    home: null,
    pointedTo: null,
    holds: new Set<number>(),
    draw: 0,
    besideAnsweredMs: 0,
    responses: [],
    tripsMs: [],
    failuresInRow: 0,
    verifiedAssignments: 0,
    lateAssignments: 0,
    recent: [],
  };
  if (volunteer.quarantine !== null) {
    enter(step, { ...base, state: "quarantined" });
    emit(step, { type: "closeSession", sessionId, code: "wrong-answers", message: DIFFERENT_ANSWER });
    return;
  }
  const probeTimerId = setTimer(step, step.nowMs + PROBE_MS_MAX, { kind: "probe", sessionId });
  const session: Session = { ...base, state: "probing", probeTimerId };
  enter(step, session);
  takeChoice(step, volunteer, opening.choice ?? null);
  settleAtHome(state, session);
  if (opening.isPointedHere !== true) sendHome(step, session);
  if (session.pointedTo === null) emit(step, { type: "sendProbe", sessionId });
}

/** [WC1] Of all sessions of its volunteer. */
export function setChoice(step: Step, sessionId: string, choice: WorkChoice | null): void {
  const session = step.state.sessions.get(sessionId);
  const volunteer = session && step.state.volunteers.get(session.volunteerId);
  if (volunteer === undefined) return;
  takeChoice(step, volunteer, choice);
  for (const one of sessionsOf(step.state, volunteer.volunteerId)) sendHomeUnlessSeated(step, one);
}

function enter({ state }: Step, session: Session): void {
  state.sessions.set(session.sessionId, session);
  refreshCrowd(state, session);
}

/** [GJ7] The job that knows it says what it came to. */
function standingOf(step: Step, volunteerId: string, invitationSha256: string): InvitationStanding {
  for (const job of step.state.jobs.values()) {
    const standing = kindOf(step, job).invited?.(step, job, { volunteerId }, invitationSha256) ?? null;
    if (standing !== null) return standing;
  }
  return "unknown";
}

/** [SE5] Of the first known question or a later one. @param precision as measured; null where the known answer was wrong */
export function sessionProbed(step: Step, sessionId: string, precision: PrecisionClass | null): void {
  const session = step.state.sessions.get(sessionId);
  if (session === undefined || !clearProbe(step, session)) return;
  if (precision === null) return closeSessionFor(step, session, "wrong-answers", OTHER_ANSWER);
  step.state.isCrowdChanged = true;
  enter(step, readyWith(session, precision));
}

function readyWith(session: Session, precision: PrecisionClass): Session {
  if (session.state === "ready") return { ...session, precision, reprobeTimerId: null };
  assert(session.state === "probing", `SE5: who answers a known question was asked one, this one is ${session.state}`);
  const { probeTimerId: _probeTimerId, ...base } = session;
  return { ...base, state: "ready", precision, reprobeTimerId: null };
}

/** @returns whether it had been asked a known question that it has not answered */
function clearProbe(step: Step, session: Session): boolean {
  const timerId = probeTimerOf(session);
  clearTimer(step, timerId);
  return timerId !== null;
}

export function probeTimedOut(step: Step, sessionId: string): void {
  const session = step.state.sessions.get(sessionId);
  if (session === undefined || !clearProbe(step, session)) return;
  closeSessionFor(step, session, "unresponsive", "Your device did not answer in time.");
}

/** @param because why it takes no work, as far as it says so */
export function setAvailability(step: Step, sessionId: string, available: boolean, because?: AwayReason): void {
  const session = step.state.sessions.get(sessionId);
  if (session === undefined) return;
  session.available = available;
  session.away = available ? null : (because ?? null);
  if (!available && takeBackAhead(step, session)) session.restsBetween = true;
  step.state.isCrowdChanged = true;
  refreshCrowd(step.state, session);
  sendHomeUnlessSeated(step, session);
}

type ModelOnBackend = Omit<Extract<CoordinatorEvent, { type: "modelOnBackend" }>, "type" | "atMs">;

/** [PC7] What it has not answered yet will have been computed there; what it answered before stays what it was. */
export function setModelBackend(step: Step, { sessionId, modelSha256, backend }: ModelOnBackend): void {
  const session = step.state.sessions.get(sessionId);
  if (session === undefined) return;
  const others = [...session.modelBackends].filter(([other]) => other !== modelSha256);
  session.modelBackends = new Map([...others, [modelSha256, backend] as const].slice(-TAB_MODEL_BACKENDS_MAX));
  for (const assignmentId of session.holds) {
    const assignment = step.state.assignments.get(assignmentId);
    const job = assignment === undefined ? undefined : step.state.jobs.get(assignment.jobId);
    if (assignment !== undefined && job !== undefined) {
      kindOf(step, job).computedOn?.(step, job, assignment, modelSha256, backend);
    }
  }
  step.state.isCrowdChanged = true;
  refreshCrowd(step.state, session);
}

/** [SE3] What a session that went away had not answered is at once to be sent to others. */
export function closeSession(step: Step, sessionId: string): void {
  const { state } = step;
  const session = state.sessions.get(sessionId);
  if (session === undefined) return;
  sawLeaving(state, session);
  clearProbe(step, session);
  giveUpAll(step, session);
  state.isCrowdChanged = true;
  state.sessions.delete(sessionId);
  state.strays.delete(sessionId);
  refreshCrowd(state, session);
  forgetIfUnknown(step, session);
}

function giveUpAll(step: Step, session: Session): void {
  const held = [...session.holds].flatMap((assignmentId) => step.state.assignments.get(assignmentId) ?? []);
  const [alone, beside] = [held.filter(isAlone), held.filter((assignment) => !isAlone(assignment))];
  // What was sent ahead first: nobody is told to drop what nobody is there to drop.
  for (const assignment of [...alone.reverse(), ...beside]) {
    if (assignment.state === "dropped") forget(step, assignment);
    else giveUp(step, assignment, { why: "session closed" }, false);
  }
}

function isAlone({ queueing }: Assignment): boolean {
  return queueing === "alone";
}

/** A key that connected and did nothing is not kept: anybody can make millions. */
function forgetIfUnknown(step: Step, { sessionId, volunteerId, verifiedAssignments }: Session): void {
  const { state } = step;
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  volunteer.sessionIds.delete(sessionId);
  const hasRecord = volunteer.auditsPassed + volunteer.auditsFailed + volunteer.creditAssignments > 0;
  // [VF11] Of a released one it stays known what it was released from.
  const isMarked = volunteer.quarantine !== null || volunteer.released !== null;
  // [PC5] What it cannot compute it is not given again.
  const isOffSomewhere = [...volunteer.classes.values()].some(({ wrong }) => wrong > 0);
  const isRemembered = hasRecord || isMarked || isOffSomewhere || volunteer.unansweredInRow > 0;
  if (isRemembered || verifiedAssignments > 0 || volunteer.sessionIds.size > 0) return;
  if (isJudged(step, volunteerId)) return;
  if (hasChosen(state, volunteer)) keepGoneChooser(state, volunteerId);
  else forgetVolunteer(state, volunteerId);
}

/** [VF3] Something that it sent is being audited, or stands in an open round: going does not save a liar from what is found. */
function isJudged(step: Step, volunteerId: string): boolean {
  const { jobs, assignments } = step.state;
  for (const job of jobs.values()) if (kindOf(step, job).isJudging?.(job, volunteerId) === true) return true;
  return assignments.hasAnyOf(volunteerId);
}
