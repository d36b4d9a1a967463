/** Where the rows of a round are: the same again after a restart, or a redo would answer other queries. */
import type { CodingScheme } from "../../../../shared/coding/scheme.ts";

export interface RoundPlan {
  /** The code that it was opened with. */
  readonly scheme: CodingScheme;
  /** G x K query indices in the order of the data points; padding repeats the last query of the job. */
  readonly rows: Uint32Array;
  /** Rows that answer a query of their own: padding does not. */
  readonly ownRows: number;
  /** G x K, or null where worker index and place are the same. */
  readonly placements: Uint32Array | null;
  readonly groupCount: number;
}

/** The queries that the round answers. */
export function ownQueries({ rows, ownRows }: RoundPlan): Uint32Array {
  return rows.subarray(0, ownRows);
}

/** The row (over G x K) that worker index `workerIndex` computes as it is of group g, or -1 for a parity. */
function rowOfWorker(plan: RoundPlan, workerIndex: number, g: number): number {
  const { queryCount, rawQueryOf } = plan.scheme;
  const query = rawQueryOf[positionOf(plan, workerIndex, g)]!;
  return query < 0 ? -1 : g * queryCount + query;
}

function positionOf({ placements, scheme }: RoundPlan, workerIndex: number, g: number): number {
  const { queryCount } = scheme;
  if (placements === null || workerIndex >= queryCount) return workerIndex;
  let place = 0;
  while (place < queryCount && placements[g * queryCount + place] !== workerIndex) place++;
  return place;
}

/** The worker index that computes row `row` (over G x K) as it is, where one does. */
export function ownWorkerOf({ placements, scheme }: RoundPlan, row: number): number {
  return placements?.[row] ?? row % scheme.queryCount;
}

/** Calls back with each row of the round (over G x K) that this worker index computes as it is, and its group. */
export function eachOwnRow(plan: RoundPlan, workerIndex: number, visit: (row: number, g: number) => void): void {
  for (let g = 0; g < plan.groupCount; g++) {
    const row = rowOfWorker(plan, workerIndex, g);
    if (row >= 0 && row < plan.ownRows) visit(row, g);
  }
}

/** The query that this worker index computes as it is of group g; null: its row is a mixture, or there is none. */
export function queryHeldAt(plan: RoundPlan, workerIndex: number, g: number): number | null {
  if (g >= plan.groupCount) return null;
  const row = rowOfWorker(plan, workerIndex, g);
  return row < 0 ? null : plan.rows[row]!;
}

/** The queries that this worker index computes as they are, one a group; null where its rows are mixtures. */
export function queriesHeldBy(plan: RoundPlan, workerIndex: number): Uint32Array | null {
  const queries = new Uint32Array(plan.groupCount);
  for (let g = 0; g < plan.groupCount; g++) {
    const row = rowOfWorker(plan, workerIndex, g);
    if (row < 0) return null;
    queries[g] = plan.rows[row]!;
  }
  return queries;
}
