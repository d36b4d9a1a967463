/** What an inference job asks the shell for, what comes of it, and what it writes and waits for. */
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import type { Estimator } from "../../../../shared/verify/estimate-confidence.ts";
import type { RowsLooked } from "../../../../shared/verify/model-class.ts";
import type { CoreRecord, Effect } from "../../../coordinator/effects.ts";
import type { CoordinatorEvent, RestoredJob } from "../../../coordinator/events.ts";
import type { StoredContribution } from "../../../store/store.ts";
import type { Ledger, StoredJob } from "../records.ts";
import type { BatchSource } from "./batch-source.ts";
import type { SplitSlot } from "./inference-plan.ts";
import type { RowNotComputed } from "./not-computed.ts";
import type { StreamWindow } from "./round-schedule.ts";

export const INFERENCE = "inference";

/** Names a round of the job; where the generation is not the round's any more, what names it is stale. */
export interface RoundPlace {
  readonly roundIndex: number;
  readonly generation: number;
}

/** [CC4] In place of a round's index, of batches with rows of no round: others answered all of them. */
export const NO_ROUND = -1;

export interface RoundReference extends RoundPlace {
  readonly jobId: string;
}

export interface ResultReference extends BatchSource {
  readonly workerIndex: number;
  readonly assignmentId: number;
}

/** A row of the batch of one worker index of a round, 0 to G - 1. */
export interface BatchRow {
  readonly roundIndex: number;
  readonly workerIndex: number;
  readonly row: number;
}

/** [CC5] A row that somebody answered, and went to somebody else too. */
export interface DuplicateOf extends BatchRow {
  /** Whose answer stands, and with which assignment it came; null: it is durable. */
  readonly volunteerId: string;
  readonly assignmentId: number | null;
  readonly precision: BackendClass;
  readonly isFine: boolean;
}

/** What came of a comparison: both agree; or how far off each is from the row that was computed here. */
export type DuplicateFound = "agrees" | { readonly author: keyof RowsLooked; readonly sender: keyof RowsLooked };

/** [CC5] A volunteer had agreed with an answer that was taken out; the new one differs, and the row was computed here. */
export interface WordFound {
  readonly volunteerId: string;
  readonly word: keyof RowsLooked;
  readonly sender: keyof RowsLooked;
}

/** Of rows of one volunteer that were computed here: how many, and how many differ. */
export interface RowsSettled {
  readonly volunteerId: string;
  readonly checked: number;
  readonly failed: number;
}

export type InferenceWork =
  | { readonly type: "prepare" }
  /** So many of a stream's queries are durable, and whether it takes more. */
  | {
      readonly type: "answerStream";
      readonly queryCount: number;
      readonly isOpen: boolean;
      /** Queries from there on were refused, and why; null: none were. */
      readonly refusedFrom: number | null;
      readonly problem: string | null;
    }
  /** Mixtures are made where the round has parities; the queries of a stream are put in order first. */
  | ({ readonly type: "encode"; readonly hasParities: boolean } & RoundPlace)
  | ({
      readonly type: "audit";
      readonly assignmentId: number;
      readonly volunteerId: string;
      readonly workerIndex: number;
      /** What its tab is taken for, and whether it was measured to be as fine as that. */
      readonly precision: BackendClass;
      readonly isFine: boolean;
      /** Drawn in secret by the shell, beside the rows that disagree with what was estimated for them. */
      readonly randomRows: number;
      /** [PC6] So many more, less the golden rows that came with the batch. */
      readonly classRows: number;
      /** The result that stands for its worker index: rows in which they differ are recomputed, and count for both. */
      readonly against: (ResultReference & { readonly isFine: boolean }) | null;
      /** [CC3] Absent: it is audited alone, and no duplicates came with it. */
      readonly crossChecked?: {
        /** Rows that are computed here, whoever agrees. */
        readonly anchors: readonly number[];
        /** In the order in which they were sent; null: there is nothing to compare it with any more. */
        readonly duplicates: readonly (DuplicateOf | null)[];
      };
    } & RoundPlace)
  /** [SL3] [SL6] The first rows that came of one assignment are the result of another, which alone is of its slot now; no outcome. */
  | ({
      readonly type: "takeSlices";
      readonly workerIndex: number;
      readonly volunteerId: string;
      readonly from: number;
      readonly assignmentId: number;
      readonly rows: number;
      /** [SL6] The slot of the same round that has the other rows; null: there are none, or they are of another round. */
      readonly splitOff: number | null;
    } & RoundPlace)
  | ({
      readonly type: "decode";
      readonly results: readonly ResultReference[];
      readonly auditSuspects: boolean;
    } & RoundPlace)
  /** The outcome of that decode effect is now what the round answers. */
  | ({ readonly type: "publish"; readonly decodeEffectId: number } & RoundPlace)
  /** Results that stand for their queries from here on; what was estimated for them gives way. */
  | ({ readonly type: "patch"; readonly results: readonly ResultReference[] } & RoundPlace)
  /** The rows of this worker index came from a liar: until they are redone they are no answer. null: every row of the round. */
  | ({ readonly type: "withdraw"; readonly workerIndex: number | null } & RoundPlace)
  /** [AS11] Rows at which volunteers failed are computed here, as the result of that assignment, which went to nobody. */
  | ({ readonly type: "compute"; readonly workerIndex: number; readonly assignmentId: number } & RoundPlace)
  | { readonly type: "topUp"; readonly volunteerId: string; readonly rows: number }
  /** [CC8] These rows of durable rounds are computed here. */
  | { readonly type: "settle"; readonly rows: readonly BatchRow[] }
  /** [CC8] So many, drawn from all that are cross-checked and stand. */
  | {
      readonly type: "sample";
      readonly rows: number;
      /** [CC14] Of those that were taken in within this window alone. */
      readonly window?: number;
    }
  /** [VF15] Rows in which these volunteers differ are computed again, before anybody is named. of: the effect that found them. */
  | {
      readonly type: "confirm";
      readonly of: number;
      readonly volunteerIds: readonly string[];
      /** Of these, who may have computed them on a card, whose order of sums nothing fixes. */
      readonly onCards: readonly string[];
      /** Whose result waits for it; null: no single one does. */
      readonly assignmentId: number | null;
    }
  /** [VF14] No answer of the job counts as checked any more, or ever will. */
  | { readonly type: "uncheck" }
  | { readonly type: "releaseRound"; readonly roundIndex: number };

