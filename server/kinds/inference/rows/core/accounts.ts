/** A job's block on the account of its submitter: opened before its first row goes out, charged at its first finding, closed where it has none. */
import {
  accountKey,
  chargeBlock,
  closeBlock,
  countComputed,
  leaveUnanswered,
  newAccount,
  openBlock,
  takeBack,
} from "../../../../checks/account.ts";
import type { Account, BlockAsked, Refusal } from "../../../../checks/words.ts";
import { must } from "../../../../coordinator/assert.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { CoreRecord } from "../../../../coordinator/effects.ts";
import { partyOf } from "../../../../coordinator/parties.ts";
import { ownRecord, persistOwn, persistTaking } from "../../../../coordinator/persistence.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { isStrict } from "../../core/batch-bounds.ts";
import { colluderShareLately } from "../../core/crowd-lately.ts";
import type { RowsPurpose, RowsRecord, StoredBlock } from "../work.ts";
import { blocksOpened } from "./job-blocks.ts";
import { CrowdPartners } from "./partners.ts";
import { rowsMaxLeft, rowsMaxOf } from "./price-cap.ts";
import { routeOneShareOf } from "./route-one-share.ts";
import { areRowsChecked, drawsOf, isRowsJob, type RowsJob } from "./rows-job.ts";

/** Which account the job is booked on: its submitter's, or its own where it is strict. */
export function keyOf(job: RowsJob): string {
  const { jobId, submission } = job.stored;
  return accountKey(partyOf(job), submission.answerBound, isStrict(job.stored) ? jobId : null);
}

export function accountOf(state: CoordinatorState, job: RowsJob): Account {
  return state.accounts.get(keyOf(job)) ?? newAccount(job.stored.submission.answerBound);
}

/**
 * Opens the next block of the job, within what its account has free. Where reserves of other blocks are in the way it waits for them: then the job's
 * `waitsOn` says so.
 * @param places of the job, or those that an earlier block left unsettled
 * @returns why it is not opened; null: it is, or waits
 */
export function openNextBlock(
  step: Step,
  job: RowsJob,
  places: StoredBlock["places"],
  timesAsked: number,
): Refusal | null {
  const { state } = step;
  const before = accountOf(state, job);
  const opening = openBlock(before, whatIsAsked(state, job, places, timesAsked > 0));
  job.waitsOn = "waits" in opening ? before : null;
  if ("waits" in opening) return null;
  state.accounts.set(keyOf(job), opening.account);
  if ("refused" in opening) return opening.refused;
  const blockId = (job.block?.blockId ?? -1) + 1;
  if (job.block !== null) job.blocksBefore.push(job.block);
  job.block = { blockId, places, block: opening.block, timesAsked, certificate: null };
  return null;
}

function whatIsAsked(
  state: CoordinatorState,
  job: RowsJob,
  places: StoredBlock["places"],
  isRetry: boolean,
): BlockAsked {
  const { submission, queryCount } = job.stored;
  return {
    rows: places === "all" ? queryCount : places.length,
    isOpenJob: false,
    hasCrowd: new CrowdPartners(state, job, drawsOf(job).source("ready")).isCrowdReady(),
    submitterRows: accountOf(state, job).places,
    colluderShare: colluderShareLately(state),
    othersOpenOrWait: hasOthers(state, job),
    mayWait: true,
    priceMaxRows: rowsMaxLeft(rowsMaxOf(submission, queryCount, state.settings), blocksOpened(job)),
    isRetry,
    routeOneShare: isRetry
      ? (job.block?.block.terms.routeOneShare ?? 0)
      : routeOneShareOf(state, accountOf(state, job), queryCount, latestHadFinding(state, job)),
  };
}

/** Of the account's blocks that are known still. */
function latestHadFinding({ jobs }: CoordinatorState, job: RowsJob): boolean {
  const key = keyOf(job);
  let hadFinding = false;
  for (const other of jobs.values()) {
    if (other === job || !isRowsJob(other) || other.block === null || keyOf(other) !== key) continue;
    hadFinding = other.block.block.state === "charged";
  }
  return hadFinding;
}

/** Has another job of the account a block that is open, or waits to open one? */
export function hasOthers({ jobsAtWork }: CoordinatorState, job: RowsJob): boolean {
  const key = keyOf(job);
  for (const other of jobsAtWork.values()) {
    if (other === job || !isRowsJob(other) || keyOf(other) !== key || !areRowsChecked(other)) continue;
    // An open job at which nothing is asked, or was ever, holds nothing.
    if (!other.isThrough && (other.stream === null || other.block !== null)) return true;
  }
  return false;
}

/** The reserve of the block at work is charged, for good. */
export function chargeReserve({ state }: Pick<Step, "state">, job: RowsJob): void {
  const stored = blockAtWork(job);
  const { account, block } = chargeBlock(accountOf(state, job), stored.block);
  state.accounts.set(keyOf(job), account);
  job.block = { ...stored, block };
}

/** All of its coins and its sample are answered without a finding: the reserve is free again. */
export function giveReserveBack({ state }: Step, job: RowsJob, certificate: StoredBlock["certificate"]): void {
  const stored = blockAtWork(job);
  const { account, block } = closeBlock(accountOf(state, job), stored.block);
  state.accounts.set(keyOf(job), account);
  job.block = { ...stored, block, certificate };
}

