/** [CE11] When a coordinator takes the next part of a job: once its tabs would soon have nothing more of those that it has. */
import { isActive } from "../../../coordinator/jobs.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { isRowsJob, type RowsJob, rowsJobs } from "../rows/core/rows-job.ts";
import { type InferenceJob, inferenceJobs } from "./job.ts";

type AnyJob = InferenceJob | RowsJob;

/** Parts at work here of which no more waits to be sent than is out. */
export function spentParts(state: CoordinatorState): AnyJob[] {
  return partsAtWork(state).filter((job) => (isRowsJob(job) ? areRowsSpent(job) : areRoundsSpent(job)));
}

export function partsAtWork(state: CoordinatorState): AnyJob[] {
  return [...inferenceJobs(state), ...rowsJobs(state)].filter((job) => isActive(job) && job.stored.part !== undefined);
}

function areRoundsSpent({ stored, schedule, finishedRounds, openRounds }: InferenceJob): boolean {
  if (stored.state === "preparing") return false;
  return schedule.roundCount - finishedRounds.size - openRounds.size <= openRounds.size;
}

function areRowsSpent({ ledger, claims }: RowsJob): boolean {
  if (ledger === null) return false;
  const { fresh, again } = ledger.counts;
  let out = 0;
  for (const { unanswered } of claims.values()) out += unanswered.size;
  return fresh + again <= out;
}
