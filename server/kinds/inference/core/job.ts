/** An inference job as the core keeps it: its rounds, who is at what, and whose results stand. */
import type { Estimator } from "../../../../shared/verify/estimate-confidence.ts";
import { must } from "../../../coordinator/assert.ts";
import type { Credits } from "../../../coordinator/credits.ts";
import type { Assignment, CoordinatorState, Job } from "../../../coordinator/state.ts";
import type { StoredContribution } from "../../../store/store.ts";
import type { StoredJob } from "../records.ts";
import { type BatchSource, type Coins, sourceOf } from "./batch-source.ts";
import type { JobChecks, PooledRow } from "./cross-checks/job-checks.ts";
import type { DurableRounds } from "./durable-rounds.ts";
import { batchRowsOf, type InferencePlan } from "./inference-plan.ts";
import type { KeptRounds } from "./kept-rounds.ts";
import type { Measured } from "./measured.ts";
import type { RoundSchedule } from "./round-schedule.ts";
import { type BatchRow, INFERENCE, type OutcomeOf, type ResultReference } from "./work.ts";

/** What an assignment of this kind is: one batch, the rows of one worker index of a round. */
export interface Batch {
  readonly generation: number;
  /** What its session computes its model with, as it says, before it has answered. */
  backend: string;
  /** [PC6] So many rows whose answers are known go with it, as far as there are any; once it is answered, so many went. */
  goldenRows: number;
  /** [SL5] Its rows are those that its tab had handed over of another one; absent: they are all that were sent. */
  readonly isTakenBack?: true;
  /** [SL1] Rows of it that come before the others are held. */
  readonly isSliced?: true;
  /** [CC4] Rows that others answered, and that travel with it. */
  readonly duplicates: readonly BatchRow[];
  /** [CC4] It has no rows of its own: it is of no round, and answers coins alone. */
  readonly isCheckBatch?: true;
  /** [SL1] What its tab has handed over of it so far, with chance that nobody knew before that was held; absent: nothing. */
  slices?: (HeldSlices & { readonly draw: number }) | undefined;
}

/** The first rows of a batch, in the order in which they were sent. */
export interface HeldSlices {
  readonly type: "slices";
  /** Golden rows and duplicates among them. */
  readonly rows: number;
  /** Of these, rows of the batch itself. */
  readonly ownRows: number;
  /** Which of the batch's duplicates are among them. */
  readonly duplicates: readonly number[];
}

/** [PC6] So many golden rows went with a batch: fewer than the core had asked for. */
export interface GoldenSent {
  readonly type: "goldenSent";
  readonly rows: number;
}

export type BatchAssignment = Assignment<Batch>;

export interface Slot {
  /** [SL6] One behind the last of the code: rows that were split off one of the code's. */
  readonly workerIndex: number;
  /** Assignments that are out, or being checked. */
  readonly attempts: Set<number>;
  /** Whose result stands for this worker index; the assignment id is null once its bytes are part of stored answers. */
  accepted: (BatchSource & { assignmentId: number | null; addressGroup: string | null }) | null;
  /** Everybody who was ever at it in this generation: what was sent ahead and taken back nobody has tried. */
  readonly tried: Set<string>;
  /** [AS11] Volunteers that failed at it, with their addresses as far as these are known, and how often it failed. */
  readonly failedAt: Map<string, string | null>;
  failures: number;
  /** [AS11] The coordinator computes its rows itself. */
  isTriedHere: boolean;
  /** [AS11] Nobody could compute it, and its round can do without it: it is a mixture. */
  isGivenUp: boolean;
  /** Volunteers that were asked for a second opinion. */
  opinionsAsked: number;
  /** Results that stood for it in this generation and were taken out. */
  takenBefore: number;
}

export interface Round {
  readonly roundIndex: number;
  /** Of the code that it was opened with; [SL3] of fewer rows once it was cut, as are groupCount and bytes. [SL6] It has its splits. */
  plan: InferencePlan;
  readonly generation: number;
  phase: "encoding" | "gathering" | "finishing";
  readonly openedMs: number;
  readonly slots: Slot[];
  groupCount: number;
  bytes: number;
  /** Are the worker indices beyond K sent? Else whoever is free backs up who is lost. */
  readonly hasParities: boolean;
  /** none: no answers yet. running: being decoded. published: the round has its first answers. */
  decode:
    | { state: "none"; minimumResults: number }
    | { state: "running"; effectId: number; resultCount: number }
    | { state: "published" };
  /**
   * Once there are answers: the queries of a group (as rawQueryOf counts them) that still want the model's own answer,
   * because the job ends exact, or because what stood for them came from a liar.
   */
  readonly wanted: Set<number>;
  /** Worker indices whose result is to be computed by somebody else too before the round is durable. */
  readonly opinionsWanted: Set<number>;
  graceTimerId: number | null;
  gracePassed: boolean;
  firstMs: number | null;
  exactMs: number | null;
  estimatedAtFirst: number;
  redispatched: number;
  /** Credit that becomes real when the round is durable: multiply-adds and assignments by volunteer. */
  readonly credits: Credits;
  /** Of the same, by volunteer: rows of the batches that it is for. */
  readonly creditedRows: Map<string, number>;
  /** Rows that the scheme itself rejected, by volunteer. */
  readonly rejected: Map<string, number>;
  readonly takenOut: TakenOut[];
}

