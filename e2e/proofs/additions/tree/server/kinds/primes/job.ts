/** A count of primes in the core's memory, and in the store: the record alone outlives the process. */
import type { PrimesSubmission } from "../../../shared/kinds/primes/kind.ts";
import type { Credits } from "../../coordinator/credits.ts";
import type { Assignment, Job } from "../../coordinator/state.ts";
import type { CoreJobRecord } from "../../coordinator/words.ts";
import { jobCodec } from "../../store/job-record.ts";

export interface PrimesRecord extends CoreJobRecord {
  readonly submission: PrimesSubmission;
  /** null until all of it is counted. */
  primes: number | null;
}

export const primesCodec = jobCodec<PrimesRecord>([]);

export interface Range {
  readonly index: number;
  readonly first: number;
  readonly end: number;
  /** Volunteers that it is out to, or who have answered. */
  readonly asked: Set<string>;
  /** What they counted. */
  readonly votes: Map<string, number>;
  /** What two of them agree on; null: nothing yet. */
  primes: number | null;
}

export interface PrimesJob extends Job {
  readonly stored: PrimesRecord;
  readonly ranges: readonly Range[];
  readonly credits: Credits;
}

export type RangeSent = Assignment<Pick<Range, "first" | "end">>;

/** The desk holds the count of an assignment: what is it? */
export interface TallyWork {
  readonly type: "tally";
  readonly assignmentId: number;
}
export interface Tallied {
  readonly type: "tallied";
  readonly assignmentId: number;
  readonly primes: number;
}
export interface WrittenPrimes {
  readonly type: "job";
  readonly job: PrimesRecord;
}

export function newPrimesJob(stored: PrimesRecord): PrimesJob {
  const { first, end, range } = stored.submission;
  const ranges = Array.from({ length: rangeCount(stored.submission) }, (_, index) => ({
    index,
    first: first + index * range,
    end: Math.min(end, first + (index + 1) * range),
    asked: new Set<string>(),
    votes: new Map<string, number>(),
    primes: null,
  }));
  return { kind: "primes", stored: { ...stored }, ranges, credits: new Map(), turns: { served: 0 }, sentWork: 0 };
}

export function rangeCount({ first, end, range }: PrimesSubmission): number {
  return Math.ceil((end - first) / range);
}
