/**
 * What outlives the process. The coordinator decides what is written; the store only keeps it.
 *
 * Contract (store.contract.ts runs it against every implementation):
 * - `apply` is one transaction: all of its records or none, durable when the promise resolves.
 * - Records are upserts by their key, so that applying one twice is the same as once; credit is given as totals.
 * - Blobs are named by the sha-256 of their bytes, immutable, durable before `putBlob` resolves.
 * - What is read after a crash is the state after some prefix of the applied transactions, with every resolved one in it.
 */

import type { PartRange } from "../../shared/kinds/inference/parts.ts";
import type { Scope } from "../../shared/protocol/access-api.ts";
import type { JobState } from "../../shared/protocol/job-api.ts";
import type { WindowPart } from "../../shared/verify/cross-checks/crowd-window.ts";
import type { ListedEnd } from "./job-ends-migration.ts";
import type { CheckpointRecord, JobCodec, JobRecord } from "./job-record.ts";
import type { ReceiptStore } from "./receipt-store.ts";

export type { CheckpointRecord, JobCodec, JobRecord };

/** Queries that were posted to a stream together. Its pieces follow each other without gaps. */
export interface StoredPiece {
  jobId: string;
  firstQuery: number;
  queryCount: number;
  /** queryCount x inputSize, as the stream's dtype keeps them */
  values: Float32Array | Uint8Array;
}

/** The answers of one round, as they stand. Overwritten when a round is redone. */
export interface StoredRound {
  jobId: string;
  roundIndex: number;
  generation: number;
  /** Query indices of the rows below: rowCount x u32. A row is one query of the job; padding is not stored. */
  queryIndices: Uint32Array;
  /** rowCount x outputSize */
  outputs: Float32Array;
  /** rowCount entries: index in ANSWER_MARKS */
  marks: Uint8Array;
  /** rowCount entries: index in `volunteers`, or 255 where no single volunteer answers for the row. */
  sources: Uint8Array;
  volunteers: string[];
  /** First delivery: argmax and mark of each row. */
  firstLabels: Int32Array;
  firstMarks: Uint8Array;
  /** Per worker index: the secret place permutation and groups, so that a redo after a restart meets the same rows. */
  plan: Uint8Array;
  firstMs: number | null;
  exactMs: number | null;
  estimatedAtFirst: number;
  redispatched: number;
}

/** Rows of a job that were written together, as their kind wrote them. A later append says more of its places than an earlier one. */
export interface AppendRecord {
  jobId: string;
  /** From 0, one more with each append of the job. */
  seq: number;
  body: Uint8Array;
}

/** Rows of a job that are certified together: what their kind says of them, and which they are. */
export interface BlockRecord {
  jobId: string;
  blockId: number;
  facts: Readonly<Record<string, unknown>>;
  /** null: all of the job. */
  places: Uint32Array | null;
}

/** Of a submitter, for one bound: what is booked on it, as sums over all of its jobs. */
export interface AccountRecord {
  /** Of whom, and for which bound. */
  accountKey: string;
  answerBound: number;
  /** Asked for. */
  places: number;
  /** Wrong answers: what another promise may use, what findings have charged, what open blocks hold. */
  routeOne: number;
  charged: number;
  held: number;
}

/** A wrong answer was found: when, in which job and round, and by what. */
export interface Quarantine {
  atMs: number;
  jobId: string;
  roundIndex: number;
  reason: string;
}

export interface StoredVolunteer {
  volunteerId: string;
  nickname: string;
  /** As its tabs last said; empty: none. */
  team: string;
  creditMacs: number;
  creditAssignments: number;
  auditsPassed: number;
  auditsFailed: number;
  /** [CC4] Rows of checked jobs that were taken in of it. */
  rowsTaken: number;
  /** [DV1] Whose device it is: the volunteer whose name its work counts for; null: nobody else's. */
  ownerId: string | null;
  /** [WC2] Jobs that were submitted until then are of its own choice; null: none is. */
  choseUntilMs: number | null;
  quarantine: Quarantine | null;
  /** The last time that an operator let it go, with what it had been quarantined for. null: never. */
  released: { atMs: number; reason: string; from: Quarantine } | null;
  /** [CE4] What of the counts above other coordinators on the same database have counted; absent: nothing. Not stored with it. */
  elsewhere?: VolunteerCounts;
}

/** What is counted of a volunteer: sums over all coordinators of a service. */
export type VolunteerCounts = Pick<
  StoredVolunteer,
  "creditMacs" | "creditAssignments" | "auditsPassed" | "auditsFailed" | "rowsTaken"
>;

/** [CC6] What the service saw of its crowd lately. */
export interface StoredCrowd {
  /** The oldest first. */
  readonly window: readonly WindowPart[];
  /** Rows that were taken in since a row that the coordinator drew itself was wrong. */
  readonly rowsSinceAlarm: number;
}

