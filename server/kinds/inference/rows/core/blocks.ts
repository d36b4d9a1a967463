/** Blocks of a job: opened when its data is there, certified when all of their coins are answered, asked again where they had a finding. */

import { CheckedBlock } from "../../../../checks/checked-rows.ts";
import type { CheckEffect } from "../../../../checks/checked-rows-words.ts";
import { ALONE_MS_MAX, settleRefused } from "../../../../checks/small-blocks.ts";
import type { BlockTerms, Refusal } from "../../../../checks/words.ts";
import { must } from "../../../../coordinator/assert.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { mayEnd } from "../../../../coordinator/jobs.ts";
import { persistOwn, persistTaking } from "../../../../coordinator/persistence.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import { RowLedger } from "../../../../rows/ledger.ts";
import type { RestoredRow } from "../../../../rows/words.ts";
import { planInference } from "../../core/inference-plan.ts";
import { COORDINATOR } from "../../core/job.ts";
import type { RestoredRows, RowAttempt, RowsPurpose, StoredBlock } from "../work.ts";
import {
  accountOf,
  accountRecords,
  countAgain,
  giveReserveBack,
  keyOf,
  leaveUnansweredPlaces,
  openNextBlock,
  takeOpeningBack,
} from "./accounts.ts";
import { groupRuleOf } from "./group-rules.ts";
import { blocksOpened } from "./job-blocks.ts";
import { rowsJobRecord } from "./job-record.ts";
import { CrowdPartners } from "./partners.ts";
import { rowsMaxLeft, rowsMaxOf } from "./price-cap.ts";
import { askToRecompute } from "./recompute.ts";
import { coinsThatAsk } from "./restarted.ts";
import { settleByRouteOne } from "./route-one.ts";
import { areRowsChecked, drawsOf, noteAuthors, noteWords, type RowsJob } from "./rows-job.ts";

type EffectOf<T extends CheckEffect["type"]> = Extract<CheckEffect, { type: T }>;

/** Multiply-adds a millisecond that it is taken to compute as long as it has measured nothing of a model. */
export const OWN_MACS_PER_MS = 1e6;
/** Rows that it is asked for at once. */
const OWN_ROWS_AT_ONCE = 64;
/** Attempts of one run: a row is not taken out more often. */
const ATTEMPTS_OF_RUN = 16;

/**
 * Its data is there: its rows are entered in a ledger, with what was durable of them, and its first block is opened, or the one that was open goes on.
 * @param rowMs what a row takes the coordinator; null: it has not measured that
 */
export function beginRows(step: Step, job: RowsJob, rowMs: number | null): void {
  const { restored, stored } = job;
  const rows = restored?.rows ?? [];
  job.ledger = new RowLedger({
    rowCount: stored.queryCount,
    rule: groupRuleOf(planInference(stored)),
    orderKey: drawsOf(job).key("order"),
    answered: answeredOf(rows, job.groups.way === "beside"),
    firstAttempt: ATTEMPTS_OF_RUN * (stored.crossChecks?.run ?? 0),
  });
  job.block = restored?.blocks.at(-1) ?? null;
  job.blocksBefore.push(...(restored?.blocks.slice(0, -1) ?? []));
  job.rowMs = rowMs;
  const { block } = job;
  if (!areRowsChecked(job)) return startBlock(step, job, null);
  if (stored.refusal !== undefined) return goWithout(step, job, stored.refusal, block?.places ?? "all");
  if (block === null) return openBlockOf(step, job, "all", 0);
  if (block.certificate === null) return startBlock(step, job, block.block.terms);
  job.isThrough = true;
}

/**
 * One after the other: of a long job there are many.
 * @param isPlain its rows go out as they are: an estimate is no answer of the row's own
 */
function* answeredOf(rows: RestoredRows["rows"], isPlain: boolean): Generator<RestoredRow, undefined> {
  for (const { place, attempt, author, mark, isFinal } of rows) {
    if (author === null || (isPlain && mark === "estimated")) continue;
    const isExact = mark === "exact" || mark === "non-finite";
    const isOwn = author === COORDINATOR || mark === "exact";
    yield { place, attempt, author: isOwn ? null : author, isFinal: isFinal || isExact };
  }
}

/** @param places of the job, or those that an earlier block left unsettled */
function openBlockOf(step: Step, job: RowsJob, places: StoredBlock["places"], timesAsked: number): void {
  const refused = openNextBlock(step, job, places, timesAsked);
  if (refused !== null) return isRefused(step, job, refused, places);
  if (job.waitsOn === null) return writeOpening(step, job);
  job.waitsFor = { places, timesAsked };
}

/** Another block of the account has ended, or begun: one that waits is asked for again. */
export function lookAtAccount(step: Step, job: RowsJob): void {
  const { waitsOn, waitsFor } = job;
  if (waitsOn === null || waitsFor === null || accountOf(step.state, job) === waitsOn) return;
  job.waitsFor = null;
  openBlockOf(step, job, waitsFor.places, waitsFor.timesAsked);
}

