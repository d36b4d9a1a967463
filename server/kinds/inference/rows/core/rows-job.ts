/** An inference job on the ledger of rows, as the core keeps it: its block at work, which claims are out, and what waits for the shell. */

import { SCHEMES } from "../../../../../shared/coding/schemes/schemes.ts";
import type { CheckedBlock } from "../../../../checks/checked-rows.ts";
import type { CheckEffect, RowFinding, RowToRecompute } from "../../../../checks/checked-rows-words.ts";
import type { Account } from "../../../../checks/words.ts";
import { must } from "../../../../coordinator/assert.ts";
import type { Sending } from "../../../../coordinator/core-kind.ts";
import type { Assignment, CoordinatorState, Job } from "../../../../coordinator/state.ts";
import type { RowLedger } from "../../../../rows/ledger.ts";
import type { StoredContribution } from "../../../../store/store.ts";
import { planInference } from "../../core/inference-plan.ts";
import type { Failing, ModelJob } from "../../core/job.ts";
import type { Measured } from "../../core/measured.ts";
import { SecretDraws } from "../../core/secret-draws.ts";
import { INFERENCE } from "../../core/work.ts";
import type { StoredJob } from "../../records.ts";
import type { RecomputeRow, RestoredOnRows, RestoredRows, RowAttempt, RowClaim, StoredBlock } from "../work.ts";
import type { RowsAnswered } from "./answered-lately.ts";
import { type GroupsOfJob, newGroups } from "./group-state.ts";
import { newOpenRows, type OpenRows } from "./open-rows-state.ts";

export type RowAssignment = Assignment<RowClaim>;

/** A claim that is out at a tab, or whose answers wait for something. */
export interface ClaimOut {
  readonly claimId: number;
  readonly assignmentId: number;
  readonly sessionId: string;
  readonly volunteerId: string;
  /** Where in the payload each row stands. */
  readonly indexOf: ReadonlyMap<number, number>;
  /** Rows that its tab has not answered. */
  readonly unanswered: Set<number>;
  /** Rows that it answered, and of which the block has not said what they are: their bytes are held. */
  readonly held: Set<number>;
  /** Rows that its tab may leave out. */
  readonly notNeeded: Set<number>;
  /** Its tab knows that it owes so many rows at most, the first ones. */
  rowsOwed: number;
  /** Its credit counts as an assignment already. */
  isCounted: boolean;
}

/** What a device was taken for when it answered rows of the job. */
export interface Device {
  readonly measured: Measured;
  /** Was it looked at as one of float32? */
  readonly isFine: boolean;
}

/** [AS11] How often a row failed, at whom, and at which addresses. */
export interface FailedRow {
  failures: number;
  readonly by: Map<string, string | null>;
}

/** [PC5] A device had a known row wrong: more of its rows say whether all are, which is its fault, or some, which is a lie. */
export interface CloserLook {
  readonly volunteerId: string;
  readonly sessionId: string;
  readonly rows: readonly RowAttempt[];
  /** They are looked into together with what is found. */
  readonly findings: RowFinding[];
}

/** Rows in which volunteers differ, that are computed again before anybody is named. */
export interface RowsConfirmation {
  readonly findings: readonly RowFinding[];
}

/** Places that are final, and are still to be written so. */
export interface UnwrittenFinals {
  readonly places: readonly number[];
  /** Of the last places of a block; null: others of it follow. */
  readonly end: { readonly checkShare: number; readonly sampled: number } | null;
}

/**
 * Volunteers of whom a job has answers: stored rows and receipts have two bytes for an author, and for partners that answered nothing else. Tabs that
 * were sent rows before so many were there may still be more.
 */
export const AUTHORS_MAX = 50_000;

/** May the volunteer be one of the job's authors? */
export function mayBeAuthor({ contributions }: Pick<RowsJob, "contributions">, volunteerId: string): boolean {
  return contributions.size < AUTHORS_MAX || contributions.has(volunteerId);
}

