/** Works out how long a job would take on the submitter's own computer, from runs of its model there. Pure: a terminal and a page time them. */
import { quantileOfSome } from "../numbers/quantile.ts";
import type { Alone } from "../protocol/estimate-api.ts";
import { HOME_TRIAL_MS } from "../protocol/limits.ts";
import { ALONE_MS_WORTH_LEAST } from "./alone-and-together.ts";

/** The part of the second that one core has to itself; then all have the rest. */
export const ONE_CORE_MS = 0.4 * HOME_TRIAL_MS;
export const ALL_CORES_MS = HOME_TRIAL_MS - ONE_CORE_MS;
/** Rows that go through at once, as in small batches of tabs. */
export const HOME_ROWS_AT_ONCE_MAX = 8;

export interface HomeRuns {
  /** Rows of the whole job. */
  readonly rowCount: number;
  /** Cores of the computer; null: a graphics card computed it. */
  readonly cores: number | null;
  /** What ran the model: "WebAssembly". */
  readonly by: string;
  /** Milliseconds a row of each run on one core alone; one at least. */
  readonly onOne: readonly number[];
  /** The same of runs on so many cores at the same time; null: they were not tried. */
  readonly onAll: { readonly threads: number; readonly times: readonly number[] } | null;
}

/** A job of seconds is one on any number of cores. */
export function needsAllCores({ onOne, rowCount }: Pick<HomeRuns, "onOne" | "rowCount">): boolean {
  return rowCount * quantileOfSome(onOne, 0.5) > ALONE_MS_WORTH_LEAST;
}

/** One run in ten is quicker than the range, and one in ten slower. */
export function aloneOfRuns({ rowCount, cores, by, onOne, onAll }: HomeRuns): Alone {
  const { threads, times } = onAll ?? { threads: 1, times: onOne };
  const used = threads === 1 ? "one core" : `${threads} cores`;
  const where = cores === null ? "" : ` on ${used}${threads < cores ? ` of ${cores}` : ""}`;
  return {
    lowMs: (rowCount * quantileOfSome(times, 0.1)) / threads,
    highMs: (rowCount * quantileOfSome(times, 0.9)) / threads,
    oneCoreMs: rowCount * quantileOfSome(onOne, 0.5),
    how: `this computer, ${by}${where}; a native runtime is faster`,
  };
}
