/** Sums over what the coordinator tells, for the operator. Pure. */

import type { RowsWaiting } from "../../shared/kinds/inference/rows-view.ts";
import type { JobView } from "../../shared/kinds/kinds.ts";
import { median } from "../../shared/numbers/quantile.ts";
import type { SessionView } from "../../shared/protocol/crowd-api.ts";
import type { QuarantineView } from "../../shared/protocol/operator-api.ts";
import type { Audits, RowsOfJob } from "../kinds/kind-facts.ts";
import { pageKindOf } from "../kinds/kinds.ts";

export interface BackendRow {
  readonly backend: string;
  /** null: not measured yet */
  readonly precision: SessionView["precision"];
  readonly tabs: number;
  /** Median over its tabs of their median response, ms; null: none has answered. */
  readonly responseMsMedian: number | null;
  readonly verified: number;
  readonly late: number;
}

/** Tabs by what they compute with, the most first. */
export function backendRows(sessions: readonly SessionView[]): BackendRow[] {
  const groups = new Map<string, SessionView[]>();
  for (const session of sessions) {
    const key = `${session.backend} ${session.precision}`;
    groups.set(key, [...(groups.get(key) ?? []), session]);
  }
  const rows = [...groups.values()].map((tabs): BackendRow => {
    return {
      backend: tabs[0]!.backend,
      precision: tabs[0]!.precision,
      tabs: tabs.length,
      responseMsMedian: median(tabs.flatMap((tab) => tab.responseMsMedian ?? [])),
      verified: tabs.reduce((sum, { verifiedAssignments }) => sum + verifiedAssignments, 0),
      late: tabs.reduce((sum, { lateAssignments }) => sum + lateAssignments, 0),
    };
  });
  return rows.sort((a, b) => b.tabs - a.tabs || (a.backend < b.backend ? -1 : 1));
}

export interface AuditCost {
  /** Rows that the coordinator computed itself to check tabs, and how many of them differed. */
  readonly rows: number;
  readonly failed: number;
  /** Of every query of the jobs counted, that many were recomputed; null: there is none. */
  readonly share: number | null;
}

/** What checking cost, over the jobs that are kept whose rows are recomputed. */
export function auditCost(jobs: readonly JobView[]): AuditCost {
  const audits = jobs.flatMap((job) => pageKindOf(job).auditsOf?.(job) ?? []);
  const sum = (of: (audits: Audits) => number) => audits.reduce((total, one) => total + of(one), 0);
  const queries = sum((one) => one.queries);
  const rows = sum((one) => one.rows);
  return { rows, failed: sum((one) => one.failed), share: queries === 0 ? null : rows / queries };
}

export interface RowsFigures {
  /** Rows of all jobs at work, by reason. */
  readonly waiting: RowsWaiting;
  /** For how long the oldest answer that is not final has been there, ms; null: there is none. */
  readonly notFinalForMs: number | null;
  /** Rows that the coordinator computed, and what they were told to cost, of all rows of these jobs. */
  readonly trustedRows: number;
  readonly pricedRows: number;
  readonly rows: number;
}

/** Counts of all jobs on the ledger of rows. @returns null: no job is on it */
export function rowsFigures(jobs: readonly JobView[]): RowsFigures | null {
  const onRows = jobs.flatMap((job) => {
    const told = pageKindOf(job).rowsOf?.(job);
    return told === undefined ? [] : [told];
  });
  if (onRows.length === 0) return null;
  const sum = (of: (one: RowsOfJob) => number) => onRows.reduce((total, one) => total + of(one), 0);
  const waits = (reason: keyof RowsWaiting) => sum(({ waiting }) => waiting?.[reason] ?? 0);
  const ages = onRows.flatMap(({ notFinalForMs }) => notFinalForMs ?? []);
  return {
    waiting: {
      ...{ fresh: waits("fresh"), again: waits("again"), checks: waits("checks") },
      ...{ coordinator: waits("coordinator"), claims: waits("claims") },
    },
    notFinalForMs: ages.length === 0 ? null : Math.max(...ages),
    trustedRows: sum(({ trustedRows }) => trustedRows),
    pricedRows: sum(({ pricedRows }) => pricedRows),
    rows: sum(({ rows }) => rows),
  };
}

const HOUR_MS = 3_600_000;

/** Volunteers that were named within the last hour and are so still. */
export function namingsLastHour(quarantines: readonly Pick<QuarantineView, "quarantine">[], nowMs: number): number {
  return quarantines.filter(({ quarantine }) => quarantine !== null && quarantine.atMs > nowMs - HOUR_MS).length;
}
