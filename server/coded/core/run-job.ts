/** A coded run as the core keeps it: the pure machine, who sits in it, and what of its work is verified. */
import type { Credits } from "../../coordinator/credits.ts";
import type { Assignment, Job } from "../../coordinator/state.ts";
import type { RunRecord } from "../records.ts";
import type { RunProduct } from "./run-events.ts";
import type { RunPlan } from "./run-plan.ts";
import type { RunState } from "./run-state.ts";

export interface CodedRunJob extends Job {
  readonly stored: RunRecord;
  readonly plan: RunPlan;
  /** null until the submission is durable, and for jobs that had ended before a restart. */
  run: RunState | null;
  /** Volunteers that the run counts as present, and the session that plays each. */
  readonly seats: Map<string, string>;
  /** All who were there have been looked at: from then on those who come and go are enough. */
  isSeated: boolean;
  /** [GJ7] Volunteers that came with an invitation which another had used, in this life of the process. */
  readonly turnedAway: Set<string>;
  /** Effects `verify` under way: whose result, and the multiply-adds that it took. */
  readonly verifying: Map<number, { readonly volunteerId: string; readonly work: number }>;
  /** The latest effect `decode`: whose results. */
  decoding: { readonly effectId: number; readonly shares: readonly DecodedShare[] } | null;
  /** Verified work that becomes credit with the next checkpoint. */
  readonly credits: Credits;
  resultsChecked: number;
  resultsRejected: number;
}

export interface DecodedShare {
  readonly shardIndex: number;
  readonly volunteerId: string;
  readonly work: number;
}

/**
 * What an assignment of a coded run is: a shard to fetch and keep, or a product of one that the session holds. Its worker index
 * is that of the shard, its round index the product's round, 0 for a shard.
 */
export interface Share {
  readonly share: "shard" | "product";
  readonly generation: number;
  /** null: of a shard. */
  readonly product: RunProduct | null;
}

export type ShareAssignment = Assignment<Share>;

/** Is it a job of a kind that works by coded runs? */
function isCodedRun(job: Job): job is CodedRunJob {
  return "run" in job && "seats" in job;
}

export function codedRun(
  { jobs }: { readonly jobs: ReadonlyMap<string, Job> },
  jobId: string,
): CodedRunJob | undefined {
  const job = jobs.get(jobId);
  return job !== undefined && isCodedRun(job) ? job : undefined;
}

export function codedRuns({ jobs }: { readonly jobs: ReadonlyMap<string, Job> }): CodedRunJob[] {
  return [...jobs.values()].filter(isCodedRun);
}