/** What one volunteer did for one inference job; for the receipt. Rows are rows of batches: one a query group. */
export interface StoredContribution {
  jobId: string;
  volunteerId: string;
  /** Results that stood for a worker index of a durable round, or were taken out again. */
  assignments: number;
  rows: number;
  /** Rows of it that the coordinator recomputed, and those of them that were wrong. */
  auditedRows: number;
  failedRows: number;
  /** Rows of it that the scheme itself outvoted, or that its error locator named. */
  rejectedRows: number;
  /** Results that were taken out because it was quarantined, and done again. */
  withdrawnAssignments: number;
  withdrawnRows: number;
  /** Audits that it had passed, in all jobs, when this one ended: bounds of an ended job stay what they were. null: it runs. */
  auditsPassedAtEnd: number | null;
  /** [CC6] Of a job that is cross-checked: rows of it that were drawn at random, computed by the coordinator and right. */
  trustedRows?: number;
  /** [CC9] Of a job that was cross-checked: the bound of its answers, as it was when the job ended. */
  boundAtEnd?: number;
}

/** [CE8] What one of several coordinators tells the others of itself. */
export interface CellLoad {
  /** Empty: no tab can be pointed to it. */
  readonly name: string;
  /** At work. */
  readonly jobs: number;
  /** Connected, not paused, and at home there. */
  readonly tabs: number;
  /** As much of the service's tabs it asks for; null: it is of a former version, and places no tabs. */
  readonly share: number | null;
}

/** What it tells with each renewal; the rest is for its operator alone. */
export interface CellBeat extends Omit<CellLoad, "name"> {
  readonly connected?: number;
  /** Tabs that may be sent work, busy or not, and volunteers that these are of. */
  readonly ready?: number;
  readonly volunteers?: number;
}

export interface StoredToken {
  tokenId: string;
  /** Lower-case hex. */
  tokenSha256: string;
  submitter: string;
  scopes: Scope[];
  createdMs: number;
  expiresMs: number | null;
  revokedMs: number | null;
  /** It is a link: it opens this job, to be read, and nothing else. null: whatever its submitter may. */
  jobId: string | null;
}

export interface StoredSheet {
  readonly sheetId: string;
  readonly name: string;
  /** A network, such as 203.0.113.0/24; null: any. */
  readonly prefix: string | null;
  readonly believed: boolean;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly watchKey: string;
}

export interface StoredSeat {
  readonly sheetId: string;
  /** From 1 on. */
  readonly number: number;
  readonly code: string;
  /** The first key that came with the code; null: none has. */
  readonly volunteerId: string | null;
  readonly takenMs: number | null;
  readonly revokedMs: number | null;
}

export interface StoredUpload {
  sha256: string;
  submitter: string;
  bytes: number;
  uploadedMs: number;
}

export type StoreRecord =
  | { kind: "job"; job: JobRecord }
  | { kind: "checkpoint"; checkpoint: CheckpointRecord }
  | { kind: "contribution"; contribution: StoredContribution }
  | { kind: "round"; round: StoredRound }
  | { kind: "piece"; piece: StoredPiece }
  | { kind: "append"; append: AppendRecord }
  | { kind: "block"; block: BlockRecord }
  /** news: of what the account says, that others have booked since `accounts` was asked. opens: refused where less would be free than nothing. */
  | { kind: "account"; account: AccountRecord; news?: AccountRecord | undefined; opens?: boolean }
  | { kind: "volunteer"; volunteer: StoredVolunteer }
  | { kind: "crowd"; crowd: StoredCrowd };

/** [CE10] A job that is shared out in parts, which are jobs of their own. Its state is theirs: it has none. */
export interface StoredWhole {
  readonly wholeId: string;
  readonly kind: string;
  readonly name: string;
  readonly submitter: string;
  readonly submittedMs: number;
  /** As it was taken. */
  readonly submission: Readonly<Record<string, unknown>>;
  /** In the order of their ranges. */
  readonly parts: readonly StoredPart[];
}

/** As it is found, with what of its state the rows of its parts say. */
export interface FoundWhole extends StoredWhole {
  /** So many of its parts have ended. */
  readonly partsEnded: number;
}

export interface StoredPart extends PartRange {
  readonly jobId: string;
}

/** What a job is listed by. */
export interface ListedJob
  extends Pick<JobRecord, "jobId" | "kind" | "state" | "submittedMs" | "finishedMs">,
    ListedEnd {
  readonly name: string;
  readonly submitter: string;
}

export interface StoredJobQuery {
  readonly states: readonly JobState[];
  /** In the names of job and submitter, or at the beginning of the id; A to Z in either case. Empty: whatever they are called. */
  readonly search: string;
  /** null: of all jobs, not of these alone. */
  readonly among: readonly string[] | null;
  readonly offset: number;
  readonly limit: number;
}

