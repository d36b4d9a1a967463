/** What audits say about volunteers, and what follows. SPEC.md VF rules. */
import type { StoredVolunteer } from "../store/store.ts";
import { takeBackAhead } from "./assignments.ts";
import type { Step } from "./core-kind.ts";
import { refreshCrowd, restUntil } from "./crowd/keep-crowd.ts";
import { DIFFERENT_ANSWER } from "./different-answer.ts";
import { probeTimerOf } from "./idle-sessions.ts";
import { persist, recordOfVolunteer } from "./persistence.ts";
import type { CoordinatorState, Session, Volunteer } from "./state.ts";
import { clearTimer, emit, kindOf, setTimer } from "./step-context.ts";
import { changeRecord } from "./verified-work.ts";

/** The record of somebody who has done nothing yet. */
export function unknownVolunteer(volunteerId: string): StoredVolunteer {
  return {
    ...{ volunteerId, nickname: "", team: "" },
    ...{ creditMacs: 0, creditAssignments: 0, auditsPassed: 0, auditsFailed: 0, rowsTaken: 0 },
    ...{ choseUntilMs: null, ownerId: null, quarantine: null, released: null },
  };
}

/** @param said what its tab says of itself */
export function volunteerOf(
  state: CoordinatorState,
  volunteerId: string,
  { nickname, team }: { readonly nickname: string; readonly team: string },
): Volunteer {
  let volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined) {
    volunteer = newVolunteer({ ...unknownVolunteer(volunteerId), nickname, team });
    state.volunteers.set(volunteerId, volunteer);
  }
  if (nickname !== "") volunteer.nickname = nickname;
  volunteer.team = team;
  return volunteer;
}

export function newVolunteer(stored: StoredVolunteer): Volunteer {
  const durableCredit = { macs: stored.creditMacs, assignments: stored.creditAssignments };
  return {
    ...stored,
    durableCredit,
    sessionIds: new Set(),
    choice: null,
    isAdmitted: false,
    unansweredInRow: 0,
    restsUntilMs: 0,
    failedModels: new Map(),
    takes: null,
    classes: new Map(),
    // Of rows of an earlier run it is not known which lie within the window.
    lately: { rows: stored.rowsTaken, atRow: 0 },
    namingCounted: null,
    besideSpeed: null,
  };
}

const REST_MS_FIRST = 10_000;
const REST_MS_MAX = 30 * 60_000;

/** [AS7] Who takes work and never answers, or always fails, rests, longer each time: black holes do not swallow rows. */
export function restVolunteer(step: Step, volunteerId: string): void {
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  // A device that falls asleep leaves all its threads silent: they are one time.
  if (volunteer.unansweredInRow === 0 || volunteer.restsUntilMs <= step.nowMs) volunteer.unansweredInRow++;
  const restMs = Math.min(REST_MS_MAX, REST_MS_FIRST * 2 ** (volunteer.unansweredInRow - 1));
  restUntil(step.state, volunteer, step.nowMs + restMs);
  for (const sessionId of volunteer.sessionIds) {
    const session = step.state.sessions.get(sessionId);
    if (session !== undefined) takeBackAhead(step, session);
  }
  setTimer(step, volunteer.restsUntilMs, { kind: "rest" });
}

/** The place of something wrong: a volunteer's part of this round of a job; -1: its rows, for the job has no rounds. */
export interface Found {
  readonly jobId: string;
  readonly roundIndex: number;
}

export interface Checked {
  readonly checked: number;
  /** Rows that a suspicion chose say little of the others: the bound of a record holds for random ones alone. */
  readonly randomlyChecked: number;
  readonly failed: number;
}

/**
 * Enters in its record what recomputed rows say of a volunteer.
 * @returns false where it lied (and is now quarantined)
 */
export function recordChecks(step: Step, volunteerId: string, found: Found, outcome: Checked): boolean {
  const { checked, randomlyChecked, failed } = outcome;
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer === undefined) return failed === 0;
  if (checked > 0 && volunteer.auditsPassed + volunteer.auditsFailed === 0) step.state.auditedVolunteers++;
  changeRecord(step.state.verifiedWork, volunteer, (record) => {
    record.auditsPassed += failed === 0 ? randomlyChecked : 0;
    record.auditsFailed += failed;
  });
  if (failed === 0) return true;
  quarantine(step, volunteer, found, `${failed} of ${checked} recomputed rows differ`);
  return false;
}

/** [PC4] What it passed so far counts no longer, as of one that comes for the first time. It keeps its credit, and its place. */
export function recordRestarts(step: Step, volunteer: Volunteer): void {
  if (volunteer.auditsPassed === 0) return;
  if (volunteer.auditsFailed === 0) step.state.auditedVolunteers--;
  changeRecord(step.state.verifiedWork, volunteer, (record) => {
    record.auditsPassed = 0;
  });
  persist(step, { kind: "standing" }, [recordOfVolunteer(volunteer)]);
}

/**
 * [VF3] A volunteer whose answer was wrong gets no further work, and its whole part in every running job is redone:
 * a wrong row found at random says that others were not found.
 */
export function quarantine(step: Step, volunteer: Volunteer, found: Found, reason: string): void {
  const { state } = step;
  if (volunteer.quarantine !== null) return;
  changeRecord(state.verifiedWork, volunteer, (record) => {
    record.quarantine = { atMs: step.nowMs, jobId: found.jobId, roundIndex: found.roundIndex, reason };
  });
  state.quarantinedCount++;
  state.crowd.named.add(volunteer.volunteerId);
  state.isCrowdChanged = true;
  for (const sessionId of volunteer.sessionIds) {
    const session = state.sessions.get(sessionId);
    if (session === undefined) continue;
    clearTimer(step, probeTimerOf(session));
    const quarantined: Session = { ...session, state: "quarantined" };
    state.sessions.set(sessionId, quarantined);
    takeBackAhead(step, quarantined);
    refreshCrowd(state, quarantined);
    emit(step, { type: "closeSession", sessionId, code: "wrong-answers", message: DIFFERENT_ANSWER });
  }
  persist(step, { kind: "standing" }, [recordOfVolunteer(volunteer)]);
  for (const job of state.jobs.values()) kindOf(step, job).purge?.(step, job, volunteer.volunteerId);
}