/** [PS1] The terms, the reserve and the places are durable before the first row goes out. */
function writeOpening(step: Step, job: RowsJob): void {
  const { blockId, places, timesAsked } = must(job.block, "PS1: a block that is opened");
  const opened: RowsPurpose = { type: "blockOpened", blockId, places, timesAsked };
  persistTaking(step, job, opened, accountRecords(step, job, true), keyOf(job));
}

/** [CK2] Another coordinator has booked what it was to take of the account: it is asked for again, as the account is now. */
export function takingRefused(step: Step, job: RowsJob, purpose: RowsPurpose): void {
  if (purpose.type === "blockOpened") {
    takeOpeningBack(step, job);
    if (mayEnd(job)) openBlockOf(step, job, purpose.places, purpose.timesAsked);
  } else if (purpose.type === "blockEnded") {
    countAgain(step, job, purpose.left);
    writeEnd(step, job, purpose.left);
  }
}

/** @param rows that nobody had answered when the job was called off: these no longer count, as far as nothing stands on them */
function writeEnd(step: Step, job: RowsJob, rows: number): void {
  const blockId = job.block?.blockId ?? 0;
  const left = rows === 0 ? 0 : leaveUnansweredPlaces(step, job, rows);
  const ended: RowsPurpose = { type: "blockEnded", blockId, left };
  if (left === 0) return persistOwn(step, job, ended, accountRecords(step, job));
  persistTaking(step, job, ended, accountRecords(step, job, true), keyOf(job));
}

export function blockOpened(step: Step, job: RowsJob, blockId: number): void {
  const { block, checked } = job;
  if (block === null || block.blockId !== blockId) return;
  const { terms } = block.block;
  if (checked === null) return startBlock(step, job, terms);
  const places = block.places === "all" ? [] : block.places;
  noteAuthors(job, places);
  job.said.push(...checked.askAgain(terms, places, step.nowMs));
}

/** @param terms null: nothing is checked, and nothing certified */
function startBlock(step: Step, job: RowsJob, terms: BlockTerms | null): void {
  const { ledger, block, restored, stored } = job;
  if (ledger === null) return;
  const draws = drawsOf(job);
  const run = stored.crossChecks?.run ?? 0;
  const coinOf = (place: number, attempt: number) => draws.coin({ place, attempt });
  const openCoins = coinsThatAsk(restored?.openCoins ?? [], terms, coinOf);
  const checked = new CheckedBlock({
    ...{ ledger, terms, coinOf },
    partners: new CrowdPartners(step.state, job, draws.source(`partners ${run}`)),
    random: draws.source(`block ${run}`),
    stored: {
      vouched: vouchedOf(restored?.rows ?? []),
      openCoins,
      doubtful: doubtfulOf(restored?.rows ?? []),
      isCharged: block?.block.state === "charged",
      timesAsked: block?.timesAsked ?? 0,
    },
  });
  for (const { place, partner } of vouchedOf(restored?.rows ?? [])) noteWords(job, place, [partner]);
  for (const { place, author } of openCoins) noteWords(job, place, [author]);
  job.checked = checked;
  job.isOpen = true;
  job.restored = null;
  job.said.push(...checked.begin(step.nowMs));
  const authors = new Set<string | null>();
  for (const { author } of restored?.rows ?? []) authors.add(author);
  nameLiars(step, job, authors);
}

/** [PC1] Places whose answers are in doubt. */
function* doubtfulOf(rows: RestoredRows["rows"]): Generator<number, undefined> {
  for (const { place, isDoubtful } of rows) if (isDoubtful === true) yield place;
}

/** Coins that volunteers answered. */
function* vouchedOf(rows: RestoredRows["rows"]): Generator<RowAttempt & { readonly partner: string }, undefined> {
  for (const { place, attempt, partner } of rows)
    if (partner !== undefined && partner !== COORDINATOR) yield { place, attempt, partner };
}

/** [VF14] Its rows go out as before, and nothing is made of what they say. Sessions come anew. */
export function goOnWithoutChecks(step: Step, job: RowsJob): void {
  const { ledger } = job;
  if (ledger === null) return;
  for (const sessionIds of job.joined.values()) for (const sessionId of sessionIds) ledger.leave(sessionId, step.nowMs);
  job.joined.clear();
  for (const waiting of [job.findingsWaiting, job.toRecompute, job.toCompare]) waiting.splice(0);
  job.ending = null;
  startBlock(step, job, null);
}

/** [RS3] Who was named while the coordinator was away, or just before it was killed: nothing of that one stands. */
function nameLiars(step: Step, job: RowsJob, authors: ReadonlySet<string | null>): void {
  for (const author of authors) {
    if (author === null || author === COORDINATOR || !isQuarantined(step.state, author)) continue;
    noteAuthors(job, job.ledger?.standingOf(author) ?? []);
    job.said.push(...(job.checked?.name(author, step.nowMs) ?? []));
  }
}

/** The account carries no block of so many rows. */
function isRefused(step: Step, job: RowsJob, refused: Refusal, places: StoredBlock["places"]): void {
  job.stored.refusal = refused;
  persistOwn<RowsPurpose>(step, job, { type: "refused" }, [rowsJobRecord(job)]);
  goWithout(step, job, refused, places);
}

