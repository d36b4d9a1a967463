/** A job's block on the account of its submitter: opened before its first row goes out, charged at its first finding, closed where it has none. */
import {
  accountKey,
  chargeBlock,
  closeBlock,
  leaveUnanswered,
  newAccount,
  openBlock,
} from "../../../../checks/account.ts";
import type { Account, BlockAsked, Refusal } from "../../../../checks/words.ts";
import { must } from "../../../../coordinator/assert.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { CoreRecord } from "../../../../coordinator/effects.ts";
import { ownRecord } from "../../../../coordinator/persistence.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { partyOf } from "../../../../coordinator/turns.ts";
import { isStrict } from "../../core/batch-bounds.ts";
import { colluderShareLately } from "../../core/cross-checks/crowd-lately.ts";
import type { RowsRecord, StoredBlock } from "../work.ts";
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
function hasOthers({ jobsAtWork }: CoordinatorState, job: RowsJob): boolean {
  const key = keyOf(job);
  for (const other of jobsAtWork.values()) {
    if (other === job || !isRowsJob(other) || keyOf(other) !== key || !areRowsChecked(other)) continue;
    if (!other.isThrough) return true;
  }
  return false;
}

/** The reserve of the block at work is charged, for good. */
export function chargeReserve({ state }: Step, job: RowsJob): void {
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

/** What a cancelled job left unanswered was not asked for. */
export function leaveUnansweredPlaces({ state }: Step, job: RowsJob, rows: number): void {
  const { terms } = blockAtWork(job).block;
  state.accounts.set(keyOf(job), leaveUnanswered(accountOf(state, job), terms, rows));
}

function blockAtWork({ block, stored: { jobId } }: RowsJob): StoredBlock {
  return must(block, `JB4: job ${jobId} has a block at work`);
}

/** The account and the block as they stand: written in one step. */
export function accountRecords({ state }: Step, job: RowsJob): CoreRecord[] {
  const [key, account] = [keyOf(job), accountOf(state, job)];
  const records: RowsRecord[] = [{ type: "account", account: { key, account } }];
  if (job.block !== null) records.push({ type: "block", block: job.block });
  return records.map((record) => ownRecord(job, record));
}
