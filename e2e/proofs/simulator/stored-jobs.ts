import type { CoordinatorState } from "../../../server/coordinator/state.ts";
import { INFERENCE } from "../../../server/kinds/inference/core/work.ts";
import type { StoredJob } from "../../../server/kinds/inference/records.ts";

/** Records of the inference jobs at work. */
export function* storedJobs({ jobs }: Pick<CoordinatorState, "jobs">): Generator<StoredJob, undefined> {
  for (const { kind, stored } of jobs.values()) if (kind === INFERENCE) yield stored as StoredJob;
}
