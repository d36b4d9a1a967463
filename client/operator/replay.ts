/** Going through the log of a job: which entries, and how things stood at one of them. Pure. */
import type { JobLogEntry } from "../../shared/protocol/operator-api.ts";

export interface LogFilter {
  /** Empty: all. */
  readonly what: string;
  readonly volunteerId: string;
  /** null: all */
  readonly roundIndex: number | null;
}

export const NO_FILTER: LogFilter = { what: "", volunteerId: "", roundIndex: null };

export function filtered(entries: readonly JobLogEntry[], filter: LogFilter): readonly JobLogEntry[] {
  return entries.filter(
    (entry) =>
      (filter.what === "" || entry.what === filter.what) &&
      (filter.volunteerId === "" || entry.volunteerId === filter.volunteerId) &&
      (filter.roundIndex === null || entry.roundIndex === filter.roundIndex),
  );
}

/** Each once, in the order in which it first comes. */
export function valuesOf(entries: readonly JobLogEntry[], field: "what" | "volunteerId"): string[] {
  return [...new Set(entries.flatMap((entry) => entry[field] ?? []))];
}

export interface LogStanding {
  /** Sent and neither answered, given back nor called off. */
  readonly out: number;
  readonly answered: number;
  readonly checksPassed: number;
  readonly checksFailed: number;
  readonly roundsPublished: number;
  readonly withdrawn: number;
}

const ENDS_BEING_OUT = new Set(["answered", "malformed", "failed in the tab", "given back", "no longer wanted"]);

/** How the job stood after the first `count` entries of its whole log. */
export function standingAfter(entries: readonly JobLogEntry[], count: number): LogStanding {
  const out = new Set<number>();
  const published = new Set<number>();
  let [answered, checksPassed, checksFailed, withdrawn] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const { what, assignmentId, roundIndex } = entries[i]!;
    if (assignmentId !== undefined) {
      if (what === "sent" || what === "shard sent") out.add(assignmentId);
      else if (ENDS_BEING_OUT.has(what)) out.delete(assignmentId);
    }
    // Rounds that were open are lost with the coordinator; what was out begins anew.
    if (what === "restored") out.clear();
    if (what === "answered") answered++;
    if (what === "audit passed" || what === "check passed") checksPassed++;
    if (what === "audit failed" || what === "check failed") checksFailed++;
    if (what === "published") published.add(roundIndex!);
    if (what === "withdrawn") withdrawn++;
  }
  return { out: out.size, answered, checksPassed, checksFailed, roundsPublished: published.size, withdrawn };
}
