/** [DP2] Whose turns are whose. */
import type { Step } from "./core-kind.ts";
import type { Job } from "./state.ts";
import { kindOf } from "./step-context.ts";

/** It is at work from now on, and takes its turns with those at work that are one with it. */
export function putToWork(step: Step, job: Job): void {
  const { jobsAtWork } = step.state;
  const one = turnsOf(step, job);
  if (one !== null) for (const other of jobsAtWork.values()) if (turnsOf(step, other) === one) job.turns = other.turns;
  jobsAtWork.set(job.stored.jobId, job);
}

function turnsOf(step: Step, job: Job): string | null {
  return kindOf(step, job).turnsOf?.(job) ?? null;
}
