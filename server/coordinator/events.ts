/**
 * What happens to the coordinator. Events are plain data: they carry references (ids, indices), never tensors and never
 * secrets, and the time as a field, so that a log of them replays to the same state.
 */
import type { PrecisionClass } from "../../shared/verify/compare-rows.ts";
import type { StoredJob, StoredVolunteer } from "../store/store.ts";

/** How exactly a session computes: measured by the shell with a known answer, never believed. */
export type { PrecisionClass };

/** Names the round that an outcome belongs to; where the generation is not the round's any more, it is stale. */
export interface RoundReference {
  readonly jobId: string;
  readonly roundIndex: number;
  readonly generation: number;
}

export interface RestoredRound {
  readonly roundIndex: number;
  readonly generation: number;
  readonly sources: readonly (string | null)[];
  readonly firstMs: number | null;
  readonly exactMs: number | null;
  readonly estimatedAtFirst: number;
  readonly redispatched: number;
}

export interface RestoredJob {
  readonly job: StoredJob;
  /** Rounds whose answers are durable: who computed the rows of each worker index (null: nobody in particular). */
  readonly rounds: readonly RestoredRound[];
}

export interface DecodeOutcome {
  readonly rowCount: number;
  /** Rows that had to be interpolated. */
  readonly estimatedRows: number;
  /** Rows that these results cannot answer (no majority). */
  readonly missingRows: number;
  /** Leave-one-worker-out: how often the estimate of an answered row had its label, out of how many. */
  readonly heldOutAgreed: number;
  readonly heldOutTotal: number;
  /** Rows that disagreed with their estimate were recomputed: per worker index, how many, and how many were wrong. */
  readonly suspectAudits: readonly { workerIndex: number; checked: number; failed: number }[];
}

export type CoordinatorEvent = { readonly atMs: number } & (
  | {
      readonly type: "restored";
      readonly jobs: readonly RestoredJob[];
      readonly volunteers: readonly StoredVolunteer[];
    }
  | {
      readonly type: "sessionOpened";
      readonly sessionId: string;
      readonly volunteerId: string;
      readonly nickname: string;
      readonly backend: string;
    }
  | { readonly type: "sessionProbed"; readonly sessionId: string; readonly precision: PrecisionClass | null }
  | { readonly type: "availabilityChanged"; readonly sessionId: string; readonly available: boolean }
  | { readonly type: "sessionClosed"; readonly sessionId: string }
  | { readonly type: "jobSubmitted"; readonly job: StoredJob }
  | { readonly type: "jobCancelled"; readonly jobId: string }
  | { readonly type: "persisted"; readonly effectId: number }
  | { readonly type: "persistFailed"; readonly effectId: number; readonly message: string }
  | { readonly type: "prepared"; readonly effectId: number; readonly jobId: string; readonly orderSha256: string }
  | { readonly type: "prepareFailed"; readonly effectId: number; readonly jobId: string; readonly message: string }
  | ({ readonly type: "encoded"; readonly effectId: number } & RoundReference)
  | ({ readonly type: "encodeFailed"; readonly effectId: number; readonly message: string } & RoundReference)
  /** Its bytes are held, of the right shape, and finite. */
  | { readonly type: "resultArrived"; readonly sessionId: string; readonly assignmentId: number }
  | {
      readonly type: "resultMalformed";
      readonly sessionId: string;
      readonly assignmentId: number;
      readonly message: string;
    }
  | {
      readonly type: "assignmentFailed";
      readonly sessionId: string;
      readonly assignmentId: number;
      readonly message: string;
    }
  /** The tab let go of an assignment without an answer: cancelled, or given back. */
  | { readonly type: "assignmentReturned"; readonly sessionId: string; readonly assignmentId: number }
  | ({
      readonly type: "audited";
      readonly effectId: number;
      readonly assignmentId: number;
      readonly checked: number;
      /** Of the checked rows, those that were drawn at random: only they count for a record. */
      readonly randomlyChecked: number;
      readonly failed: number;
    } & RoundReference)
  | ({
      readonly type: "auditFailed";
      readonly effectId: number;
      readonly assignmentId: number;
      readonly message: string;
    } & RoundReference)
  | ({ readonly type: "decoded"; readonly effectId: number; readonly outcome: DecodeOutcome } & RoundReference)
  | ({ readonly type: "decodeFailed"; readonly effectId: number; readonly message: string } & RoundReference)
  | {
      readonly type: "toppedUp";
      readonly effectId: number;
      readonly jobId: string;
      readonly volunteerId: string;
      readonly checked: number;
      readonly failed: number;
    }
  | {
      readonly type: "topUpFailed";
      readonly effectId: number;
      readonly jobId: string;
      readonly volunteerId: string;
      readonly message: string;
    }
  | { readonly type: "timerFired"; readonly timerId: number }
);
