/** Jobs of inference on whichever core they run. */
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { type InferenceJob, inferenceJob } from "../core/job.ts";
import { type RowsJob, rowsJob } from "./core/rows-job.ts";
import type { RowClaim } from "./work.ts";

export function jobOnEither(state: CoordinatorState, jobId: string): InferenceJob | RowsJob | undefined {
  return inferenceJob(state, jobId) ?? rowsJob(state, jobId);
}

/** Are they rows of a claim, and no batch? @param payload of an assignment */
export function isClaim(payload: unknown): payload is RowClaim {
  return (payload as Partial<RowClaim>).isRows === true;
}