export interface RowsJob extends Job, ModelJob {
  readonly kind: typeof INFERENCE;
  stored: StoredJob;
  /** Of a job to which rows are posted while it runs; null: all of them are there. */
  readonly stream: OpenRows | null;
  readonly failing: Failing;
  refusesHalf: boolean;
  /** null: of a job that has ended nobody draws any more. */
  readonly draws: SecretDraws | null;
  /** Who is asked for which row; null: it is not prepared. */
  ledger: RowLedger | null;
  /** Its block at work; null: it is not prepared, or nothing of it is to be asked any more. */
  checked: CheckedBlock | null;
  /** The latest of its blocks; null: none was opened, for nothing checks the job, or its account carries none. */
  block: StoredBlock | null;
  /** Those that were opened before it, the earliest first. */
  readonly blocksBefore: StoredBlock[];
  /** Its block has ended without a certificate; what becomes of its rows waits for verdicts on what was found. null: not so. */
  ending: { readonly isCharged: boolean; readonly mayAskAgain: boolean } | null;
  /** The block for which rows were computed that route 1 wants; null: none. */
  routeOneOf: number | null;
  /** What its blocks have certified, and is not durable yet; the first is being written. */
  readonly certificates: UnwrittenFinals[];
  /** What its block said, and nobody has carried out yet. */
  readonly said: CheckEffect[];
  isCarryingOut: boolean;
  /** The account as it was when a block was asked for that waits for reserves of others; null: none waits. */
  waitsOn: Account | null;
  /** The block that waits. */
  waitsFor: Pick<StoredBlock, "places" | "timesAsked"> | null;
  /** What a row takes the coordinator, ms; null: it has not measured that. */
  rowMs: number | null;
  /** May rows go out? Its block is durable. */
  isOpen: boolean;
  /** [CK11] The coordinator computes each of its rows, and tabs answer first, until then, ms; null: not so, or no longer. */
  tabsFirstUntilMs: number | null;
  /** Its charge is being written: what comes of the finding waits. */
  isCharging: boolean;
  readonly findingsWaiting: RowFinding[];
  /** By assignment: putOut, takeOff. */
  readonly claims: Map<number, ClaimOut>;
  /** Rows of `claims`, answered ones too. */
  rowsOut: number;
  readonly assignmentOf: Map<number, number>;
  /** Sessions that the ledger knows, by volunteer. */
  readonly joined: Map<string, Set<string>>;
  /** The turn of sending for which all that idle were entered: nobody becomes idle within one. */
  enteredFor: Sending["crowd"] | null;
  readonly devices: Map<string, Device>;
  /** [PC11] Volunteers that have answered on a graphics card. */
  readonly onCards: Set<string>;
  /** [PC5] Those of whom a row was the right answer of another row. */
  readonly saidAnothers: Set<string>;
  /** By effect: devices whose rows are looked at, for they had a known one wrong. */
  readonly lookingCloser: Map<number, CloserLook>;
  readonly confirmations: Map<number, RowsConfirmation>;
  /** Whose answers to known rows are looked at: the session, by effect. */
  readonly lookingAt: Map<number, string>;
  /** By place, who said something of it beside whose answer stands. */
  readonly saidBy: Map<number, readonly string[]>;
  /** [AS11] Places of which the coordinator has no numbers either. */
  readonly nonFinite: Set<number>;
  /** Rows that the coordinator is at, by effect. */
  readonly recomputing: Map<number, readonly RecomputeRow[]>;
  /** Words that are still to be held against answers, and since when the first of them waits, ms. */
  readonly toCompare: Extract<CheckEffect, { type: "compare" }>[];
  comparesSinceMs: number;
  /** Rows that its block asked for while the coordinator was at others. */
  readonly toRecompute: RowToRecompute[];
  /** [AS11] By place. */
  readonly failedAt: Map<number, FailedRow>;
  /** When rows had their answers lately, for the time that is left. */
  readonly answeredLately: RowsAnswered[];
  /** [AS11] Those that failed at enough, a list for each claim: the coordinator tries one after the other. */
  readonly toTry: (readonly number[])[];
  /** Of those so many were tried. */
  triedRows: number;
  /** Its last block has ended, and that is durable: nothing is asked again. */
  isThrough: boolean;
  /** It is called off, and the coins of its block are still to be answered. */
  isCancelled: boolean;
  readonly groups: GroupsOfJob;
  timer: { readonly timerId: number; readonly dueMs: number } | null;
  namings: number;
  readonly contributions: Map<string, StoredContribution>;
  readonly contributionsChanged: Set<string>;
  /** Of a job that goes on after a restart; null: it is new, or has gone on. */
  restored: RestoredRows | null;
}

