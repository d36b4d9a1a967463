/** Rows that tabs say they cannot compute: those that failed at several volunteers the coordinator computes, and a job that nobody can compute pauses. SPEC.md AS11, AS12. */
import type { Step } from "../../../../coordinator/core-kind.ts";
import { endFailing, failedEnough, noteFailure } from "../../core/failing.ts";
import type { RowsTimer } from "../work.ts";
import { tryFailedNext } from "./recompute.ts";
import type { RowAssignment, RowsJob } from "./rows-job.ts";

/** [AS12] Somebody can compute it. */
export function rowsAnswered(step: Step, job: RowsJob): void {
  if (endFailing(step, job)) tryFailedNext(step, job);
}

/** [AS11] @param places that it had not answered */
export function rowsFailed(
  step: Step,
  job: RowsJob,
  { volunteerId, addressGroup, payload }: RowAssignment,
  places: readonly number[],
  message: string,
): void {
  const purpose: RowsTimer = { type: "rowsUnanswered" };
  noteFailure(step, job, { volunteerId, backend: payload.backend, message }, purpose);
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
