/** [CE11] When a coordinator takes the next part of a job: once its tabs would soon have nothing more of those that it has. */
import { isActive } from "../../../coordinator/jobs.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { type InferenceJob, inferenceJobs } from "./job.ts";

/** Parts at work here that have no more rounds to open than are open. */
export function spentParts(state: CoordinatorState): InferenceJob[] {
  return inferenceJobs(state).filter((job) => isPartAtWork(job) && isSpent(job));
}

export function partsAtWork(state: CoordinatorState): InferenceJob[] {
  return inferenceJobs(state).filter(isPartAtWork);
}

function isPartAtWork(job: InferenceJob): boolean {
  return isActive(job) && job.stored.part !== undefined;
}

function isSpent({ stored, schedule, finishedRounds, openRounds }: InferenceJob): boolean {
  if (stored.state === "preparing") return false;
  return schedule.roundCount - finishedRounds.size - openRounds.size <= openRounds.size;
}
