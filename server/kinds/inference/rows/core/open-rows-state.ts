/** State of an open job, to which rows are posted while it runs. */
import type { StoredJob } from "../../records.ts";

/** Facts about its rows beside the ledger. */
export interface OpenRows {
  /** Rows that were posted, durable or not. */
  received: number;
  /** When the last of them came, ms. */
  postedMs: number;
  /** Of the durable ones, before this one the account counts them. */
  counted: number;
  /** Rows before this one were refused, and have their way out. */
  refusedTo: number;
  /** The terms of the next window are being written. */
  isAsking: boolean;
  /** Durable rows that wait for a group, by when they came: before `endPlace`. Of a code alone. */
  readonly waiting: { readonly endPlace: number; readonly sinceMs: number }[];
  flushTimerId: number | null;
  idleTimerId: number | null;
  windowTimerId: number | null;
}

/** @returns null: all of its queries are there when it begins */
export function newOpenRows({ submission, queryCount, submittedMs }: StoredJob, counted: number): OpenRows | null {
  if (submission.source.kind !== "stream") return null;
  return {
    ...{ received: queryCount, postedMs: submittedMs, counted, refusedTo: 0, isAsking: false, waiting: [] },
    ...{ flushTimerId: null, idleTimerId: null, windowTimerId: null },
  };
}
