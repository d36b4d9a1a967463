/** A job that is cross-checked, and where its rows stand. */
import type { CheckTerms } from "../../records.ts";
import type { BatchSource } from "../batch-source.ts";
import { rawQueryOf } from "../inference-plan.ts";
import { type InferenceJob, slotAt } from "../job.ts";
import { windowQueriesAt } from "../query-windows.ts";
import type { BatchRow } from "../work.ts";
import type { JobChecks } from "./job-checks.ts";

/** The parts of a job that is cross-checked; null: it is not, or its first row has not gone out. */
export function checkedJob({
  stored,
  checks,
}: InferenceJob): { readonly checks: JobChecks; readonly terms: CheckTerms } | null {
  const terms = stored.crossChecks?.terms ?? null;
  return checks === null || terms === null || stored.unchecked !== null ? null : { checks, terms };
}

/** Of a query, however it is stored. */
const NUMBER_BYTES_MAX = 4;

/**
 * [CC4] Is a row that goes out again like those that it travels with? [CC14] Not in a stream, whose rows come in the order of time. [DP12] Nor
 * where rounds of several sizes, which are open together, are cut from several windows: queries are dealt in secret within their own.
 */
export function hidesDuplicates({ checks, schedule, plan, stored }: InferenceJob): boolean {
  if (checks?.stream != null) return false;
  const { queryCount, inputSize } = stored;
  return schedule.parts.length === 1 || queryCount <= windowQueriesAt(plan, NUMBER_BYTES_MAX * inputSize);
}

/** Where the row stands among all of its job: each has one name, whatever code its round has. */
export function placeOf({ schedule }: InferenceJob, { roundIndex, workerIndex, row }: BatchRow): number {
  const plan = schedule.planOf(roundIndex);
  return schedule.firstNameOf(roundIndex) + row * plan.scheme.queryCount + rawQueryOf(plan, workerIndex);
}

/** Whose result stands for a worker index, in an open round or a durable one; null: nobody's. */
export function standingAt(
  job: InferenceJob,
  { roundIndex, workerIndex }: Pick<BatchRow, "roundIndex" | "workerIndex">,
): (BatchSource & { readonly assignmentId: number | null }) | null {
  const round = job.openRounds.get(roundIndex);
  if (round !== undefined) return slotAt(round, workerIndex).accepted;
  const source = job.finishedRounds.get(roundIndex)?.sources[workerIndex] ?? null;
  return source === null ? null : { ...source, assignmentId: null };
}
