/** What the metrics and the operator's page say of the jobs on the ledger. */
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { blocksOpened } from "./job-blocks.ts";
import { type RowsJob, rowsJobs } from "./rows-job.ts";

export interface RowCounts {
  /** Rows that wait, by reason. */
  readonly waiting: Readonly<Record<"fresh" | "again" | "check" | "coordinator", number>>;
  /** Claims that are out at tabs. */
  readonly claims: number;
  /** Since when the oldest answer that is not final is there, ms; null: there is none. */
  readonly oldestNotFinalMs: number | null;
  /** Rows that the coordinator computed for checks, and those that its blocks were told to cost, of jobs at work. */
  readonly trustedRows: number;
  readonly pricedRows: number;
  /** Rows that tabs answered, of jobs at work. */
  readonly answeredRows: number;
  readonly duplicateRows: number;
  /** Volunteers that were named within the last hour. */
  readonly namingsLastHour: number;
}

const HOUR_MS = 3_600_000;

/** @example rowCounts(initialState()).waiting // -> { fresh: 0, again: 0, check: 0, coordinator: 0 } */
export function rowCounts(state: CoordinatorState): RowCounts {
  const jobs = rowsJobs(state);
  const sum = (of: (job: RowsJob) => number) => jobs.reduce((total, job) => total + of(job), 0);
  const oldest = jobs.flatMap(({ checked }) => checked?.waits.oldestMs ?? []);
  return {
    waiting: {
      fresh: sum(({ ledger }) => ledger?.counts.fresh ?? 0),
      again: sum(({ ledger }) => ledger?.counts.again ?? 0),
      check: sum(({ ledger }) => ledger?.counts.checksWaiting ?? 0),
      coordinator: sum(({ checked }) => checked?.waits.coordinator ?? 0),
    },
    claims: sum(({ claims }) => claims.size),
    oldestNotFinalMs: oldest.length === 0 ? null : Math.min(...oldest),
    trustedRows: sum(({ checked }) => checked?.trustedRows ?? 0),
    pricedRows: sum((job) => blocksOpened(job).reduce((rows, { block }) => rows + block.terms.priceRows, 0)),
    answeredRows: sum(({ ledger }) => ledger?.counts.answered ?? 0),
    duplicateRows: sum(({ checked }) => checked?.duplicateRows ?? 0),
    namingsLastHour: [...state.crowd.named].filter(
      (volunteerId) => (state.volunteers.get(volunteerId)?.quarantine?.atMs ?? 0) > state.nowMs - HOUR_MS,
    ).length,
  };
}
