/** What the shell asks of the desk of a kind of job, and what a desk asks of the shell. A desk has all of its kind that is no decision. */
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { JobRow } from "../../shared/kinds/job-list.ts";
import type { EstimateRequest, JobEstimate, JobView, Receipt, Submission } from "../../shared/kinds/kinds.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import type { Result } from "../../shared/protocol/messages.ts";
import type { TimelineRound } from "../../shared/protocol/timeline-api.ts";
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent, Happening, RestoredJob } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { Own } from "../coordinator/words.ts";
import type { JobRecord, StoreRecord } from "../store/store.ts";
import type { ApiProblem, TabBlob } from "../web/coordinator-port.ts";
import type { DurableRecords } from "./durable-records.ts";
import type { JobTimelines } from "./job-timelines.ts";
import type { SealedParts } from "./receipt-parts.ts";
import type { SubmissionQueue } from "./submission-queue.ts";

type EffectOf<T extends Effect["type"]> = Extract<Effect, { type: T }>;
export type WorkEffect = EffectOf<"work">;
export type SendEffect = EffectOf<"sendAssignment">;
export type VoidEffect = EffectOf<"voidAssignment">;

export interface DeskHost {
  readonly state: CoordinatorState;
  readonly submissions: SubmissionQueue;
  readonly timelines: JobTimelines;
  readonly durableRecords: DurableRecords;
  happen(happening: Happening): void;
  /** [PR113] A tab may leave out what comes behind the first rows of that batch. */
  shorten(sessionId: string, assignmentId: number, rowCount: number): void;
  /** [CE3] [CE11] Goes on with jobs that the store has; what cannot be begun now is tried again. */
  takeJobs(jobIds: readonly string[]): Promise<void>;
  /** With whom this job takes turns, and shares. */
  partyOf(jobId: string, submission: { readonly submitter: string }): string;
}

type WithoutToken<M> = M extends unknown ? Omit<M, "token" | "assignmentId"> : never;

/** An assignment on its way to a tab: what the tab is told, may fetch and may answer. */
export interface Outgoing {
  readonly message: WithoutToken<AssignmentMessage>;
  /** null: it may not fetch that. */
  blob(sha256: string): TabBlob | null;
  /** Of the tensors of a result; the header of a frame comes on top. */
  readonly resultBytes: number;
  /** What is wrong with a frame that was uploaded; null: nothing. */
  problemOf(frame: Uint8Array): string | null;
  /**
   * Holds the result until the core has decided about it.
   * @param signed with what its volunteer signed it; null: it is a tab without a key, or there is nothing to sign
   * @returns what is wrong with it; null: nothing
   */
  take(kind: Result["output"]["kind"], frame: Uint8Array | null, signed: ResultSignature | null): string | null;
  /** What the core is told of the result that was taken last; null: nothing. */
  came?(): Own | null;
  /**
   * Holds rows that come before the result, from row `first` on. Absent: none are wanted.
   * @param signed with the signature of all rows so far
   * @returns what the core is told of them; null: they are not what was expected
   */
  takeSlice?(first: number, frame: Uint8Array, signed: ResultSignature | null): Own | null;
}

/** [PR89] That it is right is looked at when the job has ended: until then nothing depends on it. */
export interface ResultSignature {
  /** As the tab was told it. */
  readonly assignmentId: string;
  /** 65 bytes */
  readonly publicKey: Uint8Array;
  /** 64 bytes */
  readonly signature: Uint8Array;
}

/** What is wrong with a result that was to be uploaded, and was not. */
export const NOTHING_UPLOADED = "nothing was uploaded for this token";

/** What a list says of a job that is at hand. */
export type JobGlance = Pick<JobRow, "state" | "progress" | "waitingFor">;

/** Methods that are asked about a job say null, or false, where it is no job of this kind. */
export interface KindDesk {
  // --- from a submission to its end ---
  submit(submission: Submission, jobId?: string): Promise<JobSubmitted | ApiProblem>;
  /** What it would cost; nothing is begun. */
  /** @param party who asks, as jobs of it share and are booked; absent: nobody but this machine */
  estimate(request: EstimateRequest, party?: string): Promise<JobEstimate | ApiProblem>;
  /** Before the core knows of it. @returns null: it cannot be read */
  restored(record: JobRecord): Promise<RestoredJob | null>;
  /** The core has all of these. */
  afterRestore?(jobs: readonly RestoredJob[]): Promise<void>;
  /** A job that ended so long ago that it is not at hand: as if it were, until others have been asked for. */
  recall(record: JobRecord): Promise<void> | void;
  /** [JB8] It is deleted: nothing of it is at hand any more. */
  forget(jobId: string): void;
  /** Of jobs at work, by their ids: what JOBS_DATA_BYTES_MAX counts. */
  heldBytes(): ReadonlyMap<string, number>;
  /** The job's end is durable. */
  release(jobId: string): void;
  close(): void;

  // --- effects ---
  work(effect: WorkEffect): void;
  /** @returns null: it is not wanted any more */
  assignment(effect: SendEffect): Outgoing | null | Promise<Outgoing>;
  /** The coordinator's own fault: no tab answers for it. */
  notSent?(effect: SendEffect, message: string): void;
  /** What it may have sent is not needed. */
  dropped?(effect: VoidEffect): void;
  /** What is stored is what the record holds now. */
  storeRecords(jobId: string, record: Own): StoreRecord[] | Promise<StoreRecord[]>;
  isDurable(jobId: string, record: Own, stored: readonly StoreRecord[]): void;
  /** After the effects of a step were carried out. */
  stepped?(event: CoordinatorEvent, effects: readonly Effect[]): void;

  // --- what people ask ---
  view(jobId: string): JobView | null;
  /** A job at hand in a line of a list, at a cost that does not grow with its data; null: it is none of these. */
  glance(jobId: string): JobGlance | null;
  receipt(jobId: string): Promise<Receipt | "not-ended" | null>;
  /** Of a job that has ended: what its signed receipt holds besides; a kind without has nothing more to say. */
  receiptParts?(jobId: string): Promise<SealedParts | null>;
  /** How first answers compare with those that stand; empty where a kind has none. */
  timelineRounds(jobId: string): Promise<TimelineRound[] | null>;
  stop(jobId: string): Promise<boolean> | boolean;
  cancel(jobId: string): boolean;
}
