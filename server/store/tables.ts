/** The tables as the store reads and writes them: columns have the names of the records' fields, in snake case (migrations.ts). */
import type { BanView } from "../../shared/protocol/bans-api.ts";
import type { IntakeView } from "../../shared/protocol/house-api.ts";
import type { ListedEnd } from "./job-ends-migration.ts";
import type {
  AccountRecord,
  AppendRecord,
  JobRecord,
  StoredRound,
  StoredSeat,
  StoredSheet,
  StoredToken,
  StoredUpload,
  StoredVolunteer,
  StoredWhole,
  VolunteerCounts,
} from "./store.ts";

export interface Tables {
  /** With the two that it is found by, out of its submission, how it ended, and the whole that it is a part of; empty: it is none. */
  jobs: RowOf<JobRecord> & { name: string; submitter: string; wholeId: string } & ListedEnd;
  /** With what was signed of it. */
  wholes: RowOf<StoredWhole> & { statementJson: string | null };
  checkpoints: { jobId: string; factsJson: string };
  /** Float64 in little-endian order. */
  checkpointArrays: { jobId: string; name: string; arrayValues: Uint8Array };
  rounds: RowOf<StoredRound>;
  /** dtype: name of a typed array. */
  pieces: { jobId: string; firstQuery: number; queryCount: number; dtype: string; queryValues: Uint8Array };
  rowAppends: RowOf<AppendRecord>;
  /** With its places as bytes; null: all of the job. */
  rowBlocks: { jobId: string; blockId: number; factsJson: string; places: Uint8Array | null };
  /** What one life of a coordinator has booked; 0: an embedded one, and lives that are over. */
  accounts: AccountRecord & { epoch: number };
  volunteers: RowOf<Omit<StoredVolunteer, "elsewhere">>;
  /** One row, its place 0. */
  crowd: { place: number; crowdJson: string };
  /** The counts as JSON: nothing of them is looked for but by job and volunteer. */
  contributions: { jobId: string; volunteerId: string; contributionJson: string };
  /** Scopes joined by commas. */
  accessTokens: Omit<StoredToken, "scopes"> & { scopes: string };
  jobOwners: { jobId: string; submitter: string };
  uploads: StoredUpload;
  /** [CE15] What is on its way, of a life of a coordinator. */
  reservations: { reservationId: string; submitter: string; what: string; amount: number; epoch: number };
  bans: RowOf<BanView>;
  /** believed: 0 or 1. */
  seatSheets: Omit<StoredSheet, "believed"> & { believed: number };
  seats: StoredSeat;
  /** One row, its place 0. */
  intake: IntakeView & { place: number };
  receiptStatements: { jobId: string; seq: number; statementJson: string; filesJson: string };
  /** Public parts alone. */
  receiptKeys: { place: number; publicKey: string; linkJson: string };
  /** [CE1] Coordinators on this database; times are the database's. Empty where it is embedded, as are the five below. */
  cells: {
    epoch: number;
    place: string;
    address: string;
    untilMs: number;
    /** Empty: tabs cannot be pointed to it. */
    name: string;
    /** [CE8] What it has at work, and tabs for it. */
    jobs: number;
    tabs: number;
    /** null: of a former version. */
    share: number | null;
    /** [CE3] It has renewed its lease in time since then; null: of a former version. */
    steadyMs: number | null;
    /** [CE16] For its operator: what it is called, its version, since when it is there, and its crowd. */
    label: string;
    version: string | null;
    startedMs: number | null;
    connected: number;
    ready: number;
    volunteers: number;
  };
  /** [CE16] Those that went, by what they are called. */
  cellsGone: { label: string; heardMs: number; atMs: number; how: string; takenBy: string | null };
  /** One row, its place 0: the last epoch that was given, and the key by which homes of tabs are drawn. */
  cellEpochs: { place: number; last: number; placingKey: string | null };
  jobLeases: { jobId: string; epoch: number };
  /** What one life of a coordinator has counted; the row of the volunteer has what lives that are over counted. */
  volunteerShares: VolunteerCounts & { volunteerId: string; epoch: number; changedMs: number };
  listVersions: { list: string; version: number };
}

type Plain = string | number | null;
export type TypedArray = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/**
 * A record as a row: typed arrays as their bytes, in little-endian order; other objects as JSON, under a name that says so.
 * A database refuses a field that has no column: it wants a migration.
 */
export type RowOf<R> = {
  -readonly [Name in keyof R & string as R[Name] extends Plain | TypedArray
    ? Name
    : `${Name}Json`]: R[Name] extends Plain
    ? R[Name]
    : R[Name] extends TypedArray
      ? Uint8Array
      : null extends R[Name]
        ? string | null
        : string;
};
