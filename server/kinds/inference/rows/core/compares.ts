/**
 * Words that wait to be held against answers. What comes of a comparison is a step and a write of its own, however many words it has: those of several
 * claims go together, and nothing but finality waits for them.
 */
import type { CheckEffect } from "../../../../checks/checked-rows-words.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { emitNumerics } from "../../../../coordinator/step-context.ts";
import { COORDINATOR } from "../../core/job.ts";
import type { RowsWork } from "../work.ts";
import { wordOf } from "./devices.ts";
import type { RowsJob } from "./rows-job.ts";

/** So many words wait for no others, */
const WORDS_AT_ONCE = 64;
/** and none waits longer: a liar is found no later than a quarter of a second, ms. */
const WAIT_MS_MAX = 250;

/** @param compare as the block asks for them; they go out with `compareDue` */
export function askToCompare(
  { nowMs }: Step,
  job: RowsJob,
  compare: readonly Extract<CheckEffect, { type: "compare" }>[],
): void {
  if (job.toCompare.length === 0) job.comparesSinceMs = nowMs;
  job.toCompare.push(...compare);
}

/** When those that wait are compared whatever else comes; null: none waits. */
export function compareDueMs({ toCompare, comparesSinceMs }: RowsJob): number | null {
  return toCompare.length === 0 ? null : comparesSinceMs + WAIT_MS_MAX;
}

/** Compares what waits, if it has waited long enough, or nothing else is to come. */
export function compareDue(step: Step, job: RowsJob): void {
  const { toCompare, ledger, claims } = job;
  if (toCompare.length === 0) return;
  const isLast = ledger === null || ledger.isDone || claims.size === 0;
  if (!isLast && toCompare.length < WORDS_AT_ONCE && step.nowMs < (compareDueMs(job) ?? 0)) return;
  const pairs = toCompare.splice(0).map(({ place, attempt, author, second }) => ({
    ...{ place, attempt },
    author: wordOf(step.state, job, author === null || isOwn(job, place) ? COORDINATOR : author),
    second: wordOf(step.state, job, second),
  }));
  emitNumerics<RowsWork>(step, job, { type: "compare", pairs });
}

/** The coordinator has computed the row since: its author was judged then, and the second word is held against the coordinator's. */
function isOwn({ ledger }: RowsJob, place: number): boolean {
  return ledger?.stateOf(place) === "final" && ledger.authorOf(place) === null;
}
