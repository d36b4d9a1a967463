/** What audits say about volunteers, and what follows. SPEC.md VF rules. */

import { countAudit } from "../kinds/inference/core/contributions.ts";
import { withdrawLies } from "../kinds/inference/core/redo.ts";
import { purgeVolunteer } from "../kinds/inference/core/rounds.ts";
import type { StoredVolunteer } from "../store/store.ts";
import { takeBackAhead } from "./assignments.ts";
import { DIFFERENT_ANSWER } from "./different-answer.ts";
import { probeTimerOf, refreshIdle } from "./idle-sessions.ts";
import { persist, storedVolunteer } from "./persistence.ts";
import type { CoordinatorState, Job, Volunteer } from "./state.ts";
import { clearTimer, emit, type Step, setTimer } from "./step-context.ts";

/** @param said what its tab says of itself */
export function volunteerOf(
  state: CoordinatorState,
  volunteerId: string,
  { nickname, team }: { readonly nickname: string; readonly team: string },
): Volunteer {
  let volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined) {
    volunteer = newVolunteer({
      volunteerId,
      nickname,
      team,
      creditMacs: 0,
      creditAssignments: 0,
      auditsPassed: 0,
      auditsFailed: 0,
      quarantine: null,
      released: null,
    });
    state.volunteers.set(volunteerId, volunteer);
  }
  if (nickname !== "") volunteer.nickname = nickname;
  volunteer.team = team;
  return volunteer;
}

export function newVolunteer(stored: StoredVolunteer): Volunteer {
  const durableCredit = { macs: stored.creditMacs, assignments: stored.creditAssignments };
  return { ...stored, durableCredit, sessionIds: new Set(), unansweredInRow: 0, restsUntilMs: 0, productSpeed: null };
}

const REST_MS_FIRST = 10_000;
const REST_MS_MAX = 30 * 60_000;

/** [AS7] Who takes work and never answers, or always fails, rests, longer each time: black holes do not swallow rounds. */
export function restVolunteer(step: Step, volunteerId: string): void {
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  const restMs = Math.min(REST_MS_MAX, REST_MS_FIRST * 2 ** volunteer.unansweredInRow);
  volunteer.unansweredInRow++;
  volunteer.restsUntilMs = step.nowMs + restMs;
  for (const sessionId of volunteer.sessionIds) {
    const session = step.state.sessions.get(sessionId);
    if (session !== undefined) takeBackAhead(step, session);
  }
  setTimer(step, volunteer.restsUntilMs, { kind: "rest" });
}

export interface AuditOutcome {
  readonly checked: number;
  /** Rows that a suspicion chose say little of the others: the bound of a record holds for random ones alone. */
  readonly randomlyChecked: number;
  readonly failed: number;
  /** The same rows count for somebody else too: the job's own count has them already. */
  readonly isShared?: boolean;
}

/**
 * Enters the outcome of an audit in the records.
 * @returns false where the volunteer lied (and is now quarantined)
 */
export function recordAudit(
  step: Step,
  job: Job,
  roundIndex: number,
  volunteerId: string,
  outcome: AuditOutcome,
): boolean {
  const volunteer = step.state.volunteers.get(volunteerId);
  // What comes after a job's end is no part of it: its record is written.
  if (job.stored.finishedMs === null) {
    if (outcome.isShared !== true) job.stored.auditedRows += outcome.checked;
    job.stored.failedAudits += outcome.failed;
    countAudit(job, volunteerId, outcome.checked, outcome.failed);
  }
  if (volunteer === undefined) return outcome.failed === 0;
  if (outcome.checked > 0 && volunteer.auditsPassed + volunteer.auditsFailed === 0) step.state.auditedVolunteers++;
  volunteer.auditsPassed += outcome.failed === 0 ? outcome.randomlyChecked : 0;
  volunteer.auditsFailed += outcome.failed;
  if (outcome.failed === 0) return true;
  quarantine(
    step,
    volunteer,
    job.stored.jobId,
    roundIndex,
    `${outcome.failed} of ${outcome.checked} recomputed rows differ`,
  );
  return false;
}

/**
 * [VF3] A volunteer whose answer was wrong gets no further work, and its whole part in every running job is redone:
 * a wrong row found at random says that others were not found.
 */
export function quarantine(step: Step, volunteer: Volunteer, jobId: string, roundIndex: number, reason: string): void {
  const { state } = step;
  if (volunteer.quarantine !== null) return;
  volunteer.quarantine = { atMs: step.nowMs, jobId, roundIndex, reason };
  state.quarantinedCount++;
  state.seatsStale = true;
  for (const sessionId of volunteer.sessionIds) {
    const session = state.sessions.get(sessionId);
    if (session === undefined) continue;
    clearTimer(step, probeTimerOf(session));
    state.sessions.set(sessionId, { ...session, state: "quarantined" });
    takeBackAhead(step, state.sessions.get(sessionId)!);
    refreshIdle(state, state.sessions.get(sessionId)!);
    emit(step, { type: "closeSession", sessionId, code: "wrong-answers", message: DIFFERENT_ANSWER });
  }
  persist(step, { kind: "standing" }, [{ kind: "volunteer", volunteer: storedVolunteer(volunteer) }]);
  for (const job of state.jobs.values()) redoPartOf(step, job, volunteer.volunteerId);
}

function redoPartOf(step: Step, job: Job, volunteerId: string): void {
  // What nothing verified stays as it is, marked so; only audited answers promise that a liar's part is redone.
  if (job.plan.verification !== "audits") return;
  const { state } = job.stored;
  if (state !== "preparing" && state !== "running" && state !== "auditing") return;
  job.topUps.delete(volunteerId);
  for (const round of [...job.openRounds.values()]) purgeVolunteer(step, job, round, volunteerId);
  for (const [roundIndex, { sources }] of job.finishedRounds) {
    if (sources.some((source) => source?.volunteerId === volunteerId || source?.opinionBy === volunteerId))
      withdrawLies(step, job, roundIndex);
  }
  if (job.toRedo.size > 0 && state === "auditing") job.stored.state = "running";
}
