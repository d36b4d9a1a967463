/** Blocks of a job: opened when its data is there, certified when all of their coins are answered, asked again where they had a finding. */

import type { CheckEffect } from "../../../../checks/checked-rows-words.ts";
import { ALONE_MS_MAX, settleRefused } from "../../../../checks/small-blocks.ts";
import type { Refusal } from "../../../../checks/words.ts";
import { must } from "../../../../coordinator/assert.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { mayEnd } from "../../../../coordinator/jobs.ts";
import { persistOwn, persistTaking } from "../../../../coordinator/persistence.ts";
import { crowdOf } from "../../../../coordinator/ranking.ts";
import { RowLedger } from "../../../../rows/ledger.ts";
import type { RestoredRow } from "../../../../rows/words.ts";
import { planInference } from "../../core/inference-plan.ts";
import { COORDINATOR } from "../../core/job.ts";
import { fitCrowd } from "../../core/model-classes.ts";
import type { RestoredRows, RowsOutcome, RowsPurpose, StoredBlock } from "../work.ts";
import {
  accountOf,
  accountRecords,
  closeUnasked,
  countAgain,
  giveReserveBack,
  keyOf,
  leavePlaces,
  openNextBlock,
  takeOpeningBack,
  unansweredOf,
} from "./accounts.ts";
import { rowsOfClaimMax } from "./claim-rows.ts";
import { groupRuleOf } from "./group-rules.ts";
import { blocksOpened } from "./job-blocks.ts";
import { rowsJobRecord } from "./job-record.ts";
import { beginOpenRows, mayHaveMoreRows } from "./open-rows.ts";
import { askForWindow } from "./open-windows.ts";
import { rowsMaxLeft, rowsMaxOf } from "./price-cap.ts";
import { askToRecompute } from "./recompute.ts";
import { settleByRouteOne } from "./route-one.ts";
import { rowMsOf } from "./row-ms.ts";
import { areRowsChecked, drawsOf, noteAuthors, openPlaces, type RowsJob } from "./rows-job.ts";
import { startBlock } from "./start-block.ts";

type EffectOf<T extends CheckEffect["type"]> = Extract<CheckEffect, { type: T }>;

/** Rows that it is asked for at once. */
const OWN_ROWS_AT_ONCE = 64;
/** For so long tabs that are ready have the rows of a job that it computes itself: a claim's time (RW2). */
const TABS_FIRST_MS = 3_000;
/** Attempts of one run: a row is not taken out more often. */
const ATTEMPTS_OF_RUN = 16;

type Prepared = Pick<Extract<RowsOutcome, { type: "rowsPrepared" }>, "rowMs" | "order">;

/**
 * Its data is there: its rows are entered in a ledger, with what was durable of them, and its first block is opened, or the one that was open goes on.
 */
export function beginRows(step: Step, job: RowsJob, { rowMs, order }: Prepared): void {
  const { restored, stored } = job;
  const rows = restored?.rows ?? [];
  job.ledger = new RowLedger({
    rowCount: stored.queryCount,
    rule: groupRuleOf(planInference(stored)),
    sizes: { rowsMax: rowsOfClaimMax(stored) },
    isOpen: mayHaveMoreRows(job),
    // The order of an open job is time.
    orderKey: job.stream === null ? drawsOf(job).key("order") : null,
    order: job.stream === null ? order : null,
    answered: answeredOf(job, rows),
    firstAttempt: ATTEMPTS_OF_RUN * (stored.crossChecks?.run ?? 0),
  });
  job.rowMs = rowMs;
  const { block } = job;
  beginOpenRows(step, job);
  if (!areRowsChecked(job)) return startBlock(step, job, null);
  const isRefused = stored.refusal !== undefined;
  // The first block of an open job begins with its first row.
  if (job.stream !== null && (isRefused || block === null)) return isRefused ? startBlock(step, job, null) : undefined;
  if (stored.refusal !== undefined) return goWithout(step, job, stored.refusal, block?.places ?? "all");
  if (block === null) return openBlockOf(step, job, "all", 0);
  if (block.certificate === null) return startBlock(step, job, block.oldest ?? block.block.terms);
  job.isThrough = true;
}