/**
 * [VF15] differs: the trusted runs agree, and it differs from them. agrees: it lies within what they differ by, or what is allowed.
 * unstable: they differ among themselves by more. unstable in half precision: they do where inputs are rounded as its device does.
 * excused: of a card, trusted runs in other orders of sums move the row by as much.
 */
export type RowVerdict = "differs" | "agrees" | "unstable" | "unstable in half precision" | "excused";

export interface Judged {
  readonly volunteerId: string;
  readonly verdict: RowVerdict;
  /** The largest share of a row's size by which the trusted runs of it differ. */
  readonly spread: number;
}

/** Work as the shell meets it: with the job that it is for, and the id by which its outcome is known. */
export type InferenceEffect = InferenceWork & { readonly jobId: string; readonly effectId: number };

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

/** What could not be computed. */
export interface NumericsFailure {
  readonly message: string;
  /** Nothing went wrong: its job has ended, or the coordinator is stopping. */
  readonly isOver?: true;
}

export type InferenceOutcome =
  | { readonly type: "prepared"; readonly orderSha256: string | null }
  | ({ readonly type: "prepareFailed" } & NumericsFailure)
  | ({ readonly type: "encoded" } & RoundPlace)
  | ({ readonly type: "encodeFailed" } & NumericsFailure & RoundPlace)
  | ({
      readonly type: "audited";
      readonly assignmentId: number;
      readonly checked: number;
      /** Of the checked rows, those that were drawn at random: only they count for a record. */
      readonly randomlyChecked: number;
      /** Of the checked rows, those that differ beyond the tolerance of what it was measured to be. */
      readonly failed: number;
      /** Of the checked rows, those within the wide tolerance alone; absent: none. */
      readonly coarse?: number;
      /** How far off the golden rows are that came with it; absent: none came. */
      readonly golden?: RowsLooked;
      /** A row that differs is the right answer of another one. */
      readonly isAnothers?: true;
      /**
       * Of the result that it was compared with: its rows that were drawn at random and had not been recomputed before, and
       * how many of all recomputed ones differ, or lie within the wide tolerance alone. null: it was compared with none.
       */
      readonly against: { readonly randomlyChecked: number; readonly failed: number; readonly coarse?: number } | null;
      /** Of crossChecked.duplicates, one each; null: it was compared with nothing. Absent: none came. */
      readonly duplicates?: readonly (DuplicateFound | null)[];
      /** Words of others that differ from its rows; absent: none. */
      readonly words?: readonly WordFound[];
    } & RoundPlace)
  | ({ readonly type: "auditFailed"; readonly assignmentId: number } & NumericsFailure & RoundPlace)
  | ({ readonly type: "decoded"; readonly outcome: DecodeOutcome } & RoundPlace)
  | ({ readonly type: "decodeFailed" } & NumericsFailure & RoundPlace)
  | ({
      readonly type: "computed";
      readonly workerIndex: number;
      readonly assignmentId: number;
      readonly notComputed: readonly RowNotComputed[];
    } & RoundPlace)
  | ({ readonly type: "computeFailed"; readonly workerIndex: number } & NumericsFailure & RoundPlace)
  | {
      readonly type: "toppedUp";
      readonly volunteerId: string;
      readonly checked: number;
      readonly failed: number;
    }
  | ({ readonly type: "topUpFailed"; readonly volunteerId: string } & NumericsFailure)
  | { readonly type: "settled"; readonly found: readonly RowsSettled[] }
  | ({ readonly type: "settleFailed" } & NumericsFailure)
  | { readonly type: "confirmed"; readonly assignmentId: number | null; readonly judged: readonly Judged[] }
  | ({ readonly type: "confirmFailed" } & NumericsFailure);

