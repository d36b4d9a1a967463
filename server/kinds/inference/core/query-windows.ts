/** How many queries of a job are put in order together: the others wait for the next window. Pure. SPEC.md LJ2, CC4. */
import type { StoredJob } from "../records.ts";
import type { InferencePlan } from "./inference-plan.ts";

/** Put in order in about a second; more would find hardly better neighbours (neighbourhood.ts looks through 4,096). */
export const WINDOW_QUERIES_MAX = 16_384;
/** Wide queries come fewer to a window: it is read before its first round goes out. */
const WINDOW_BYTES_MAX = 256 * 1024 * 1024;

/** Queries of a window: whole rounds of the code in force, at least one. @param rowBytes of a query as it is stored */
export function windowQueriesAt(
  { groupsPerRound, scheme }: Pick<InferencePlan, "groupsPerRound" | "scheme">,
  rowBytes: number,
  queriesMax = WINDOW_QUERIES_MAX,
): number {
  const ofRound = groupsPerRound * scheme.queryCount;
  const most = Math.min(queriesMax, Math.floor(WINDOW_BYTES_MAX / rowBytes));
  return ofRound * Math.max(1, Math.floor(most / ofRound));
}

/** A query is stored in numbers of so many bytes, by their type: which one it is, is not known here. */
const NUMBER_BYTES = { least: 1, most: 4 } as const;

type Cut = Pick<InferencePlan, "groupsPerRound" | "scheme">;
interface WindowedJob extends Pick<StoredJob, "queryCount" | "inputSize"> {
  /** Empty: one code, all the time. */
  readonly codes: readonly unknown[];
}

/** Is it certain that all queries of the job are put in order together, or dealt in one secret order? @param plan of its largest rounds */
export function isOneWindow(plan: Cut, { queryCount, inputSize, codes }: WindowedJob): boolean {
  const narrowest = windowQueriesAt(plan, NUMBER_BYTES.most * inputSize);
  // Where the code changes windows may have been cut by another one: of whatever rounds, they are more than half as large.
  return queryCount <= (codes.length === 0 ? narrowest : narrowest / 2);
}

/** Is it known where its windows end? @param plan of its largest rounds */
export function areWindowsKnown(plan: Cut, { inputSize, codes }: Pick<WindowedJob, "inputSize" | "codes">): boolean {
  const [narrowest, widest] = [NUMBER_BYTES.most, NUMBER_BYTES.least].map((bytes) =>
    windowQueriesAt(plan, bytes * inputSize),
  );
  return codes.length === 0 && narrowest === widest;
}

/** Is it certain that the queries at all of these places are dealt in one secret order? @param plan of its largest rounds */
export function isWithinWindow(plan: Cut, job: WindowedJob, places: readonly number[]): boolean {
  if (isOneWindow(plan, job)) return true;
  if (!areWindowsKnown(plan, job)) return false;
  const window = windowQueriesAt(plan, NUMBER_BYTES.most * job.inputSize);
  return new Set(places.map((place) => Math.floor(place / window))).size === 1;
}