/** The coordinator computes the rows itself where that is soon done, else they go out unchecked. */
function goWithout(step: Step, job: RowsJob, refused: Refusal, places: StoredBlock["places"]): void {
  const { queryCount } = job.stored;
  const rows = places === "all" ? Array.from({ length: queryCount }, (_, place) => place) : places;
  const { by } = settleRefused(refused, rows.length, rowMsOf(job), capOf(step, job));
  if (job.checked === null) startBlock(step, job, null);
  else if (by === "nobody") goOnWithoutChecks(step, job);
  if (by === "nobody") return;
  job.isOpen = false;
  computeAlone(step, job, rows);
}

function rowMsOf({ rowMs, stored }: RowsJob): number {
  return rowMs ?? stored.macsPerQuery / OWN_MACS_PER_MS;
}

/** Rows that the coordinator may still compute of it; null: as many as it likes. */
function capOf({ state }: Step, job: RowsJob): number | null {
  const { submission, queryCount } = job.stored;
  return rowsMaxLeft(rowsMaxOf(submission, queryCount, state.settings), blocksOpened(job));
}

function isSoonComputed(step: Step, job: RowsJob, rows: number): boolean {
  return rows * rowMsOf(job) <= ALONE_MS_MAX && rows <= (capOf(step, job) ?? rows);
}

function computeAlone(step: Step, job: RowsJob, places: readonly number[]): void {
  const { ledger } = job;
  const open = places.filter((place) => ledger?.stateOf(place) !== "final");
  for (let from = 0; from < open.length; from += OWN_ROWS_AT_ONCE)
    askToRecompute(step, job, open.slice(from, from + OWN_ROWS_AT_ONCE), "own");
}

/** Its block has ended. What was found in it is looked into before anything is made of that. */
export function blockNotCertified(job: RowsJob, { isCharged, mayAskAgain }: EffectOf<"notCertified">): void {
  job.ending = { isCharged, mayAskAgain };
}

/** What has no bound is asked again of those who are left, at most twice; or it stays as it is, and is not final. */
export function goOnAfterBlock(step: Step, job: RowsJob): void {
  const { block, ledger, ending } = job;
  if (ending === null || ledger === null || isJudging(job)) return;
  if (ending.isCharged && !job.isCancelled && job.stored.unchecked === null && settleByRouteOne(step, job)) return;
  job.ending = null;
  // One that has its certificate keeps it: what was asked again since, for somebody was named, is not checked.
  const isCertified = block !== null && block.certificate !== null;
  if (block === null || isCertified || job.stored.refusal !== undefined || job.stored.unchecked !== null) {
    job.isThrough = true;
    return;
  }
  const { isCharged, mayAskAgain } = ending;
  if (!isCharged) giveReserveBack(step, job, null);
  const { rows, answered } = ledger.counts;
  const isLeft = job.isCancelled && !isCharged && block.places === "all";
  const unsettled = openPlaces(ledger);
  if (mayAskAgain && !job.isCancelled && unsettled.length > 0)
    return openBlockOf(step, job, unsettled, block.timesAsked + 1);
  writeEnd(step, job, isLeft ? rows - answered : 0);
}

/** Those that are not final. */
function openPlaces(ledger: RowLedger): number[] {
  const places: number[] = [];
  for (let place = 0; place < ledger.counts.rows; place++) if (ledger.stateOf(place) !== "final") places.push(place);
  return places;
}

/** Does anything wait for a verdict? */
function isJudging({ isCharging, confirmations, findingsWaiting, lookingCloser }: RowsJob): boolean {
  return isCharging || lookingCloser.size > 0 || confirmations.size > 0 || findingsWaiting.length > 0;
}

/** [VF4] Its last block had ended when somebody was named: rows of that one are computed here, or asked again of others, and not checked. */
export function answerLeftOut(step: Step, job: RowsJob): void {
  const { ledger, isThrough, isCancelled, recomputing, claims } = job;
  if (!isThrough || isCancelled || ledger === null || ledger.isDone || isJudging(job)) return;
  if (recomputing.size > 0 || claims.size > 0) return;
  const left = openPlaces(ledger).filter((place) => ledger.stateOf(place) !== "answered");
  job.isThrough = false;
  if (isSoonComputed(step, job, left.length)) computeAlone(step, job, left);
  else goOnWithoutChecks(step, job);
}

/** The end of its last block is durable. */
export function blockEnded(job: RowsJob, blockId: number): void {
  if (job.block?.blockId === blockId) job.isThrough = true;
}

/** Does nothing of it wait any more: no row, no claim, no coin, no finding, nothing that the coordinator computes? */
export function isDone(job: RowsJob): boolean {
  const { ledger, claims, recomputing, ending, isThrough, isCancelled, block, certificates, groups } = job;
  if (block?.block.state === "open" || certificates.length > 0 || groups.decoding.size > 0) return false;
  if (ledger === null || claims.size > 0 || recomputing.size > 0 || ending !== null || isJudging(job)) return false;
  const { rows, final } = ledger.counts;
  return final === rows || (isThrough && (ledger.isDone || isCancelled));
}
