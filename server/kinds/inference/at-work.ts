/** Answers of a job on rounds while it is at work, and what takes back the `final` of answers of any job that is. */
import type { CoordinatorState } from "../../coordinator/state.ts";
import type { DeskHost } from "../../shell/kind-desk.ts";
import { inferenceJob } from "./core/job.ts";
import type { JobWorkspace } from "./engine/job-workspace.ts";
import type { TakingOf } from "./engine/round-answers.ts";
import { type AnswersOfJob, certifyDurable, takingsByDoubt, takingsOf } from "./views.ts";

/** @param workspace null: none is held. @returns null: it is not at work, or not on rounds */
export function answersOnRounds(
  { state, durableRecords }: Pick<DeskHost, "state" | "durableRecords">,
  workspace: JobWorkspace | null,
  jobId: string,
): AnswersOfJob | null {
  const job = inferenceJob(state, jobId);
  if (job === undefined || workspace === null) return null;
  const { answers } = workspace;
  certifyDurable(job, answers);
  return {
    job: job.stored,
    answers,
    records: new Map(),
    durableRecords: durableRecords.of(answers.sources.volunteers),
  };
}

/** [TB1] @param found null: the job is not at work, and nothing is taken back */
export function takingsAtWork(state: CoordinatorState, found: AnswersOfJob | null): TakingOf {
  if (found === null) return () => null;
  const { unchecked } = found.job;
  const takingOf = unchecked === null ? takingsOf(state, found) : takingsByDoubt(state, found, unchecked);
  return (query) => takingOf(found.answers.kinds.kindOf(query));
}