/** A blob as it lies on the disk. */
export interface BlobFile {
  readonly path: string;
  readonly bytes: number;
}

export interface Store {
  readonly receipts: ReceiptStore;
  apply(records: readonly StoreRecord[]): Promise<void>;
  putBlob(bytes: Uint8Array): Promise<string>;
  /** As putBlob, of what comes piece by piece and is never whole in memory. Where `chunks` throws nothing is kept, and it is thrown. */
  putBlobStream(chunks: AsyncIterable<Uint8Array>): Promise<string>;
  getBlob(sha256: string): Promise<Uint8Array | null>;
  /** Where it lies, for whoever reads parts of it; it is what its name says. null: it is not there, or not in a file. */
  blobFile(sha256: string): Promise<BlobFile | null>;
  /** null: it is not there. */
  blobBytes(sha256: string): Promise<number | null>;
  hasBlob(sha256: string): Promise<boolean>;
  /**
   * Deletes blobs that no record refers to, now and at the last collection, and that nobody has put, read or looked for in
   * between: an upload whose job is about to be written is safe from it, whatever happens.
   * @param alsoKept hashes of blobs that are kept though no record refers to them
   * @param endedBeforeMs jobs that ended earlier keep what their answers need, and no more: the pieces of streams go too
   */
  collectBlobs(alsoKept: ReadonlySet<string>, endedBeforeMs: number): Promise<{ blobs: number; bytes: number }>;
  /** Of every kind, in the order of their submission; parts too, and no wholes. */
  jobs(): Promise<JobRecord[]>;
  job(jobId: string): Promise<JobRecord | null>;
  /** Jobs of every kind, the latest first: what they are listed by, read without the rest of their records. [CE12] A whole is one, its parts are none. */
  jobList(query: StoredJobQuery): Promise<{ matching: number; jobs: ListedJob[] }>;
  /** Reads the record of a job and writes what becomes of it, in one transaction. @returns false: there is none, and none is made */
  changeJob(jobId: string, change: (record: JobRecord) => JobRecord): Promise<boolean>;
  /**
   * [CE10] [CE11] Writes a whole and all of its parts in one transaction, and deals some of the parts out to the coordinators that live; the others wait.
   * @returns the ids of those that are this one's
   */
  addWhole(whole: StoredWhole, parts: readonly JobRecord[]): Promise<string[]>;
  /** null: there is no such whole. */
  whole(wholeId: string): Promise<FoundWhole | null>;
  /** [CE13] Keeps what is signed of it, unless something was signed before. @returns what stands */
  signWhole(wholeId: string, statement: string): Promise<string>;
  /** null: nothing was signed yet. */
  signedWhole(wholeId: string): Promise<string | null>;
  /** [CE12] Its parts are deleted before. */
  deleteWhole(wholeId: string): Promise<void>;
  /** [JB8] Everything that is kept of one job, but for the blobs, which go when nothing else refers to them. Durable when it resolves. */
  deleteJob(jobId: string): Promise<void>;
  /** What was made durable last; null: nothing yet. */
  checkpoint(jobId: string): Promise<CheckpointRecord | null>;
  /** Rounds of one job in the order of their index. */
  rounds(jobId: string): Promise<StoredRound[]>;
  /** Of one stream, in the order of its queries. */
  pieces(jobId: string): Promise<StoredPiece[]>;
  /** Of one job, in the order in which they were written, some at a time. */
  appends(jobId: string): AsyncIterable<readonly AppendRecord[]>;
  /** Of one job, in the order of their numbers. */
  blocks(jobId: string): Promise<BlockRecord[]>;
  /** Of all submitters, in the order of their keys. They outlive the jobs that are booked on them. */
  accounts(): Promise<AccountRecord[]>;
  volunteers(): Promise<StoredVolunteer[]>;
  /** null: nothing was kept yet. */
  crowd(): Promise<StoredCrowd | null>;
  /** Of one job, in the order of the volunteers' ids. */
  contributions(jobId: string): Promise<StoredContribution[]>;
  close(): Promise<void>;
}

/** The store refused: disk full, read-only, corrupt. Nothing of the transaction was kept. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** A database could not be written to a file, or read from one: says to an operator why, and what to do. */
export class DumpError extends StoreError {}

/** [CK2] Others have booked so much on this account that a block cannot be opened, nor places leave it. Nothing was written. */
export class AccountTakenError extends StoreError {
  /** What others have booked since `accounts` was asked. */
  readonly news: AccountRecord;

  constructor(news: AccountRecord) {
    super(`store: expected room on the account ${news.accountKey}, others have booked it`);
    this.news = news;
  }
}

/** [CE2] Another coordinator has taken over what this one did: it held its lease too late. Nothing is written any more. */
export class LeaseLostError extends StoreError {}
