/** A job of any kind as the store keeps it: what it is listed by, and what its kind alone understands as JSON. */
import { wholeIdOf } from "../../shared/kinds/inference/parts.ts";
import type { JobState } from "../../shared/protocol/job-api.ts";

type Json = Readonly<Record<string, unknown>>;

export interface JobRecord {
  readonly jobId: string;
  readonly kind: string;
  readonly state: JobState;
  readonly submittedMs: number;
  readonly finishedMs: number | null;
  /** What its answers need. Blobs that it names are kept as long as the job. */
  readonly facts: Json;
  /** What it is computed from. Blobs that it names are let go of when the job has ended long ago. */
  readonly data: Json;
}

/** [CE11] A part that is not at work yet, as far as its record says: it may be about to begin. */
export function isPartToBegin({ jobId, state }: Pick<JobRecord, "jobId" | "state">): boolean {
  return wholeIdOf(jobId) !== null && state === "preparing";
}

/** What a kind's own record of a job has in common with all others. */
export interface JobOfKind {
  readonly jobId: string;
  readonly submission: { readonly kind: string };
  readonly state: JobState;
  readonly submittedMs: number;
  readonly finishedMs: number | null;
}

/** From a kind's own record of a job to what is stored of it, and back. */
export interface JobCodec<J> {
  toRecord(job: J): JobRecord;
  fromRecord(record: JobRecord): J;
}

/** @param dataFields see JobRecord.data; the submission is always among them */
export function jobCodec<J extends JobOfKind>(
  dataFields: readonly Exclude<keyof J & string, keyof JobOfKind>[],
): JobCodec<J> {
  const isData = new Set<string>(["submission", ...dataFields]);
  return {
    toRecord({ jobId, state, submittedMs, finishedMs, ...rest }) {
      const entries = Object.entries(rest);
      const facts = Object.fromEntries(entries.filter(([name]) => !isData.has(name)));
      const data = Object.fromEntries(entries.filter(([name]) => isData.has(name)));
      return { jobId, kind: rest.submission.kind, state, submittedMs, finishedMs, facts, data };
    },
    fromRecord: ({ jobId, state, submittedMs, finishedMs, facts, data }) =>
      ({ jobId, state, submittedMs, finishedMs, ...facts, ...data }) as unknown as J,
  };
}

/** What a job goes on from after a restart, or ends with: arrays by name, and what its kind says of them as JSON. */
export interface CheckpointRecord {
  readonly jobId: string;
  readonly facts: Json;
  readonly arrays: Readonly<Record<string, Float64Array>>;
}
