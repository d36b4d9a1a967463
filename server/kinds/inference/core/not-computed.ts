/** [AS11] Rows that neither volunteers nor the coordinator can compute, by what the coordinator's own run said. */
import type { NotComputed } from "../../../../shared/kinds/inference/not-computed.ts";
import {
  QUERIES_NOT_COMPUTED_MAX,
  REASON_NOT_COMPUTED_CHARACTERS_MAX,
  REASONS_NOT_COMPUTED_MAX,
} from "../../../../shared/protocol/limits.ts";
import type { StoredJob } from "../records.ts";

/** In place of reasons beyond those that are told apart. */
const OTHER_REASONS = "other reasons";

export interface RowNotComputed {
  readonly query: number;
  readonly reason: string;
}

export function addNotComputed(stored: StoredJob, rows: readonly RowNotComputed[]): void {
  if (rows.length === 0) return;
  const found = new Map((stored.notComputed ?? []).map((one) => [one.reason, one]));
  for (const { query, reason: said } of rows) {
    const told = said.slice(0, REASON_NOT_COMPUTED_CHARACTERS_MAX);
    const reason = found.has(told) || found.size < REASONS_NOT_COMPUTED_MAX ? told : OTHER_REASONS;
    const { count = 0, queries = [] } = found.get(reason) ?? {};
    // After a crash the same rows are tried again.
    if (queries.includes(query)) continue;
    const named = queries.length < QUERIES_NOT_COMPUTED_MAX ? [...queries, query] : queries;
    found.set(reason, { reason, count: count + 1, queries: named });
  }
  stored.notComputed = [...found.values()];
}

/** Why a query has no numbers; null: it is not known that it cannot be computed. */
export function whyNotComputed({ notComputed = [] }: Pick<StoredJob, "notComputed">, query: number): string | null {
  return notComputed.find(({ queries }: NotComputed) => queries.includes(query))?.reason ?? null;
}