/** A result that stands no longer: of a quarantined volunteer, of one that it vouched for, or one that was found wrong. */
export interface TakenOut {
  readonly volunteerId: string;
  readonly rows: number;
  /** Out of a durable round. */
  readonly wasDurable: boolean;
  /** [PC5] This assignment was found wrong, and of its volunteer too few rows to say whether it lies: it earns nothing. */
  readonly wrongAssignmentId?: number;
}

/** A round whose answers are durable. */
export interface FinishedRound {
  readonly generation: number;
  readonly openedMs: number;
  readonly sources: readonly (BatchSource | null)[];
  readonly firstMs: number | null;
  readonly exactMs: number | null;
  readonly estimatedAtFirst: number;
  readonly redispatched: number;
}

export interface StreamState {
  /** Queries that came, durable or on their way to it. */
  received: number;
  /** Durable queries that are in no window yet, the oldest first: up to which place they came, and when. */
  readonly waiting: { readonly endPlace: number; readonly sinceMs: number }[];
  dueTimerId: number | null;
  idleTimerId: number | null;
  /** When the latest queries were posted. */
  postedMs: number;
}

/** An audit under way: a lie counts even where the result is no longer needed. */
export interface PendingAudit {
  readonly roundIndex: number;
  readonly volunteerId: string;
  readonly measured: Measured;
  readonly isFine: boolean;
  readonly askedMs: number;
  /** Of it that are computed here, as far as that was known when it was asked for. */
  readonly rows: number;
  /** The accepted result that it is compared with. */
  readonly against: {
    readonly assignmentId: number;
    readonly volunteerId: string;
    readonly measured: Measured;
    readonly isFine: boolean;
  } | null;
  /**
   * [CC3] What the coins of its rows are tossed with once it is taken in, how many of them were drawn as anchors, and how many it has where it is
   * audited too; null: it is audited alone.
   */
  readonly crossChecked: { readonly coins: Coins; readonly anchors: number; readonly rowsAudited: number } | null;
  /** [SL5] Its volunteer could choose how many of its rows there are. */
  readonly isTakenBack?: true;
  /** [CC5] The rows whose duplicates came with it; null: that one is compared with nothing. */
  readonly duplicates: readonly (PooledRow | null)[];
}

/** What waits for a verdict. */
export type Disagreement =
  | { readonly in: "audit"; readonly pending: PendingAudit; readonly event: OutcomeOf<"audited"> }
  | {
      readonly in: "decode";
      readonly effectId: number;
      /** By worker index. */
      readonly volunteers: ReadonlyMap<number, string>;
      readonly event: OutcomeOf<"decoded">;
    }
  | { readonly in: "top-up"; readonly effectId: number; readonly event: OutcomeOf<"toppedUp"> }
  | { readonly in: "settle"; readonly effectId: number; readonly event: OutcomeOf<"settled"> };

export interface Confirmation {
  readonly volunteerIds: readonly string[];
  /** Whose result waits for it; null: no single one does. */
  readonly assignmentId: number | null;
  readonly finding: Disagreement;
}

/** [AS11] In place of a volunteer, of rows that the coordinator computed where volunteers failed. */
export const COORDINATOR = "the coordinator";

/** [AS11] [AS12] Batches that came to nothing since somebody answered one last. */
export interface Failing {
  /** Since the first of them; null: there is none. */
  sinceMs: number | null;
  /** Whose, and on which back-end. */
  readonly by: Map<string, string>;
  /** What the last of them said. */
  message: string;
  timerId: number | null;
  isPaused: boolean;
  /** [AS11] Slots that wait to be tried here, and the effect that tries one now; null: none. */
  readonly toTry: SlotPlace[];
  tryingEffectId: number | null;
}

export interface SlotPlace {
  readonly roundIndex: number;
  readonly generation: number;
  readonly workerIndex: number;
}

