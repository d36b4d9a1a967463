/**
 * What happens to the coordinator. Events are plain data: they carry references (ids, indices), never tensors and never
 * secrets, and the time as a field, so that a log of them replays to the same state.
 */
import type { PrecisionClass } from "../../shared/verify/compare-rows.ts";
import type { Estimator } from "../../shared/verify/estimate-confidence.ts";
import type { RunEvent, Timeless } from "../coded/core/run-events.ts";
import type { RunRecord } from "../coded/records.ts";
import type { BatchSource } from "../kinds/inference/core/batch-source.ts";
import type { StreamWindow } from "../kinds/inference/core/round-schedule.ts";
import type { CodeInForce, StoredJob } from "../kinds/inference/records.ts";
import type { StoredContribution, StoredVolunteer } from "../store/store.ts";

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
  readonly sources: readonly (BatchSource | null)[];
  readonly firstMs: number | null;
  readonly exactMs: number | null;
  readonly estimatedAtFirst: number;
  readonly redispatched: number;
  /** Of a stream: which of its queries the round answers. */
  readonly window?: StreamWindow;
}

export interface RestoredJob {
  readonly job: StoredJob;
  /** Rounds whose answers are durable: who computed the rows of each worker index (null: nobody in particular). */
  readonly rounds: readonly RestoredRound[];
  /** Of a job that goes on: what its volunteers did for it so far. */
  readonly contributions: readonly StoredContribution[];
}

export interface DecodeOutcome {
  readonly rowCount: number;
  /** Rows that had to be interpolated. */
  readonly estimatedRows: number;
  /** Rows that these results cannot answer (no majority), and that no redo of a part could. */
  readonly missingRows: number;
  /** Worker indices with rows that have no answer that may be told to anybody: they are computed again. */
  readonly unanswered: readonly number[];
  /** Which estimator agrees with the model more surely, by all that was compared in the job; null: none was tried. */
  readonly better: Estimator | null;
  /** Leave-one-worker-out: how often that estimator agreed with an answered row, out of how many. */
  readonly heldOutAgreed: number;
  readonly heldOutTotal: number;
  /** Rows that disagreed with their estimate were recomputed: per worker index, how many, and how many were wrong. */
  readonly suspectAudits: readonly { workerIndex: number; checked: number; failed: number }[];
  /** Per worker index the groups in which the scheme itself outvoted its result, or its locator named it. */
  readonly rejected: readonly { workerIndex: number; groups: number }[];
}

/** What comes back of a training's effects. */
export type TrainingOutcome = Timeless<
  Extract<
    RunEvent,
    {
      type:
        | "prepared"
        | "encoded"
        | "broadcastReady"
        | "verified"
        | "decoded"
        | "linked"
        | "updated"
        | "restored"
        | "effectFailed";
    }
  >
>;

export type CoordinatorEvent = { readonly atMs: number } & (
  | {
      readonly type: "restored";
      readonly jobs: readonly RestoredJob[];
      /** `weightsOf` says whether there are weights to go on with. */
      readonly gradientJobs: readonly RunRecord[];
      readonly volunteers: readonly StoredVolunteer[];
    }
  | {
      readonly type: "sessionOpened";
      readonly sessionId: string;
      readonly volunteerId: string;
      readonly nickname: string;
      /** Whose total its credit counts for; empty: nobody's. */
      readonly team: string;
      readonly backend: string;
      /** The same for sessions of one network, by a salt that is never kept; null: not known. */
      readonly addressGroup: string | null;
      /** Of the invitation that it came with. */
      readonly invitationSha256: string | null;
    }
  | { readonly type: "sessionProbed"; readonly sessionId: string; readonly precision: PrecisionClass | null }
  | { readonly type: "availabilityChanged"; readonly sessionId: string; readonly available: boolean }
  | { readonly type: "sessionClosed"; readonly sessionId: string }
  /** An operator says that a quarantined volunteer may work again, and why. */
  | { readonly type: "volunteerReleased"; readonly volunteerId: string; readonly reason: string }
  | { readonly type: "jobSubmitted"; readonly job: StoredJob }
  | { readonly type: "gradientSubmitted"; readonly job: RunRecord }
  | { readonly type: "jobCancelled"; readonly jobId: string }
  /** Queries were posted to a stream; their bytes are held, of the right shape, and finite. */
  | {
      readonly type: "queriesPosted";
      readonly jobId: string;
      readonly firstQuery: number;
      readonly queryCount: number;
    }
  /** A gradient job is to end with the weights that it has; a stream, when what was posted is answered. */
  | { readonly type: "stopRequested"; readonly jobId: string }
  /** The process is about to end: what tabs have in hand may still come in, nothing new goes out. */
  | { readonly type: "stopping" }
  | {
      readonly type: "trainingOutcome";
      readonly jobId: string;
      readonly outcome: TrainingOutcome;
      /** With `prepared`: what the submitter should know of the data. */
      readonly notes?: readonly string[];
    }
  | { readonly type: "persisted"; readonly effectId: number }
  | { readonly type: "persistFailed"; readonly effectId: number; readonly message: string }
  | {
      readonly type: "prepared";
      readonly effectId: number;
      readonly jobId: string;
      readonly orderSha256: string | null;
    }
  | { readonly type: "prepareFailed"; readonly effectId: number; readonly jobId: string; readonly message: string }
  | {
      readonly type: "codeChosen";
      readonly effectId: number;
      readonly jobId: string;
      /** null: the code in force stays. */
      readonly code: Omit<CodeInForce, "fromRound" | "firstPlace" | "atMs"> | null;
    }
  | ({ readonly type: "encoded"; readonly effectId: number } & RoundReference)
  | ({ readonly type: "encodeFailed"; readonly effectId: number; readonly message: string } & RoundReference)
  /** Its bytes are held, of the right shape, and finite. */
  | {
      readonly type: "resultArrived";
      readonly sessionId: string;
      readonly assignmentId: number;
      /** Uniform in [0, 1), by the shell's secret generator, once the bytes are held: chance, for a core that has none. */
      readonly draw: number;
    }
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
      /**
       * Of the result that it was compared with: its rows that were drawn at random and had not been recomputed before, and
       * how many of all recomputed ones are wrong. null: it was compared with none.
       */
      readonly against: { readonly randomlyChecked: number; readonly failed: number } | null;
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

/** An event without its time: the shell stamps it. */
export type Happening = Timeless<CoordinatorEvent>;
