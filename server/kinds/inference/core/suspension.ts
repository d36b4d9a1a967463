/**
 * A job whose answers cannot be checked, as was found while it ran: nothing is sent for it, whoever it named is believed again, and its
 * submitter says what becomes of it. SPEC.md VF14.
 */
import { shareInWords } from "../../../../shared/verify/sensitivity.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { mayEnd } from "../../../coordinator/jobs.ts";
import { persistOwn } from "../../../coordinator/persistence.ts";
import { takeBackNamings } from "../../../coordinator/release.ts";
import { emitWork, touch } from "../../../coordinator/step-context.ts";
import { voidCheckBatches } from "./cross-checks/check-batches.ts";
import type { InferenceJob } from "./job.ts";
import { forgetWrongRows } from "./model-classes.ts";
import { jobRecord, voidAttempts } from "./rounds.ts";
import type { InferencePurpose, InferenceWork } from "./work.ts";

/** @param reason a sentence without its end */
export function suspend(step: Step, job: InferenceJob, reason: string): void {
  const { stored } = job;
  if (!mayEnd(job) || stored.suspended !== null || stored.unchecked !== null) return;
  stored.suspended = { atMs: Math.round(step.nowMs), reason };
  for (const round of job.openRounds.values()) {
    job.openRounds.changed(round);
    for (const slot of round.slots) voidAttempts(step, slot, ({ state }) => state !== "checking");
  }
  voidCheckBatches(step, job);
  forgetWrongRows(step.state, job);
  takeBackNamings(step, stored.jobId, `the job cannot be checked: ${reason}`);
  persistOwn<InferencePurpose>(step, job, { type: "suspended" }, [jobRecord(job)]);
  if (stored.submission.ifUnstable === "unchecked") goOnUnchecked(step, job);
}

/** Its submitter wants its answers as they come: none of them is checked, or was. */
export function goOnUnchecked(step: Step, job: InferenceJob): void {
  const { stored } = job;
  if (stored.suspended === null || !mayEnd(job)) return;
  stored.unchecked = stored.suspended.reason;
  stored.suspended = null;
  emitWork<InferenceWork>(step, job, { type: "uncheck" });
  for (const round of job.openRounds.values()) {
    round.opinionsWanted.clear();
    job.openRounds.changed(round);
    touch(step, job, round);
  }
  persistOwn<InferencePurpose>(step, job, { type: "suspended" }, [jobRecord(job)]);
}

/** Why, in words. @param spread the largest share of a row's size by which trusted runs of it differ */
export function unstableRow(spread: number): string {
  return (
    "float32 does not determine its answers: trusted runs of one row, in a fresh process, on a second implementation and on inputs one unit " +
    `in the last place apart, differ by ${shareInWords(spread)} of its size`
  );
}
