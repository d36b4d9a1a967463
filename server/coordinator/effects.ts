/**
 * What the coordinator asks the shell to do. Effects of one step are carried out in order. Each has an id; its outcome
 * comes back as an event that names it (events.ts). Nothing here waits: what must be durable first is asked for with
 * `persist`, and what depends on it is only asked for after `persisted` has come back.
 */

import type { RunEffect } from "../coded/core/run-effects.ts";
import type { RunProduct } from "../coded/core/run-events.ts";
import type { RunRecord } from "../coded/records.ts";
import type { BatchSource } from "../kinds/inference/core/batch-source.ts";
import type { StreamWindow } from "../kinds/inference/core/round-schedule.ts";
import type { CodeInForce, StoredJob } from "../kinds/inference/records.ts";
import type { StoredContribution, StoredVolunteer } from "../store/store.ts";
import type { PrecisionClass, RoundReference } from "./events.ts";

export interface ResultReference extends BatchSource {
  readonly workerIndex: number;
  readonly assignmentId: number;
}

/** A round's answers as the shell holds them, with late verified results put in the place of estimates. */
export interface RoundRecord extends RoundReference {
  readonly kind: "round";
  readonly patches: readonly ResultReference[];
  /** Per worker index: whose verified result stands for it; null: nobody's. */
  readonly sources: readonly (BatchSource | null)[];
  readonly firstMs: number | null;
  readonly exactMs: number | null;
  readonly estimatedAtFirst: number;
  readonly redispatched: number;
}

export type CoreRecord =
  | { readonly kind: "job"; readonly job: StoredJob }
  /** Queries of a stream as the shell holds them. */
  | { readonly kind: "piece"; readonly jobId: string; readonly firstQuery: number; readonly queryCount: number }
  | { readonly kind: "volunteer"; readonly volunteer: StoredVolunteer }
  | { readonly kind: "contribution"; readonly contribution: StoredContribution }
  | RoundRecord
  /** A gradient job with the weights of that iteration (and its best ones), as the shell holds them; null: without. */
  | {
      readonly kind: "gradientJob";
      readonly job: RunRecord;
      readonly weightsOf: number | null;
      readonly bestOf: number | null;
    };

/** Of a job with an aim, what is left to be done, and to be spent; null: no such aim. */
export interface AimLeft {
  readonly queries: number;
  readonly ms: number | null;
  readonly macs: number | null;
  readonly sentMacs: number;
}

export type CloseCode = "wrong-answers" | "unresponsive";

export type Effect = { readonly effectId: number } & (
  | { readonly type: "persist"; readonly records: readonly CoreRecord[] }
  /** The submission with this id is durable, or was refused. */
  | { readonly type: "answerSubmission"; readonly jobId: string; readonly problem: string | null }
  /** The release of this volunteer is durable. */
  | { readonly type: "answerRelease"; readonly volunteerId: string }
  | { readonly type: "sendProbe"; readonly sessionId: string }
  | { readonly type: "prepare"; readonly jobId: string }
  /** The dial is looked at again, for what is left of the job on the crowd as it is; see PlanRequest. */
  | { readonly type: "chooseCode"; readonly jobId: string; readonly left: AimLeft }
  /** Rounds from the last code's first one on are opened with it. */
  | { readonly type: "useCodes"; readonly jobId: string; readonly codes: readonly CodeInForce[] }
  /** The queries of a stream that this round answers. */
  | ({ readonly type: "closeWindow"; readonly jobId: string; readonly roundIndex: number } & StreamWindow)
  /** So many of a stream's queries are durable, and whether it takes more. */
  | {
      readonly type: "answerStream";
      readonly jobId: string;
      readonly queryCount: number;
      readonly isOpen: boolean;
      /** Queries from there on were refused, and why; null: none were. */
      readonly refusedFrom: number | null;
      readonly problem: string | null;
    }
  /** Mixtures are made where the round has parities; the queries of a stream are put in order first. */
  | ({ readonly type: "encode"; readonly hasParities: boolean } & RoundReference)
  | ({
      readonly type: "sendAssignment";
      readonly assignmentId: number;
      readonly sessionId: string;
      readonly workerIndex: number;
      readonly deadlineMs: number;
      /** Its session is at another batch still. */
      readonly isAhead: boolean;
    } & RoundReference)
  /** Its token is void from here on, its bytes are let go, and the tab is told where it may still be at work. */
  | {
      readonly type: "voidAssignment";
      readonly jobId: string;
      readonly roundIndex: number;
      readonly assignmentId: number;
      readonly sessionId: string;
      readonly tell: boolean;
    }
  | ({
      readonly type: "audit";
      readonly assignmentId: number;
      readonly volunteerId: string;
      readonly workerIndex: number;
      readonly precision: PrecisionClass;
      /** Drawn in secret by the shell, beside the rows that disagree with what was estimated for them. */
      readonly randomRows: number;
      /** The result that stands for its worker index: rows in which they differ are recomputed, and count for both. */
      readonly against: ResultReference | null;
    } & RoundReference)
  | ({
      readonly type: "decode";
      readonly results: readonly ResultReference[];
      readonly auditSuspects: boolean;
    } & RoundReference)
  /** The outcome of that decode effect is now what the round answers. */
  | ({ readonly type: "publish"; readonly decodeEffectId: number } & RoundReference)
  /** Results that stand for their queries from here on; what was estimated for them gives way. */
  | ({ readonly type: "patch"; readonly results: readonly ResultReference[] } & RoundReference)
  /** The rows of this worker index came from a liar: until they are redone they are no answer. null: every row of the round. */
  | ({ readonly type: "withdraw"; readonly workerIndex: number | null } & RoundReference)
  /** What the training of a gradient job asks of numerics; its outcome comes back as `trainingOutcome`. */
  | { readonly type: "training"; readonly jobId: string; readonly training: TrainingEffect }
  | {
      readonly type: "sendShare";
      readonly taskId: number;
      readonly sessionId: string;
      readonly jobId: string;
      readonly kind: "shard" | "product";
      readonly generation: number;
      readonly shardIndex: number;
      /** 0 for a shard. */
      readonly roundId: number;
      readonly product: RunProduct | null;
      readonly deadlineMs: number;
    }
  | { readonly type: "topUp"; readonly jobId: string; readonly volunteerId: string; readonly rows: number }
  | { readonly type: "releaseRound"; readonly jobId: string; readonly roundIndex: number }
  | { readonly type: "releaseJob"; readonly jobId: string }
  | { readonly type: "credit"; readonly sessionId: string; readonly macs: number; readonly assignments: number }
  | { readonly type: "closeSession"; readonly sessionId: string; readonly code: CloseCode; readonly message: string }
  | { readonly type: "setTimer"; readonly timerId: number; readonly atMs: number }
  | { readonly type: "clearTimer"; readonly timerId: number }
);

/** Effects of a training that the shell carries out; the others the coordinator sees to itself. */
export type TrainingEffect = Exclude<
  RunEffect,
  { type: "sendShard" | "sendProduct" | "wakeAt" | "nameLiar" | "finish" }
>;

/** An effect before the step has numbered it. */
export type UnnumberedEffect = Effect extends infer E ? (E extends Effect ? Omit<E, "effectId"> : never) : never;
