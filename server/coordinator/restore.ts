/** The state after a restart: what was durable goes on, what was on its way begins again. SPEC.md RS rules. */

import { restoreGradient } from "../coded/core/run-lifecycle.ts";
import { withdrawLies } from "../kinds/inference/core/redo.ts";
import { restoredWindows, type StreamWindow } from "../kinds/inference/core/round-schedule.ts";
import type { CoordinatorEvent, RestoredRound } from "./events.ts";
import { isActive, newJob } from "./job-lifecycle.ts";
import { newVolunteer } from "./reputation.ts";
import type { FinishedRound } from "./state.ts";
import { emitNumerics, type Step } from "./step-context.ts";

export function restore(step: Step, event: Extract<CoordinatorEvent, { type: "restored" }>): void {
  const { state } = step;
  for (const stored of event.volunteers) {
    state.volunteers.set(stored.volunteerId, newVolunteer(stored));
    if (stored.quarantine !== null) state.quarantinedCount++;
    if (stored.auditsPassed + stored.auditsFailed > 0) state.auditedVolunteers++;
  }
  for (const stored of event.gradientJobs) restoreGradient(step, stored);
  for (const { job: stored, rounds, contributions } of event.jobs) {
    const job = newJob(stored, restoredWindows(rounds.flatMap(durableWindow)));
    for (const contribution of contributions) job.contributions.set(contribution.volunteerId, { ...contribution });
    // What was sent and never answered is forgotten.
    for (const { rows } of contributions) job.sentWork += rows * stored.macsPerQuery;
    state.jobs.set(stored.jobId, job);
    for (const { roundIndex, window: _window, ...round } of rounds) {
      const finished: FinishedRound = { ...round, openedMs: step.nowMs };
      job.finishedRounds.set(roundIndex, finished);
    }
    if (!isActive(job)) continue;
    // [RS1] Its data is loaded again; an order that is durable makes the rounds the same as before.
    job.stored.state = "preparing";
    emitNumerics(step, { type: "prepare", jobId: stored.jobId });
    for (const roundIndex of job.finishedRounds.keys()) withdrawLies(step, job, roundIndex);
  }
}

function durableWindow({ roundIndex, window }: RestoredRound): ({ roundIndex: number } & StreamWindow)[] {
  return window === undefined ? [] : [{ roundIndex, ...window }];
}
