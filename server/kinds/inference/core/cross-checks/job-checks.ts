/** What cross-checks keep of a job while it is at work: rows that wait for a second answer, and who was compared with whom. */
import type { BackendClass } from "../../../../../shared/verify/compare-rows.ts";
import { DuplicateQueues } from "../../../../../shared/verify/cross-checks/duplicate-queues.ts";
import type { Credits } from "../../../../coordinator/credits.ts";
import type { Ledger, StoredCrossChecks } from "../../records.ts";
import type { Measured } from "../measured.ts";
import type { BatchRow } from "../work.ts";
import { type DrawnRow, SecretDraws } from "./secret-draws.ts";

/** [CC14] The ledgers of a stream: rows are taken in one after the other. */
export interface StreamLedgers {
  /** In which rows are taken in now. */
  current: number;
  /** That were taken in since it began, however they are checked, without those that fill up a group. */
  rows: number;
  /** So many make it full, where nobody is named. */
  fullRows: number;
  /** They are audited: from the first on, or since somebody was named in it. */
  isAudited: boolean;
  wasNamed: boolean;
  /** When its time is over; null: it has no rows, or has to be full. */
  dueTimerId: number | null;
  /** Those before it that may be certified yet, the oldest first: rows of each that were drawn and computed. */
  readonly closed: Map<number, number>;
  /** Rounds with rows of a ledger, of those that may be certified yet. */
  readonly roundsOf: Map<number, Set<number>>;
  /** Something has happened since they were looked at. */
  mustLook: boolean;
}

/** A row whose coin says that somebody else answers it too, until somebody did. */
export interface PooledRow extends BatchRow, DrawnRow {
  /** Whose answer stands. */
  readonly author: string;
  readonly addressGroup: string | null;
  readonly precision: BackendClass;
  /** What was known of its author's tab; null: it was sent before a restart. */
  readonly measured: Measured | null;
  /** In whose queue it waits, or with which assignment it is out; null: nobody may have it now. */
  at: { readonly queueOf: string } | { readonly assignmentId: number } | null;
  /** How often a partner was drawn for it. */
  draws: number;
  /** [CC5] It waited until the crowd was established. */
  wasHeld: boolean;
  /** [CC12] Its answer's; null: its coin is asked for once more, and its window waits for no such coins. */
  readonly window: number | null;
}

export interface CheckCounts {
  /** t: rows drawn at random that the coordinator computed and found right. */
  trusted: number;
  /** Rows under coins that were taken in of it. */
  rows: number;
  /** x_p: rows that were compared with partner p, and agreed. */
  readonly partners: Map<string, number>;
}

export interface JobChecks {
  readonly draws: SecretDraws;
  /** By place. */
  readonly pool: Map<number, PooledRow>;
  readonly queues: DuplicateQueues<string>;
  /** [CC5] Places of rows whose partner is drawn once the crowd is established, the oldest first. */
  readonly held: Set<number>;
  /** [CC7] No partner is drawn before; 0: the job began when all tabs could be there. */
  drawsFromMs: number;
  /** [CC5] They are drawn whoever is established: every row of the job is out, or it is a stream. */
  drawsAnyway: boolean;
  /** [CC5] Every round was durable at some time: nobody is left whose device is being measured by rows of the job. */
  wereAllIn: boolean;
  /** By volunteer, whoever has or had rows under coins here. */
  readonly counts: Map<string, CheckCounts>;
  /** [CC4] h of a volunteer that is checked more than the job began with. */
  readonly raised: Map<string, number>;
  /** Rows under coins that were taken in, done again or not. */
  rowsTaken: number;
  /** Of these, those before this run of the coordinator, or before its tabs could be back. */
  begunAtRow: number;
  /** Lies that a partner had covered, and volunteers named because a partner differed, in this job. */
  covered: number;
  caught: number;
  /** Whose answer came last: it is not drawn as the next partner of a row that loses its own. */
  lastAsked: string | null;
  /** Effective checks of the whole job so far, and at its latest naming; null: nobody was named. */
  checksSeen: number;
  checksAtLatestNaming: number | null;
  /** Shares are raised where volunteers need it; they are looked at when so many rows have been taken. */
  isRaised: boolean;
  nextLookAt: number;
  /** [CC12] The window in which the ledgers are looked at next. */
  nextWindow: number;
  /** [CC12] As it is durable: nobody is told of more. */
  ledgersDurable: readonly Ledger[];
  /** Results since the pool was last looked through, and whether somebody came, went or was named since. */
  sinceSweep: number;
  mustSweep: boolean;
  /** [CC8] What the coordinator computes at the end, by effect; null: nothing. */
  closing: {
    readonly effectId: number;
    readonly rows: readonly PooledRow[];
    /** [CC14] They are a sample of this ledger: so many were asked for. Absent: of all rows, or no sample. */
    readonly sampleOf?: { readonly ledger: number; readonly asked: number };
  } | null;
  /** [CC8] Rows were drawn from all that stand to complete the certificate: once. */
  hasSampled: boolean;
  /** [CC4] Batches of duplicates alone that are out, or being checked. */
  readonly batchesOut: Set<number>;
  /** For what was done in them: booked with the job's end. */
  readonly credits: Credits;
  /** Duplicates that went out, in whatever batch. */
  duplicatesSent: number;
  /** [CC8] How often volunteers above the bound were looked at, at the end. */
  looksAtEnd: number;
  /** [CC8] Rows that were taken out because their volunteer stays above the bound. */
  rowsReplaced: number;
  /** [CC8] Volunteers within the bound, who do the rows of others again at the end; null: not so far yet. */
  within: ReadonlySet<string> | null;
  /** [CC14] null: it is no stream. */
  readonly stream: StreamLedgers | null;
}

/** @returns null: it is not cross-checked, or has ended, and nothing of it is drawn any more */
export function newChecks(stored: StoredCrossChecks | null, jobId: string, isStream: boolean): JobChecks | null {
  const secretHex = stored?.secretHex ?? null;
  if (secretHex === null) return null;
  return {
    draws: new SecretDraws(secretHex, jobId),
    pool: new Map(),
    queues: new DuplicateQueues(),
    held: new Set(),
    drawsFromMs: 0,
    // [CC14] Of a stream's volunteers most may idle: it does not wait for them.
    drawsAnyway: isStream,
    wereAllIn: false,
    counts: new Map(),
    raised: new Map(),
    rowsTaken: 0,
    begunAtRow: 0,
    covered: 0,
    caught: 0,
    lastAsked: null,
    checksSeen: 0,
    checksAtLatestNaming: null,
    isRaised: false,
    nextLookAt: 0,
    nextWindow: 1,
    ledgersDurable: stored?.ledgers ?? [],
    sinceSweep: 0,
    mustSweep: false,
    closing: null,
    hasSampled: false,
    batchesOut: new Set(),
    credits: new Map(),
    duplicatesSent: 0,
    looksAtEnd: 0,
    rowsReplaced: 0,
    within: null,
    stream: isStream ? newLedgers() : null,
  };
}

function newLedgers(): StreamLedgers {
  return {
    ...{ current: 0, rows: 0, fullRows: Number.POSITIVE_INFINITY, isAudited: false, wasNamed: false },
    ...{ dueTimerId: null, closed: new Map(), roundsOf: new Map(), mustLook: false },
  };
}

export function countsOf({ counts }: JobChecks, volunteerId: string): CheckCounts {
  const found = counts.get(volunteerId) ?? { trusted: 0, rows: 0, partners: new Map() };
  counts.set(volunteerId, found);
  return found;
}
