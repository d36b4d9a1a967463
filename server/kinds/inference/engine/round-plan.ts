/** Where the rows of a round are: the same again after a restart, or a redo would answer other queries. */
import type { CodingScheme } from "../../../../shared/coding/scheme.ts";
import type { SplitSlot } from "../core/inference-plan.ts";

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
  /** [SL6] */
  readonly splits: readonly SplitRows[];
}

/** [SL6] Some rows of a worker index, which have a result of their own. */
export interface SplitRows extends Omit<SplitSlot, "rows"> {
  /** Over G x K, ascending. */
  readonly rows: Uint32Array;
}

/** Rows of the batch of a slot. */
export function batchRowsIn({ groupCount, splits }: RoundPlan, workerIndex: number): number {
  return splitRowsOf(splits, workerIndex)?.length ?? groupCount;
}

function splitRowsOf(splits: readonly SplitRows[], workerIndex: number): Uint32Array | undefined {
  return splits.length === 0 ? undefined : splits.find((slot) => slot.workerIndex === workerIndex)?.rows;
}

/** The slots among which the rows of a worker index of the code are, with the rows that each has; null: it was not split. */
export function splitsOf({ splits }: Pick<RoundPlan, "splits">, workerIndex: number): readonly SplitRows[] | null {
  const slots = splits.filter(({ of }) => of === workerIndex);
  return slots.length === 0 ? null : slots;
}

/** The worker index of the code whose rows a slot has. */
export function codeWorkerIn({ splits }: Pick<RoundPlan, "splits">, workerIndex: number): number {
  return splits.find((slot) => slot.workerIndex === workerIndex)?.of ?? workerIndex;
}

/** Of each row (over G x K) that was split off, or from which others were, its slot, counted from 1; 0: of all others. null: nothing was split. */
export function slotsByRow({ rows, splits }: RoundPlan): Uint16Array | null {
  if (splits.length === 0) return null;
  const slots = new Uint16Array(rows.length);
  for (const slot of splits) for (const row of slot.rows) slots[row] = slot.workerIndex + 1;
  return slots;
}

/** Which rows of which slots' batches a worker index of the code has of these groups. */
export function rowsOfGroups(
  plan: RoundPlan,
  workerIndex: number,
  groups: readonly number[],
): { readonly workerIndex: number; readonly rows: readonly number[] }[] {
  const wanted = new Set(groups);
  const found = splitsOf(plan, workerIndex)?.map(({ workerIndex: slot, rows }) => ({
    workerIndex: slot,
    rows: [...rows.keys()].filter((r) => wanted.has(Math.floor(rows[r]! / plan.scheme.queryCount))),
  }));
  return found?.filter(({ rows }) => rows.length > 0) ?? [{ workerIndex, rows: groups }];
}

/**
 * [SL6] The rows of a slot are two slots' from now on.
 * @param done those that it keeps, in its batch; the others are of the new one
 */
export function splitRows(plan: RoundPlan, workerIndex: number, done: readonly number[], splitOff: number): RoundPlan {
  const before = plan.splits.find((slot) => slot.workerIndex === workerIndex);
  const { of, first } = before ?? { of: workerIndex, first: 0 };
  const all = Array.from({ length: batchRowsIn(plan, workerIndex) }, (_, r) => rowOfWorker(plan, workerIndex, r));
  const isDone = new Set(done);
  const splits = [
    ...plan.splits.filter((slot) => slot !== before),
    { workerIndex, of, first, rows: Uint32Array.from(done, (r) => all[r]!) },
    {
      ...{ workerIndex: splitOff, of, first: first + done.length },
      rows: Uint32Array.from(all.filter((_, r) => !isDone.has(r))),
    },
  ];
  return { ...plan, splits };
}

/** The queries that the round answers. */
export function ownQueries({ rows, ownRows }: RoundPlan): Uint32Array {
  return rows.subarray(0, ownRows);
}

/** The row (over G x K) that is row r of the batch of worker index `workerIndex`, or -1 for a parity. */
function rowOfWorker(plan: RoundPlan, workerIndex: number, r: number): number {
  const split = splitRowsOf(plan.splits, workerIndex);
  return split === undefined ? rowOfCodeWorker(plan, workerIndex, r) : split[r]!;
}

function rowOfCodeWorker(plan: RoundPlan, workerIndex: number, g: number): number {
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

/** The worker index of the code that computes row `row` (over G x K) as it is, where one does. */
export function ownWorkerOf({ placements, scheme }: Pick<RoundPlan, "placements" | "scheme">, row: number): number {
  return placements?.[row] ?? row % scheme.queryCount;
}

/** The slot that has that row, and which row of its batch it is. */
export function ownPlaceOf(
  plan: Pick<RoundPlan, "placements" | "scheme" | "splits">,
  row: number,
): { readonly workerIndex: number; readonly row: number } {
  for (const { workerIndex, rows } of plan.splits) {
    const r = rows.indexOf(row);
    if (r >= 0) return { workerIndex, row: r };
  }
  return { workerIndex: ownWorkerOf(plan, row), row: Math.floor(row / plan.scheme.queryCount) };
}

/** Calls back with each row of the round (over G x K) that this slot computes as it is, and which row of its batch that is. */
export function eachOwnRow(plan: RoundPlan, workerIndex: number, visit: (row: number, r: number) => void): void {
  const batchRows = batchRowsIn(plan, workerIndex);
  for (let r = 0; r < batchRows; r++) {
    const row = rowOfWorker(plan, workerIndex, r);
    if (row >= 0 && row < plan.ownRows) visit(row, r);
  }
}

/** The query that is row r of the batch of this slot; null: it is a mixture, or there is none. */
export function queryHeldAt(plan: RoundPlan, workerIndex: number, r: number): number | null {
  if (r >= batchRowsIn(plan, workerIndex)) return null;
  const row = rowOfWorker(plan, workerIndex, r);
  return row < 0 ? null : plan.rows[row]!;
}

/** The queries that this slot computes as they are, one for each row of its batch; null where its rows are mixtures. */
export function queriesHeldBy(plan: RoundPlan, workerIndex: number): Uint32Array | null {
  const queries = new Uint32Array(batchRowsIn(plan, workerIndex));
  for (let r = 0; r < queries.length; r++) {
    const row = rowOfWorker(plan, workerIndex, r);
    if (row < 0) return null;
    queries[r] = plan.rows[row]!;
  }
  return queries;
}
