/** Rows that tabs say they cannot compute: those that failed at several volunteers the coordinator computes, and a job that nobody can compute pauses. SPEC.md AS11, AS12. */
import {
  FAILING_VOLUNTEERS_TO_PAUSE,
  FAILING_VOLUNTEERS_TO_TRY,
  UNANSWERED_MS_TO_PAUSE,
} from "../../../../../shared/protocol/limits.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { clearTimer, setJobTimer } from "../../../../coordinator/step-context.ts";
import type { RowsTimer } from "../work.ts";
import { tryFailedNext } from "./recompute.ts";
import type { FailedRow, RowAssignment, RowsJob } from "./rows-job.ts";

/** [AS12] Somebody can compute it. */
export function rowsAnswered(step: Step, job: RowsJob): void {
  const { failing } = job;
  if (failing.sinceMs === null) return;
  clearTimer(step, failing.timerId);
  if (failing.isPaused) step.state.isCrowdChanged = true;
  Object.assign(failing, { sinceMs: null, timerId: null, isPaused: false });
  failing.by.clear();
  tryFailedNext(step, job);
}

/** [AS11] @param places that it had not answered */
export function rowsFailed(
  step: Step,
  job: RowsJob,
  { volunteerId, addressGroup, payload }: RowAssignment,
  places: readonly number[],
  message: string,
): void {
  noteFailure(step, job, volunteerId, payload.backend, message);
  const toTry: number[] = [];
  for (const place of places) {
    const row = job.failedAt.get(place) ?? { failures: 0, by: new Map() };
    row.failures++;
    row.by.set(volunteerId, addressGroup);
    job.failedAt.set(place, row);
    if (failedEnough(step.state, row)) toTry.push(place);
  }
  for (const place of toTry) job.failedAt.delete(place);
  if (toTry.length > 0) job.toTry.push(toTry);
  tryFailedNext(step, job);
}

function noteFailure(step: Step, job: RowsJob, volunteerId: string, backend: string, message: string): void {
  const { failing } = job;
  failing.sinceMs ??= step.nowMs;
  failing.by.set(volunteerId, backend);
  failing.message = message;
  if (failing.by.size < FAILING_VOLUNTEERS_TO_PAUSE || failing.timerId !== null || failing.isPaused) return;
  const dueMs = Math.max(step.nowMs, failing.sinceMs + UNANSWERED_MS_TO_PAUSE);
  failing.timerId = setJobTimer<RowsTimer>(step, job, dueMs, { type: "rowsUnanswered" });
}

/** [AS12] Nobody has answered for so long. */
export function pauseRows(step: Step, { failing }: RowsJob): void {
  failing.timerId = null;
  failing.isPaused = true;
  step.state.isCrowdChanged = true;
}

/** [AS11] As many volunteers, and addresses, as there are, but three are enough. */
function failedEnough({ crowd }: CoordinatorState, { failures, by }: FailedRow): boolean {
  const wanted = (present: number) => Math.min(FAILING_VOLUNTEERS_TO_TRY, present);
  const groups = new Set([...by.values()].filter((group) => group !== null));
  return (
    failures >= FAILING_VOLUNTEERS_TO_TRY &&
    by.size >= wanted(crowd.ready.volunteers) &&
    groups.size >= wanted(crowd.ready.addressGroups)
  );
}
