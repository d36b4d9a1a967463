/** Gradient jobs as the coordinator keeps them: the pure training machine, who sits in it, and what is out at tabs. */

import type { Credits } from "../../coordinator/credits.ts";
import type { RunRecord } from "../records.ts";
import type { RunProduct } from "./run-events.ts";
import type { RunPlan } from "./run-plan.ts";
import type { RunState } from "./run-state.ts";

export interface GradientJob {
  readonly stored: RunRecord;
  readonly plan: RunPlan;
  /** null until the submission is durable, and for jobs that had ended before a restart. */
  training: RunState | null;
  /** Volunteers that the training counts as present, and the session that plays each. */
  readonly seats: Map<string, string>;
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

/** A shard on its way to a session, or a product that it was asked for. */
export interface GradientTask {
  /** Of the same count as assignments: tokens answer for either. */
  readonly taskId: number;
  readonly jobId: string;
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly kind: "shard" | "product";
  readonly generation: number;
  readonly shardIndex: number;
  /** 0 for a shard. */
  readonly roundId: number;
  readonly product: RunProduct | null;
  readonly sentMs: number;
  /** Multiply-adds; 0 for a shard. */
  readonly work: number;
  /** over: its round has ended, and the tab was told; it is waited for until it has let go. */
  state: "out" | "over";
  readonly timerId: number;
}