export interface InferenceJob extends Job {
  readonly kind: typeof INFERENCE;
  readonly stored: StoredJob;
  /** Of the code in force: what rounds are opened with that have not been opened yet. */
  plan: InferencePlan;
  schedule: RoundSchedule;
  /** Of a job to which queries are posted while it runs; null: all of them were there when it began. */
  readonly stream: StreamState | null;
  /** By size of rounds, as the schedule's parts are: no round of it before that one is still to be opened for the first time. */
  readonly nextRounds: number[];
  /** [SL3] Rests of rounds that were cut before a restart, and are still to be opened. */
  readonly rests: Set<number>;
  /** Rows that answer queries and were taken in since the coordinator opened its first round of it; null: it has opened none. */
  pace: { readonly sinceMs: number; rowsTaken: number } | null;
  readonly openRounds: KeptRounds<Round>;
  readonly finishedRounds: DurableRounds<FinishedRound>;
  /** Of the finished rounds those with a liar's part in them: they wait to be opened again. */
  readonly toRedo: Set<number>;
  readonly failing: Failing;
  /** [PC5] Volunteers with a back-end that computes its model wrong altogether. */
  readonly unfit: Set<string>;
  /** Audits under way, by effect. */
  readonly auditsPending: Map<number, PendingAudit>;
  /** Rows of somebody's that are computed again before it is named for them, by effect. */
  readonly confirmations: Map<number, Confirmation>;
  /** In their order those that wait for the verdict of another one. of: the effect that found it. */
  readonly confirmationsWaiting: { readonly of: number; readonly confirmation: Confirmation }[];
  /** Half-precision devices cannot be told from liars in it, as was found since the coordinator started. */
  refusesHalf: boolean;
  /** Decodes under way, by effect: volunteers by worker index. */
  readonly decodesPending: Map<number, ReadonlyMap<number, string>>;
  /** Audits at the end of the job that are under way, by volunteer. */
  readonly topUps: Map<string, number>;
  topUpRows: number;
  /** Random rows whose recomputation was asked for, in all. */
  auditRowsAsked: number;
  /** Volunteers whose records such audits changed: written with the job's end. */
  readonly toppedUp: Set<string>;
  /** Volunteers of whom no row is left to audit in this job. */
  readonly topUpExhausted: Set<string>;
  /** [CC1] null: its results are audited. */
  readonly checks: JobChecks | null;
  /** Which estimator agrees with the model more surely here, by what was decoded last; null: none was tried. */
  better: Estimator | null;
  /** By volunteer; those that changed are written with the next round, or the job's end. */
  readonly contributions: Map<string, StoredContribution>;
  readonly contributionsChanged: Set<string>;
}

/** What a job has of its model, whichever core it runs on. */
export type ModelJob = Pick<InferenceJob, "kind" | "stored" | "unfit" | "refusesHalf"> & {
  readonly failing: Pick<Failing, "isPaused" | "by" | "message">;
};

/** Is it one that runs on rounds? Those on the ledger of rows are RowsJobs. */
export function isInferenceJob(job: Job): job is InferenceJob {
  return job.kind === INFERENCE && !isOnRows(job.stored);
}

/** Was it submitted to run on the ledger of rows? */
export function isOnRows(stored: Job["stored"]): boolean {
  return (stored as StoredJob).rows === true;
}

export function inferenceJob({ jobs }: Pick<CoordinatorState, "jobs">, jobId: string): InferenceJob | undefined {
  const job = jobs.get(jobId);
  return job !== undefined && isInferenceJob(job) ? job : undefined;
}

/** On rounds or on the ledger of rows. */
export function modelJobs({ jobs }: Pick<CoordinatorState, "jobs">): ModelJob[] {
  return [...jobs.values()].filter(({ kind }) => kind === INFERENCE) as unknown as ModelJob[];
}

export function inferenceJobs({ jobs }: Pick<CoordinatorState, "jobs">): InferenceJob[] {
  return [...jobs.values()].filter(isInferenceJob);
}

/** @param tried who was at its rows before they had a slot of their own */
export function newSlot(workerIndex: number, tried: Iterable<string> = []): Slot {
  return {
    ...{ workerIndex, attempts: new Set(), accepted: null, tried: new Set(tried), opinionsAsked: 0, takenBefore: 0 },
    ...{ failedAt: new Map(), failures: 0, isTriedHere: false, isGivenUp: false },
  };
}

/** Rows of the batch of a slot, golden rows and duplicates not among them. */
export function slotRows({ plan, roundIndex, groupCount }: Round, { workerIndex }: Pick<Slot, "workerIndex">): number {
  return plan.splits.length === 0 ? groupCount : batchRowsOf(plan, roundIndex, workerIndex);
}

export function slotAt({ slots, roundIndex }: Round, workerIndex: number): Slot {
  return must(slots[workerIndex], `DP6: round ${roundIndex} has a slot for each worker index, ${workerIndex} is none`);
}

/** Its slot, unless the round has moved on to another generation or is gone. */
export function slotOf(
  state: CoordinatorState,
  { jobId, roundIndex, workerIndex, payload }: BatchAssignment,
): { job: InferenceJob; round: Round; slot: Slot } | null {
  const job = inferenceJob(state, jobId);
  const round = job?.openRounds.get(roundIndex);
  const slot = round?.slots[workerIndex];
  if (job === undefined || round === undefined || slot === undefined || round.generation !== payload.generation)
    return null;
  return { job, round, slot };
}

/** The result that stands for a worker index, while its bytes are held. */
export function resultReference({ workerIndex, accepted }: Slot): ResultReference[] {
  if (accepted === null || accepted.assignmentId === null) return [];
  return [{ workerIndex, assignmentId: accepted.assignmentId, ...sourceOf(accepted) }];
}
