/** Sums over what the coordinator tells, for the operator. Pure. */

import type { JobView } from "../../shared/kinds/kinds.ts";
import { median } from "../../shared/numbers/quantile.ts";
import type { SessionView } from "../../shared/protocol/crowd-api.ts";

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

/** What checking cost, over the inference jobs that are kept; a product is checked without recomputing it. */
export function auditCost(jobs: readonly JobView[]): AuditCost {
  let [rows, failed, queries] = [0, 0, 0];
  for (const job of jobs) {
    if (job.kind !== "inference") continue;
    rows += job.auditedRows;
    failed += job.failedAudits;
    queries += job.queryCount;
  }
  return { rows, failed, share: queries === 0 ? null : rows / queries };
}

/** How far along a job is, from 0 to 1. */
export function progressOf(job: JobView): number {
  switch (job.kind) {
    case "inference":
      return job.queryCount === 0 ? 0 : 1 - job.answersByMark.missing / job.queryCount;
    case "regression":
      return job.iterations === 0 ? 0 : job.iteration / job.iterations;
    case "matmul":
      return job.slices === 0 ? 0 : job.slicesDone / job.slices;
  }
}
