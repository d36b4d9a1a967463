/** Words that events, effects and the state share. SPEC.md has the list. */
import type { JobState } from "../../shared/protocol/job-api.ts";
import type { PrecisionClass } from "../../shared/verify/compare-rows.ts";

/** How exactly a session computes: measured by the shell with a known answer, never believed. */
export type { PrecisionClass };

export type CloseCode = "wrong-answers" | "unresponsive" | "elsewhere";

/** How a job ends. */
export type JobEnd = Extract<JobState, "done" | "failed" | "cancelled">;

/** Of a job's record what the core reads and changes; the rest of it is its kind's. */
export interface CoreJobRecord {
  readonly jobId: string;
  /** Its kind, and whom it is for, stand in what was submitted. */
  readonly submission: { readonly kind: string; readonly submitter: string };
  state: JobState;
  error: string | null;
  readonly submittedMs: number;
  finishedMs: number | null;
  /** [DP2] [CK1] With whom it takes turns, and on whose account it is booked, through restarts too; absent: as its submitter. */
  party?: string;
}

/** What a kind's machine, work, timer or record is about: typed within the kind. */
export interface Own {
  readonly type: string;
}

/** An event before its time is known: whoever hands it on stamps it. */
export type Timeless<E> = E extends { readonly atMs: number } ? Omit<E, "atMs"> : never;
