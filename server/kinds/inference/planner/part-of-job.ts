/** How much of a job is run on virtual time: rows that stand for several, and of a long job a part. */

import type { ChecksAhead } from "../rows/told/rows-ahead.ts";
import type { CodedJob } from "./coded-job.ts";
import type { Scale } from "./virtual-job.ts";

/** So many rows are run at least, and so many of each tab: the end of a job shows how its last rows are shared out. */
const ROWS_MIN = 480;
const ROWS_PER_TAB = 16;
/** What a row may take its tab, ms: of a claim's three seconds a fifth. */
const ROW_MS_MAX = 600;

/**
 * One row stands for as many as leave ROWS_PER_TAB of each tab, as long as it takes the typical tab no longer than ROW_MS_MAX. Of a job that has more rows
 * than these, so many are run: its middle goes on as it was.
 * @param groupRows K
 * @param effort share of these that is run, where several codes are compared
 * @example partRun({ queryCount: 20_000, macsPerQuery: 1e6 }, 1, 25, 1e5, { by: "nobody" }) // -> { rowsEach: 42, rows: 476 }
 */
export function partRun(
  { queryCount, macsPerQuery }: Pick<CodedJob, "queryCount" | "macsPerQuery">,
  groupRows: number,
  tabs: number,
  macsPerMs: number,
  { by }: Pick<ChecksAhead, "by">,
  effort = 1,
): Scale {
  const most = Math.max(effort * ROWS_MIN, Math.ceil(effort * ROWS_PER_TAB * tabs), 4 * groupRows);
  const ofTime = Math.max(1, Math.floor((ROW_MS_MAX * macsPerMs) / macsPerQuery));
  const rowsEach = Math.max(1, Math.min(ofTime, Math.ceil(queryCount / most)));
  const rows = Math.max(1, Math.floor(queryCount / rowsEach));
  // What the coordinator computes itself it computes whole.
  return { rowsEach, rows: by === "coordinator" ? rows : Math.min(rows, most) };
}