/** An outcome with the job that it is of, and the effect that it answers. */
export type InferenceHappened = InferenceOutcome & { readonly jobId: string; readonly effectId: number };

export type OutcomeOf<T extends InferenceOutcome["type"]> = Extract<InferenceOutcome, { type: T }>;

/** queriesPosted: to a stream; their bytes are held, of the right shape, and finite. */
export type InferenceRequest =
  | { readonly type: "queriesPosted"; readonly firstQuery: number; readonly queryCount: number }
  /** Its submitter wants the answers of a suspended job as they come. */
  | { readonly type: "goOnUnchecked" };

/** A round's answers as the shell holds them, with late verified results put in the place of estimates. */
export interface RoundRecord extends RoundPlace {
  readonly type: "round";
  readonly patches: readonly ResultReference[];
  /** Per worker index: whose verified result stands for it; null: nobody's. */
  readonly sources: readonly (BatchSource | null)[];
  readonly firstMs: number | null;
  readonly exactMs: number | null;
  readonly estimatedAtFirst: number;
  readonly redispatched: number;
}

export type InferenceRecord =
  | { readonly type: "job"; readonly job: StoredJob }
  /** Queries of a stream as the shell holds them. */
  | { readonly type: "piece"; readonly firstQuery: number; readonly queryCount: number }
  | { readonly type: "contribution"; readonly contribution: StoredContribution }
  | RoundRecord;

/** What became durable. */
export type InferencePurpose =
  | { readonly type: "prepared" }
  /** [CC2] It goes on after a restart. */
  | { readonly type: "runBegun" }
  /** [CC12] Windows were certified. */
  | { readonly type: "windowsCertified"; readonly ledgers: readonly Ledger[] }
  /** Queries of a stream, up to that place. */
  | { readonly type: "queries"; readonly endPlace: number }
  | { readonly type: "streamClosed" }
  | { readonly type: "suspended" }
  /** [PC11] */
  | { readonly type: "cardsLeftOut" }
  | { readonly type: "round"; readonly roundIndex: number };

export type InferenceTimer =
  | ({ readonly type: "grace" } & RoundPlace)
  /** The oldest query of a stream that is in no window has waited long enough. */
  | { readonly type: "windowDue" }
  | { readonly type: "streamIdle" }
  /** [AS12] Volunteers failed, and nobody has answered since. */
  | { readonly type: "unanswered" }
  /** [CC7] Volunteers have had the time to come back after a restart. */
  | { readonly type: "volunteersBack" }
  /** [CC14] The ledger of a stream has been open for as long as it may. */
  | { readonly type: "ledgerDue" };

export interface RestoredRound {
  readonly roundIndex: number;
  readonly generation: number;
  readonly sources: readonly (BatchSource | null)[];
  readonly firstMs: number | null;
  readonly exactMs: number | null;
  readonly estimatedAtFirst: number;
  readonly redispatched: number;
  /** [SL6] Absent: none of its worker indices was split. */
  readonly splits?: readonly SplitSlot[];
  /** Of a stream: which of its queries the round answers. */
  readonly window?: StreamWindow;
}

export interface RestoredInference extends RestoredJob {
  readonly job: StoredJob;
  /** Rounds whose answers are durable: who computed the rows of each worker index (null: nobody in particular). */
  readonly rounds: readonly RestoredRound[];
  /** Of a job that goes on: what its volunteers did for it so far. */
  readonly contributions: readonly StoredContribution[];
}

/** @returns null: it is no work of an inference job */
export function inferenceWorkIn(effect: Effect): InferenceEffect | null {
  if (effect.type !== "work" || effect.kind !== INFERENCE) return null;
  const { jobId, effectId, work } = effect;
  return { jobId, effectId, ...(work as InferenceWork) };
}

/** @returns null: it is no outcome of such work */
export function inferenceOutcomeIn(event: CoordinatorEvent): InferenceHappened | null {
  if (event.type !== "outcome" || event.kind !== INFERENCE) return null;
  const { jobId, effectId, outcome } = event;
  return { jobId, effectId, ...(outcome as InferenceOutcome) };
}

/** @returns null: it is no record of an inference job */
export function inferenceRecordIn(record: CoreRecord): InferenceRecord | null {
  return record.kind === "job" && record.of === INFERENCE ? (record.record as InferenceRecord) : null;
}
