/**
 * Who sits in the coded runs at work. A volunteer is present in a run while one of its sessions is ready, available and not
 * resting; one session plays it, and where that one goes another takes its place. SPEC.md GJ rules.
 */
import { upperMedian } from "../../../shared/numbers/quantile.ts";
import { isChosenBy } from "../../coordinator/choice-rules.ts";
import type { Step } from "../../coordinator/core-kind.ts";
import { isReadyForSeat } from "../../coordinator/idle-sessions.ts";
import { sessionsOf } from "../../coordinator/sessions-of.ts";
import type { CoordinatorState, Session } from "../../coordinator/state.ts";
import type { CodedRunJob } from "./run-job.ts";
import { tellRun } from "./tell-run.ts";

/** [GJ1] Brings seats up to date; a run hears of everybody who comes or goes before the step ends. */
export function takeSeats(step: Step, job: CodedRunJob): void {
  if (job.run === null || job.run.phase === "ended") return;
  const { sessions, crowd } = step.state;
  for (const volunteerId of crowd.changed) {
    const sessionId = job.seats.get(volunteerId);
    if (sessionId !== undefined && !maySit(step.state, job, sessions.get(sessionId))) leaveSeat(step, job, volunteerId);
  }
  const comers = job.isSeated ? [...crowd.changed].flatMap((id) => sessionsOf(step.state, id)) : sessions.values();
  job.isSeated = true;
  for (const session of comers) {
    const { volunteerId, sessionId } = session;
    if (job.seats.has(volunteerId) || !maySit(step.state, job, session)) continue;
    // [VF11] Released or not: a run that has named it goes on without it.
    if (job.run.liars.some((liar) => liar.volunteerId === volunteerId)) continue;
    job.seats.set(volunteerId, sessionId);
    const isInvited = isInvitedTo(job, volunteerId);
    const speed = speedOf(step.state, job, volunteerId);
    tellRun(step, job, { type: "volunteerJoined", volunteerId, speed, isInvited });
  }
}

/** Takes a volunteer out of the run; whoever may sit is seated again before the step ends. */
export function leaveSeat(step: Step, job: CodedRunJob, volunteerId: string): void {
  job.seats.delete(volunteerId);
  step.state.isCrowdChanged = true;
  step.state.crowd.changed.add(volunteerId);
  tellRun(step, job, { type: "volunteerLeft", volunteerId });
}

function maySit(state: CoordinatorState, job: CodedRunJob, session: Session | undefined): boolean {
  if (session === undefined || !isReadyForSeat(state, session)) return false;
  const { choice = null } = state.volunteers.get(session.volunteerId) ?? {};
  // [WC1] An invitation is a choice too.
  return isChosenBy(
    isInvitedTo(job, session.volunteerId) && choice !== null ? { ...choice, projects: null } : choice,
    job.stored,
  );
}

function isInvitedTo({ stored }: CodedRunJob, volunteerId: string): boolean {
  return stored.invitations.some((invitation) => invitation.volunteerId === volunteerId);
}

/** Of one that was never measured: the median of those who sit here; only ratios count. */
function speedOf(state: CoordinatorState, job: CodedRunJob, volunteerId: string): number {
  const measured = state.volunteers.get(volunteerId)?.besideSpeed ?? null;
  if (measured !== null) return measured;
  const speeds = [...job.seats.keys()].flatMap((id) => state.volunteers.get(id)?.besideSpeed ?? []);
  return upperMedian(speeds) ?? 1;
}