export function rowsJobOf({ job: stored, contributions, onRows }: RestoredOnRows): RowsJob {
  const secretHex = stored.crossChecks?.secretHex ?? null;
  const job: RowsJob = {
    kind: INFERENCE,
    stored: { ...stored },
    stream: newOpenRows(stored, onRows?.blocks.at(-1)?.counted ?? 0),
    draws: secretHex === null ? null : new SecretDraws(secretHex, stored.jobId),
    turns: { served: 0 },
    sentWork: 0,
    unfit: new Set(),
    refusesHalf: false,
    failing: { sinceMs: null, by: new Map(), message: "", timerId: null, isPaused: false },
    ...{ ledger: null, checked: null, isOpen: false, isCharging: false, findingsWaiting: [] },
    block: onRows?.blocks.at(-1) ?? null,
    tabsFirstUntilMs: null,
    ...{
      claims: new Map(),
      rowsOut: 0,
      assignmentOf: new Map(),
      joined: new Map(),
      enteredFor: null,
      devices: new Map(),
    },
    ...{ onCards: new Set(), saidAnothers: new Set(), lookingCloser: new Map(), toTry: [], triedRows: 0 },
    ...{ toRecompute: [], toCompare: [], comparesSinceMs: 0 },
    ...{ confirmations: new Map(), recomputing: new Map(), failedAt: new Map(), answeredLately: [] },
    blocksBefore: onRows?.blocks.slice(0, -1) ?? [],
    groups: newGroups(planInference(stored)),
    ...{
      ending: null,
      routeOneOf: null,
      certificates: [],
      said: [],
      isCarryingOut: false,
      waitsOn: null,
      waitsFor: null,
      rowMs: null,
    },
    ...{ lookingAt: new Map(), saidBy: new Map(), nonFinite: new Set() },
    ...{ isThrough: false, isCancelled: false, timer: null, namings: 0 },
    contributions: new Map((contributions ?? []).map((one) => [one.volunteerId, { ...one }])),
    contributionsChanged: new Set(),
    restored: onRows ?? null,
  };
  return job;
}

export function isRowsJob(job: Job): job is RowsJob {
  return job.kind === INFERENCE;
}

export function rowsJob({ jobs }: Pick<CoordinatorState, "jobs">, jobId: string): RowsJob | undefined {
  const job = jobs.get(jobId);
  return job !== undefined && isRowsJob(job) ? job : undefined;
}

export function rowsJobs({ jobs }: Pick<CoordinatorState, "jobs">): RowsJob[] {
  return [...jobs.values()].filter(isRowsJob);
}

/** A claim is out from now on. */
export function putOut(job: RowsJob, claim: ClaimOut): void {
  job.assignmentOf.set(claim.claimId, claim.assignmentId);
  job.claims.set(claim.assignmentId, claim);
  job.rowsOut += claim.indexOf.size;
}

/** Nothing of it is held or waited for any more. */
export function takeOff(job: RowsJob, claim: ClaimOut): void {
  if (!job.claims.delete(claim.assignmentId)) return;
  job.assignmentOf.delete(claim.claimId);
  job.rowsOut -= claim.indexOf.size;
}

/** Are its rows checked? Else they are taken in as they come, and are never final. */
export function areRowsChecked({ stored }: Pick<RowsJob, "stored">): boolean {
  const { scheme, liars } = stored.submission;
  return stored.unchecked === null && SCHEMES[scheme].verificationOf(liars) === "audits";
}

/** Places from this one on whose answers are not final. */
export function openPlaces(ledger: RowLedger, from = 0): number[] {
  const places: number[] = [];
  for (let place = from; place < ledger.counts.rows; place++) if (ledger.stateOf(place) !== "final") places.push(place);
  return places;
}

/** These volunteers have said something of the row beside the answer that stands: it is held against what the coordinator computes. */
export function noteWords({ saidBy }: RowsJob, place: number, volunteerIds: readonly string[]): void {
  if (volunteerIds.length > 0) saidBy.set(place, [...new Set([...(saidBy.get(place) ?? []), ...volunteerIds])]);
}

/** Answers that are about to be taken out stay words of their authors. */
export function noteAuthors(job: RowsJob, places: Iterable<number>): void {
  for (const place of places) {
    const author = job.ledger?.authorOf(place) ?? null;
    if (author !== null) noteWords(job, place, [author]);
  }
}

/** [CC2] What the key of its coins draws. */
export function drawsOf({ draws, stored }: RowsJob): SecretDraws {
  return must(draws, `CC2: job ${stored.jobId}, which is at work, has a key for its coins`);
}