/** One after the other: of a long job there are many. Where rows go out as they are, and end so, an estimate is no answer. */
function* answeredOf({ groups }: RowsJob, rows: RestoredRows["rows"]): Generator<RestoredRow, undefined> {
  for (const { place, attempt, author, mark, isFinal } of rows) {
    const isEstimate = mark === "estimated";
    if (author === null || (isEstimate && groups.way === "beside" && !groups.estimatesStay)) continue;
    if (isEstimate) groups.estimated.add(place);
    const isExact = mark === "exact" || mark === "non-finite";
    const isOwn = isEstimate || author === COORDINATOR || mark === "exact";
    // Of an estimate, and of what a majority said, nobody is the author.
    const isByCode = isOwn && !isExact;
    yield { place, attempt, author: isOwn ? null : author, isFinal: !isEstimate && (isFinal || isExact), isByCode };
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

/** No block of it is asked for any more. */
export function waitsNoMore(job: RowsJob): void {
  Object.assign(job, { waitsOn: null, waitsFor: null });
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
    if (job.isCancelled || job.stored.unchecked !== null) job.isThrough = true;
    else if (mayEnd(job)) openBlockOf(step, job, purpose.places, purpose.timesAsked);
  } else if (purpose.type === "blockEnded" || purpose.type === "placesLeft") {
    countAgain(step, job, purpose.left);
    leavePlaces(step, job, purpose.type, purpose.left);
  }
}

export function blockOpened(step: Step, job: RowsJob, blockId: number): void {
  const { block, checked } = job;
  // One that goes on unchecked was charged meanwhile.
  if (block === null || block.blockId !== blockId || block.block.state !== "open" || !mayEnd(job)) return;
  if (job.isCancelled) return closeUnasked(step, job);
  const { terms } = block.block;
  if (checked === null) return startBlock(step, job, terms);
  const places = block.places === "all" ? [] : block.places;
  noteAuthors(job, places);
  job.said.push(...checked.askAgain(terms, places, step.nowMs));
}

/** [VF14] Its rows go out as before, and nothing is made of what they say. Sessions come anew. */
export function goOnWithoutChecks(step: Step, job: RowsJob): void {
  const { ledger, checked } = job;
  if (ledger === null) return;
  job.tabsFirstUntilMs = null;
  job.joined.clear();
  for (const waiting of [job.findingsWaiting, job.toRecompute, job.toCompare]) waiting.splice(0);
  job.ending = null;
  if (checked === null) return startBlock(step, job, null);
  job.isOpen = true;
  job.said.push(...checked.goOnWithoutChecks(step.nowMs));
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
  const isFirst = job.checked === null;
  if (isFirst) startBlock(step, job, null);
  else if (by === "nobody") goOnWithoutChecks(step, job);
  if (by === "nobody") return;
  const { nowMs, state } = step;
  job.isOpen = isFirst && fitCrowd(state, job, crowdOf(state)).volunteersReady > 0;
  if (job.isOpen) job.tabsFirstUntilMs = nowMs + TABS_FIRST_MS;
  else computeAlone(step, job, rows);
}

/** [CK11] Tabs had their time: what they have not answered by then the coordinator computes without them. */
export function computeRest(step: Step, job: RowsJob): void {
  const { ledger, recomputing, tabsFirstUntilMs } = job;
  if (ledger === null || tabsFirstUntilMs === null || step.nowMs < tabsFirstUntilMs) return;
  job.tabsFirstUntilMs = null;
  job.isOpen = false;
  const asked = new Set([...recomputing.values()].flatMap((rows) => rows.map(({ place }) => place)));
  computeAlone(
    step,
    job,
    openPlaces(ledger).filter((place) => ledger.stateOf(place) !== "answered" && !asked.has(place)),
  );
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
  if (job.stream !== null && isCharged && !job.isCancelled) {
    const open = openPlaces(ledger);
    const isOfVolunteer = (place: number) => ledger.stateOf(place) === "answered" && ledger.authorOf(place) !== null;
    if (open.length > 0)
      return mayAskAgain
        ? askForWindow(step, job, open.filter(isOfVolunteer), block.timesAsked + 1)
        : askForWindow(step, job, [], 0);
    // All of it is final. What comes has a block of its own.
    if (mayHaveMoreRows(job)) return;
  }
  const unsettled = openPlaces(ledger);
  if (mayAskAgain && !job.isCancelled && unsettled.length > 0)
    return openBlockOf(step, job, unsettled, block.timesAsked + 1);
  leavePlaces(step, job, "blockEnded", job.isCancelled && !isCharged ? unansweredOf(job) : 0);
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
  if (isSoonComputed(step, job, left.length)) return computeAlone(step, job, left);
  job.isThrough = false;
  goOnWithoutChecks(step, job);
}

/** The end of its last block is durable. */
export function blockEnded(job: RowsJob, blockId: number): void {
  if (job.block?.blockId === blockId) job.isThrough = true;
}

/** Does nothing of it wait any more: no row, no claim, no coin, no finding, nothing that the coordinator computes? */
export function isDone(job: RowsJob): boolean {
  const { ledger, claims, recomputing, ending, isThrough, isCancelled, block, certificates, groups } = job;
  if (block?.block.state === "open" || certificates.length > 0 || groups.decoding.size > 0) return false;
  if (job.stream?.isAsking === true || (mayHaveMoreRows(job) && !isCancelled)) return false;
  if (ledger === null || claims.size > 0 || recomputing.size > 0 || ending !== null || isJudging(job)) return false;
  const { rows, final } = ledger.counts;
  return final === rows || (isThrough && (ledger.isDone || isCancelled));
}
