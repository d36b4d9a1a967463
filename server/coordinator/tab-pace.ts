/**
 * How long a tab is at a multiply-add, apart from what each batch takes it beside its rows: the way there and back, and waiting for a processor.
 * For the size of its batches alone. Pure. SPEC.md DP12.
 */
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import type { ResponseSample, TabPace } from "./state.ts";

/** As many as of all answers. */
const SAMPLES_MAX = 9;
/** Answers that were read together have no time between them. */
const MS_MIN = 1e-3;

/**
 * No batch is answered before it is computed: a tab's time for a multiply-add is at most what a batch took over the multiply-adds of it. Only
 * answers count beside which no other one tells more, and such as show that the tab is faster than was thought: a small batch says nothing of a
 * tab where a larger one took less for each row, and no less as a whole.
 */
export function paceAfter(pace: TabPace | null, latest: ResponseSample): TabPace {
  const before = pace?.samples ?? [];
  const isFaster = pace !== null && msPerWorkOf(latest) < pace.nowMs;
  if (pace !== null && !isFaster && before.some((known) => tellsMoreThan(known, latest))) return pace;
  const samples = [...before.filter((known) => !tellsMoreThan(latest, known)), latest].slice(-SAMPLES_MAX);
  const usualMs = medianOfSome(samples.map(msPerWorkOf));
  return { samples, usualMs, nowMs: Math.max(usualMs, msPerWorkOf(latest)) };
}

/** More work took longer, but less than in proportion: how much of the other one's time was for its rows is not known. */
function tellsMoreThan(one: ResponseSample, other: ResponseSample): boolean {
  return one.work > other.work && one.ms >= other.ms && msPerWorkOf(one) < msPerWorkOf(other);
}

export function msPerWorkOf({ ms, work }: Pick<ResponseSample, "ms" | "work">): number {
  return Math.max(MS_MIN, ms) / work;
}
