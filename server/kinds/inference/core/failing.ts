/** Failures of volunteers at a job's model, whatever the job runs on: when somebody else tries, and when the job pauses. SPEC.md AS11, AS12. */
import {
  FAILING_VOLUNTEERS_TO_PAUSE,
  FAILING_VOLUNTEERS_TO_TRY,
  UNANSWERED_MS_TO_PAUSE,
} from "../../../../shared/protocol/limits.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import type { CoordinatorState, Job } from "../../../coordinator/state.ts";
import { clearTimer, setJobTimer } from "../../../coordinator/step-context.ts";
import type { Own } from "../../../coordinator/words.ts";
import type { Failing } from "./job.ts";

interface FailingJob extends Job {
  readonly failing: Failing;
}

/** @param purpose of the timer after which the job pauses, unless somebody answers before */
export function noteFailure(
  step: Step,
  job: FailingJob,
  {
    volunteerId,
    backend,
    message,
  }: { readonly volunteerId: string; readonly backend: string; readonly message: string },
  purpose: Own,
): void {
  const { failing } = job;
  failing.sinceMs ??= step.nowMs;
  failing.by.set(volunteerId, backend);
  failing.message = message;
  if (failing.by.size < FAILING_VOLUNTEERS_TO_PAUSE || failing.timerId !== null || failing.isPaused) return;
  const dueMs = Math.max(step.nowMs, failing.sinceMs + UNANSWERED_MS_TO_PAUSE);
  failing.timerId = setJobTimer(step, job, dueMs, purpose);
}

/** [AS12] Somebody can compute it. @returns whether anybody had failed */
export function endFailing(step: Step, { failing }: FailingJob): boolean {
  if (failing.sinceMs === null) return false;
  clearTimer(step, failing.timerId);
  if (failing.isPaused) step.state.isCrowdChanged = true;
  Object.assign(failing, { sinceMs: null, timerId: null, isPaused: false });
  failing.by.clear();
  return true;
}

/** [AS12] Nobody has answered for so long. */
export function pauseFailing(step: Step, { failing }: FailingJob): void {
  failing.timerId = null;
  failing.isPaused = true;
  step.state.isCrowdChanged = true;
}

/**
 * [AS11] As many volunteers, and addresses, as there are, but three are enough.
 * @param by volunteers with their addresses, as far as these are known
 */
export function failedEnough(
  { crowd }: CoordinatorState,
  { failures, by }: { readonly failures: number; readonly by: ReadonlyMap<string, string | null> },
): boolean {
  const wanted = (present: number) => Math.min(FAILING_VOLUNTEERS_TO_TRY, present);
  const groups = new Set([...by.values()].filter((group) => group !== null));
  return (
    failures >= FAILING_VOLUNTEERS_TO_TRY &&
    by.size >= wanted(crowd.ready.volunteers) &&
    groups.size >= wanted(crowd.ready.addressGroups)
  );
}
