/** [JB6] Which jobs of the store are at hand: all that are at work, and of each kind the latest of those that have ended. */
import { JOBS_ENDED_KEPT_MAX } from "../coordinator/jobs.ts";
import type { JobRecord } from "../store/store.ts";

export function isEndedJob({ state }: Pick<JobRecord, "state">): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** @returns in the order in which they came */
export function keptJobs(jobs: readonly JobRecord[]): JobRecord[] {
  const endedOf = new Map<string, JobRecord[]>();
  for (const job of jobs) if (isEndedJob(job)) endedOf.set(job.kind, [...(endedOf.get(job.kind) ?? []), job]);
  const kept = [...endedOf.values()].flatMap((ended) =>
    ended.sort((a, b) => (b.finishedMs ?? 0) - (a.finishedMs ?? 0)).slice(0, JOBS_ENDED_KEPT_MAX),
  );
  const isKept = new Set(kept);
  return jobs.filter((job) => !isEndedJob(job) || isKept.has(job));
}
