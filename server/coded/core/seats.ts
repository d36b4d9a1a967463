/**
 * Who sits in the gradient jobs at work. A volunteer is present in a training while one of its sessions is ready, available and
 * not resting; one session plays it, and where that one goes another takes its place. SPEC.md GJ rules.
 */

import { upperMedian } from "../../../shared/numbers/quantile.ts";
import type { CoordinatorState, Session } from "../../coordinator/state.ts";
import { type Step, tell } from "../../coordinator/step-context.ts";
import type { GradientJob } from "./run-job.ts";
import { leaveSeat } from "./shares.ts";

/** [GJ1] Brings seats up to date; a training hears of everybody who comes or goes before the step ends. */
export function takeSeats(step: Step): void {
  const { state } = step;
  if (!state.seatsStale) return;
  for (const job of state.gradientJobs.values()) {
    if (job.training === null || job.training.phase === "ended") continue;
    clearSeats(step, job);
    fillSeats(step, job);
  }
  state.seatsStale = false;
}

function clearSeats(step: Step, job: GradientJob): void {
  for (const [volunteerId, sessionId] of job.seats) {
    if (maySit(step.state, step.state.sessions.get(sessionId))) continue;
    leaveSeat(step, job, volunteerId);
  }
}

function fillSeats(step: Step, job: GradientJob): void {
  for (const session of step.state.sessions.values()) {
    const { volunteerId, sessionId } = session;
    if (job.seats.has(volunteerId) || !maySit(step.state, session)) continue;
    // [VF11] Released or not: a training that has named it goes on without it.
    if (job.training?.liars.some((liar) => liar.volunteerId === volunteerId)) continue;
    job.seats.set(volunteerId, sessionId);
    const isInvited = job.stored.invitations.some((invitation) => invitation.volunteerId === volunteerId);
    tell(step, job, { type: "volunteerJoined", volunteerId, speed: speedOf(step.state, job, volunteerId), isInvited });
  }
}

function maySit(state: CoordinatorState, session: Session | undefined): boolean {
  if (session?.state !== "ready" || !session.available) return false;
  return (state.volunteers.get(session.volunteerId)?.restsUntilMs ?? 0) <= state.nowMs;
}

/** Of one that was never measured: the median of those who sit here; only ratios count. */
function speedOf(state: CoordinatorState, job: GradientJob, volunteerId: string): number {
  const measured = state.volunteers.get(volunteerId)?.productSpeed ?? null;
  if (measured !== null) return measured;
  const speeds = [...job.seats.keys()].flatMap((id) => state.volunteers.get(id)?.productSpeed ?? []);
  return upperMedian(speeds) ?? 1;
}
