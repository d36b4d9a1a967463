import type { Step } from "../../coordinator/core-kind.ts";
import { tell } from "../../coordinator/step-context.ts";
import type { CodedRunJob } from "./run-job.ts";
import type { ToldRun } from "./run-work.ts";

/** Puts an event in line for the machine of a run, where it has one. */
export function tellRun(step: Step, job: CodedRunJob, event: ToldRun): void {
  if (job.run !== null) tell<ToldRun>(step, job, event);
}
