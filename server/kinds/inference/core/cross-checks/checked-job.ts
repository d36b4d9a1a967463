/** A job that is cross-checked, and where its rows stand. */
import type { CheckTerms } from "../../records.ts";
import type { BatchSource, Coins } from "../batch-source.ts";
import { firstPlaceOf, ownRowsIn, rawQueryOf, splitAt } from "../inference-plan.ts";
import { type InferenceJob, slotAt } from "../job.ts";
import { isOneWindow, isWithinWindow } from "../query-windows.ts";
import { type BatchRow, NO_ROUND } from "../work.ts";
import type { JobChecks } from "./job-checks.ts";

/** The parts of a job that is cross-checked; null: it is not, or its first row has not gone out. */
export function checkedJob({
  stored,
  checks,
}: InferenceJob): { readonly checks: JobChecks; readonly terms: CheckTerms } | null {
  const terms = stored.crossChecks?.terms ?? null;
  return checks === null || terms === null || stored.unchecked !== null ? null : { checks, terms };
}

/**
 * [CC4] Is a row that goes out again like those of the round that it travels with? [CC14] Not in a stream, whose rows come in the order of time.
 * Nor where the row is of another window: queries are dealt in secret within their own, so that whoever held its batch back until others
 * were at the next window would know the rows that waited for it.
 */
export function isHiddenAmong(job: InferenceJob, roundIndex: number, row: BatchRow): boolean {
  if (roundIndex === NO_ROUND || job.checks?.stream != null) return false;
  const plan = job.schedule.planOf(roundIndex);
  const first = firstPlaceOf(plan, roundIndex);
  const last = first + ownRowsIn(plan, roundIndex) - 1;
  return isWithinWindow(job.plan, job.stored, [first, last, placeOf(job, row)]);
}

/** [CC4] Of the rows of others that went with a batch, those that did not stand out. */
export function hiddenWith(
  { checks, plan, stored }: InferenceJob,
  { duplicates, hidden }: Pick<Coins, "duplicates" | "hidden">,
): number {
  if (hidden !== undefined) return hidden;
  return checks?.stream == null && isOneWindow(plan, stored) ? duplicates : 0;
}

/** Where the row stands among all of its job: each has one name, whatever code its round has. */
export function placeOf(job: InferenceJob, { roundIndex, workerIndex, row }: BatchRow): number {
  const { first, stride } = rowPlacesOf(job, { roundIndex, workerIndex });
  return first + row * stride;
}

/** The same of all rows of a worker index: of the first one, and how far each is from the one before. */
export function rowPlacesOf(
  { schedule }: InferenceJob,
  { roundIndex, workerIndex }: Omit<BatchRow, "row">,
): { readonly first: number; readonly stride: number } {
  const plan = schedule.planOf(roundIndex);
  const stride = plan.scheme.queryCount;
  const before = stride * (splitAt(plan, workerIndex)?.first ?? 0);
  return { first: schedule.firstNameOf(roundIndex) + rawQueryOf(plan, workerIndex) + before, stride };
}

/** Whose result stands for a worker index, in an open round or a durable one; null: nobody's. */
export function standingAt(
  job: InferenceJob,
  { roundIndex, workerIndex }: Pick<BatchRow, "roundIndex" | "workerIndex">,
): BatchSource | null {
  const round = job.openRounds.get(roundIndex);
  if (round !== undefined) return slotAt(round, workerIndex).accepted;
  return job.finishedRounds.get(roundIndex)?.sources[workerIndex] ?? null;
}

/** Which assignment it answered; null: nobody's result stands there, or it is durable. */
export function assignmentAt(
  { openRounds }: InferenceJob,
  { roundIndex, workerIndex }: Pick<BatchRow, "roundIndex" | "workerIndex">,
): number | null {
  const round = openRounds.get(roundIndex);
  return round === undefined ? null : (slotAt(round, workerIndex).accepted?.assignmentId ?? null);
}
