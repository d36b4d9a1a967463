/** [CE11] When a coordinator takes the next part of a job: once its tabs would soon have nothing more of those that it has. */
import { isActive } from "../../../coordinator/jobs.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { type RowsJob, rowsJobs } from "../rows/core/rows-job.ts";

/** Parts at work here of which no more waits to be sent than is out. */
export function spentParts(state: CoordinatorState): RowsJob[] {
  return partsAtWork(state).filter(isSpent);
}

export function partsAtWork(state: CoordinatorState): RowsJob[] {
  return rowsJobs(state).filter((job) => isActive(job) && job.stored.part !== undefined);
}

function isSpent({ ledger, claims }: RowsJob): boolean {
  if (ledger === null) return false;
  const { fresh, again } = ledger.counts;
  let out = 0;
  for (const { unanswered } of claims.values()) out += unanswered.size;
  return fresh + again <= out;
}
