/** What a volunteer's choice makes of the jobs at work. */
import type { WorkList, WorkView } from "../../shared/kinds/work-view.ts";
import type { RefusedJob } from "../session/volunteer-settings.ts";

/** Names of projects to choose from: those of the jobs, and those that are chosen; by the alphabet. */
export function projectsOf(jobs: readonly Pick<WorkView, "submitter">[], chosen: readonly string[]): string[] {
  return [...new Set([...jobs.map(({ submitter }) => submitter), ...chosen])].sort((a, b) => a.localeCompare(b));
}

export function isTaken(
  { jobId, submitter }: Pick<WorkView, "jobId" | "submitter">,
  projects: readonly string[] | null,
  refusedJobs: readonly RefusedJob[],
): boolean {
  return (projects === null || projects.includes(submitter)) && !refusedJobs.some((job) => job.jobId === jobId);
}

/** A no ends with its job: who says no to nothing more may check again. Where not all jobs are listed nothing is known of the others. */
export function refusalsAtWork(refusedJobs: readonly RefusedJob[], { jobs, more }: WorkList): readonly RefusedJob[] {
  if (more > 0) return refusedJobs;
  const still = refusedJobs.filter(({ jobId }) => jobs.some((job) => job.jobId === jobId));
  return still.length === refusedJobs.length ? refusedJobs : still;
}
