/**
 * A *whole* is an inference job whose queries are shared out in ranges, and a *part* is the job of one range. The id of a part says whose part it is,
 * so nobody has to ask for that. CELLS.md CE10 to CE13.
 */
import { z } from "zod";
import type { JobState } from "../../protocol/job-api.ts";

/** Of every job that can be cut: other ids are of no whole. */
const WHOLE_ID_LENGTH = 24;
const PART_ID = /^([A-Za-z0-9_-]{24})-(\d{1,3})$/;

export const partRangeSchema = z.object({
  firstQuery: z.number().int().min(0).describe("The first query of the whole that the part has."),
  queryCount: z.number().int().positive(),
});
export type PartRange = z.infer<typeof partRangeSchema>;

export const partOfSchema = z
  .object({ jobId: z.string(), firstQuery: z.number() })
  .describe("The job of which it is a part, and the first query that it has of that one; absent: it is no part.");

export function canHaveParts(jobId: string): boolean {
  return jobId.length === WHOLE_ID_LENGTH;
}

/** @param index from 0 on, in the order of the queries */
export function partIdOf(wholeId: string, index: number): string {
  if (!canHaveParts(wholeId))
    throw new Error(`partIdOf: expected an id of ${WHOLE_ID_LENGTH} characters, got ${wholeId}`);
  return `${wholeId}-${index}`;
}

/** The whole of which this job is a part; null: it is no part. */
export function wholeIdOf(jobId: string): string | null {
  return PART_ID.exec(jobId)?.[1] ?? null;
}

/** Ranges that follow each other from 0 to queryCount without gaps, and differ by at most one query. @param parts 1 to queryCount */
export function rangesOf(queryCount: number, parts: number): PartRange[] {
  const startOf = (index: number) => Math.floor((index * queryCount) / parts);
  return Array.from({ length: parts }, (_, index) => ({
    firstQuery: startOf(index),
    queryCount: startOf(index + 1) - startOf(index),
  }));
}

/** @returns the index of the range that has this query; -1: none has */
export function rangeWith(ranges: readonly PartRange[], query: number): number {
  return ranges.findIndex(({ firstQuery, queryCount }) => query >= firstQuery && query < firstQuery + queryCount);
}

/**
 * [CE12] What its parts make of a whole: it runs as long as one of them does, and is done when all of them are.
 * @param parts one at least
 */
export function wholeState(parts: readonly { readonly state: JobState; readonly finishedMs: number | null }[]): {
  readonly state: JobState;
  readonly finishedMs: number | null;
} {
  const isEnded = parts.every(({ finishedMs }) => finishedMs !== null);
  const finishedMs = isEnded ? Math.max(...parts.map((part) => part.finishedMs ?? 0)) : null;
  const [{ state: first }] = parts as [(typeof parts)[number]];
  if (parts.every(({ state }) => state === first)) return { state: first, finishedMs };
  if (!isEnded) return { state: "running", finishedMs };
  return { state: parts.some(({ state }) => state === "failed") ? "failed" : "cancelled", finishedMs };
}