/** Rows of a first block that have no answer; of one that is asked again each had its answer before. */
export function unansweredOf({ block, ledger, restored, stored, stream }: RowsJob): number {
  if (stream !== null) return Math.max(0, stream.counted - (ledger?.counts.answered ?? 0));
  if (block?.places !== "all") return 0;
  if (ledger !== null) return ledger.counts.rows - ledger.counts.answered;
  return stored.queryCount - (restored?.rows ?? []).filter(({ author }) => author !== null).length;
}

type PlacesLeft = Extract<RowsPurpose, { readonly left: number }>;

/** These rows of the block no longer count, as far as nothing stands on them: that is written with the account. */
export function leavePlaces(step: Step, job: RowsJob, type: "blockEnded" | "placesLeft", rows: number): void {
  const { blockId, block } = blockAtWork(job);
  const before = accountOf(step.state, job);
  const after = rows === 0 ? before : leaveUnanswered(before, block.terms, rows);
  step.state.accounts.set(keyOf(job), after);
  const purpose: PlacesLeft = { type, blockId, left: before.places - after.places };
  if (purpose.left === 0) return persistOwn(step, job, purpose, accountRecords(step, job));
  persistTaking(step, job, purpose, accountRecords(step, job, true), keyOf(job));
}

/** The job was called off before a row of the block went out. */
export function closeUnasked(step: Step, job: RowsJob): void {
  giveReserveBack(step, job, null);
  leavePlaces(step, job, "blockEnded", unansweredOf(job));
}

/** [CK2] Others had booked what the block was to take: it was never opened. What is in line of the account is written as it is now. */
export function takeOpeningBack(step: Step, job: RowsJob): void {
  const { block, timesAsked } = blockAtWork(job);
  step.state.accounts.set(keyOf(job), takeBack(accountOf(step.state, job), block, { isRetry: timesAsked > 0 }));
  job.block = job.blocksBefore.pop() ?? null;
  rewriteQueued(step, job);
}

/** Likewise: these places count still. */
export function countAgain(step: Step, job: RowsJob, left: number): void {
  step.state.accounts.set(keyOf(job), countComputed(accountOf(step.state, job), left));
  rewriteQueued(step, job);
}

/** Of an account nothing is written that was made with what is refused. */
export function rewriteQueued({ state }: Step, job: RowsJob): void {
  const key = keyOf(job);
  const current = accountRecord(state, job);
  const now = state.persistQueue.map(({ purpose, records }) => ({
    purpose,
    records: records.map((record) => {
      const own = record.kind === "job" ? (record.record as RowsRecord) : null;
      return own?.type === "account" && own.account.key === key
        ? { ...record, record: { ...current, takes: own.takes } }
        : record;
    }) as readonly CoreRecord[],
  }));
  state.persistQueue.splice(0, state.persistQueue.length, ...now);
}

function accountRecord(state: CoordinatorState, job: RowsJob): Extract<RowsRecord, { type: "account" }> {
  const [key, account] = [keyOf(job), accountOf(state, job)];
  return { type: "account", account: { key, account }, news: state.accountsNews.get(key), takes: false };
}

function blockAtWork({ block, stored: { jobId } }: RowsJob): StoredBlock {
  return must(block, `JB3: job ${jobId} has a block at work`);
}

/**
 * What ends with the job, in one step with its end: rows that the coordinator computed of a job that never had a block count. A block that nobody will end is
 * charged, for its coins stay open, and rows without an answer leave the account: whoever has a large job charged, and calls it off, has no old one.
 */
export function settleAccount(step: Step, job: RowsJob): void {
  const { block, ledger, stored } = job;
  if (block === null) {
    const { refusal } = stored;
    if (refusal === undefined || refusal.why === "cap" || ledger === null) return;
    const { rows, final } = ledger.counts;
    if (final === rows) step.state.accounts.set(keyOf(job), countComputed(accountOf(step.state, job), rows));
    return;
  }
  if (block.block.state === "closed") return;
  chargeReserve(step, job);
  const left = stored.unchecked === null ? unansweredOf(job) : 0;
  if (left > 0) leavePlaces(step, job, "placesLeft", left);
}

/** The account and the block as they stand: written in one step. @param takes of what is free: persistTaking, on keyOf */
export function accountRecords({ state }: Step, job: RowsJob, takes = false): CoreRecord[] {
  const records: RowsRecord[] = [{ ...accountRecord(state, job), takes }];
  if (job.block !== null) records.push({ type: "block", block: job.block });
  return records.map((record) => ownRecord(job, record));
}

/** Rows of an open job that came since its last window began are counted when it ends. */
export function countRest({ state }: Pick<Step, "state">, job: RowsJob): void {
  const { stream, ledger } = job;
  if (stream === null || ledger === null) return;
  const rest = ledger.counts.rows - stream.counted;
  if (rest <= 0) return;
  state.accounts.set(keyOf(job), countComputed(accountOf(state, job), rest));
  stream.counted += rest;
}
