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
