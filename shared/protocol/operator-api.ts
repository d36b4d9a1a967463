/** The HTTP API of the operator's page: who was quarantined and why, letting somebody go, and what happened in a job. */
import { z } from "zod";
import type { VolunteerView } from "./crowd-api.ts";
import { RELEASE_REASON_LENGTH_MAX } from "./limits.ts";

/** POST /api/volunteers/:volunteerId/release */
export const releaseRequestSchema = z.strictObject({
  /** For the audit log, and for whoever looks at the volunteer later. */
  reason: z.string().trim().min(1).max(RELEASE_REASON_LENGTH_MAX),
});
export type ReleaseRequest = z.infer<typeof releaseRequestSchema>;

/** A row that the coordinator computed itself and that came out differently. */
export interface DifferingRow {
  /** The row of the batch: one a query group. */
  readonly row: number;
  /** The first numbers that the volunteer sent, and what the coordinator got for them. */
  readonly received: readonly number[];
  readonly expected: readonly number[];
  /** Of the whole row: the largest difference, divided by the rms of what was expected. */
  readonly deviation: number;
}

/** What speaks against a volunteer, as it was seen. */
export interface Evidence {
  readonly atMs: number;
  readonly roundIndex: number;
  readonly workerIndex: number;
  /** Absent: an answer that was looked at again at the end of its job. */
  readonly assignmentId?: number;
  readonly rows: readonly DifferingRow[];
}

/** GET /api/quarantines: one row for everybody who is quarantined, or was and has been released. */
export interface QuarantineView extends VolunteerView {
  /** Of the job in which it was found; empty: rows of it were not kept (a product is checked without knowing the right one). */
  readonly evidence: readonly Evidence[];
}

/** One thing that happened in a job. Fields are there where they mean something. */
export interface JobLogEntry {
  readonly atMs: number;
  /** In a word or two: sent, answered, audited, published, ... */
  readonly what: string;
  readonly roundIndex?: number;
  readonly generation?: number;
  readonly workerIndex?: number;
  readonly assignmentId?: number;
  readonly volunteerId?: string;
  /** In a sentence. */
  readonly detail?: string;
  readonly rows?: readonly DifferingRow[];
}

/** GET /api/jobs/:jobId/log */
export interface JobLogView {
  readonly jobId: string;
  /** It grew beyond what is kept of one job: what came later is missing. */
  readonly isCut: boolean;
  /** Oldest first. */
  readonly entries: readonly JobLogEntry[];
}
