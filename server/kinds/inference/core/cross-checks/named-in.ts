/** Who of a job is named: by that its certificates are judged. SPEC.md CC9, CC12. */
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { InferenceJob } from "../job.ts";
import type { JobChecks } from "./job-checks.ts";

/** D: whoever had rows in this job, or lied in it, and is named by now. @param sinceMs who was named before does not count */
export function namedIn(
  state: CoordinatorState,
  { stored, contributions }: InferenceJob,
  { counts }: JobChecks,
  sinceMs = Number.NEGATIVE_INFINITY,
): number {
  let named = 0;
  for (const volunteerId of state.crowd.named) {
    const quarantine = state.volunteers.get(volunteerId)?.quarantine ?? null;
    if (quarantine === null || quarantine.atMs < sinceMs) continue;
    const tookPart = counts.has(volunteerId) || contributions.has(volunteerId);
    if (tookPart || quarantine.jobId === stored.jobId) named++;
  }
  return named;
}
