/**
 * The blocks of an open job: one that goes on in windows as rows come, until a finding ends it; what has no bound then is asked again in the next one, with what comes
 * since. Rows of which its account carries nothing the coordinator computes itself where that is soon done, else they go out unchecked.
 */
import { openWindow, openWindowRows, stricterTerms, takeWindowBack } from "../../../../checks/open-blocks.ts";
import { ALONE_MS_MAX } from "../../../../checks/small-blocks.ts";
import type { Block, Refusal } from "../../../../checks/words.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { mayEnd } from "../../../../coordinator/jobs.ts";
import { persistOwn, persistTaking } from "../../../../coordinator/persistence.ts";
import { clearTimer, setJobTimer } from "../../../../coordinator/step-context.ts";
import { colluderShareLately } from "../../core/crowd-lately.ts";
import type { RowsPurpose, RowsTimer, StoredBlock } from "../work.ts";
import { accountOf, accountRecords, closeUnasked, hasOthers, keyOf, rewriteQueued } from "./accounts.ts";
import { blocksOpened } from "./job-blocks.ts";
import { rowsJobRecord } from "./job-record.ts";
import { finalWithinOf, isAudited, streamSourceOf } from "./open-rows.ts";
import { CrowdPartners } from "./partners.ts";
import { rowsMaxLeft, rowsMaxOf } from "./price-cap.ts";
import { askToRecompute } from "./recompute.ts";
import { rowMsOf } from "./row-ms.ts";
import { areRowsChecked, drawsOf, noteAuthors, openPlaces, type RowsJob } from "./rows-job.ts";
import { startBlock } from "./start-block.ts";

type PurposeOf<T extends RowsPurpose["type"]> = Extract<RowsPurpose, { type: T }>;

/** Looked at after each event: does a block, or a window of one, begin? */
export function lookAtWindow(step: Step, job: RowsJob): void {
  const { stream, ledger, stored } = job;
  if (stream === null || ledger === null || stream.isAsking || stored.state !== "running" || job.isCancelled) return;
  if (stored.suspended !== null || stored.unchecked !== null || !areRowsChecked(job) || job.ending !== null) return;
  if (isAtWork(job)) return lookAtOpenWindow(step, job);
  if (isEnding(job)) return;
  const lookedTo = stored.refusal === undefined ? stream.counted : stream.refusedTo;
  const isNew = ledger.counts.rows > lookedTo;
  if (isNew) askForWindow(step, job, [], 0);
}

/** Has it a block that goes on? */
function isAtWork({ block, checked }: RowsJob): boolean {
  return block !== null && block.block.state === "open" && checked !== null && !checked.isOver;
}

/**
 * A block had a finding, or was charged, and what is out of it has not come yet; or its last certificate waits to be written, with which its reserve is
 * free. Rows that come meanwhile go into the one after it.
 */
function isEnding({ block, checked, stored, certificates }: RowsJob): boolean {
  if (certificates.some(({ end }) => end !== null)) return true;
  return stored.refusal === undefined && block !== null && checked !== null && !checked.isOver;
}

/** [CK14] It ends when it is full, or when its time is over. */
function lookAtOpenWindow(step: Step, job: RowsJob): void {
  const { stream, checked } = job;
  if (stream === null || checked === null || checked.isCharged || !job.stored.isOpen) return;
  const { answers, sinceMs } = checked.openWindow;
  if (sinceMs === null) return;
  const dueMs = sinceMs + finalWithinOf(streamSourceOf(job));
  const isFull = answers >= openWindowRows(accountOf(step.state, job).places);
  if (isFull || step.nowMs >= dueMs) return askForWindow(step, job, [], job.block?.timesAsked ?? 0);
  if (stream.windowTimerId !== null) return;
  stream.windowTimerId = setJobTimer<RowsTimer>(step, job, dueMs, { type: "openWindowDue" });
}

/** Whether it is over is looked at before the step ends. */
export function openWindowDue({ stream }: RowsJob): void {
  if (stream !== null) stream.windowTimerId = null;
}

/**
 * Terms of a window are asked of the account: of the next one of the block at work, or of the first one of a new block.
 * @param placesAgain that an earlier block, which has ended with a finding, left unsettled
 */
export function askForWindow(step: Step, job: RowsJob, placesAgain: readonly number[], timesAsked: number): void {
  const { stream, ledger, checked } = job;
  if (stream === null || ledger === null) return;
  const { state } = step;
  const before = isAtWork(job) ? job.block : null;
  const { rows } = ledger.counts;
  const newRows = rows - stream.counted;
  const { submission } = job.stored;
  const account = accountOf(state, job);
  const opened = openWindow(account, before?.block ?? null, {
    ...{ newRows, rowsAgain: placesAgain.length, submitterRows: account.places },
    hasCrowd:
      !isAudited(streamSourceOf(job)) && new CrowdPartners(state, job, drawsOf(job).source("ready")).isCrowdReady(),
    colluderShare: colluderShareLately(state),
    othersOpenOrWait: hasOthers(state, job),
    priceMaxRows: rowsMaxLeft(rowsMaxOf(submission, rows, state.settings), blocksOpened(job)),
  });
  if ("refused" in opened) return isRefused(step, job, opened.refused, before);
  state.accounts.set(keyOf(job), opened.account);
  stream.isAsking = true;
  stream.counted = rows;
  const { block } = opened;
  if (before !== null && checked !== null) {
    const oldest = stricterTerms(checked.oldestTerms ?? block.terms, block.terms);
    job.block = { ...before, block, counted: rows, oldest };
    return write(step, job, { type: "windowOpened", blockId: before.blockId, newRows, before });
  }
  const blockId = (job.block?.blockId ?? -1) + 1;
  if (job.block !== null) job.blocksBefore.push(job.block);
  const places = blockId === 0 ? "all" : placesAgain;
  job.block = { blockId, places, block, timesAsked, certificate: null, counted: rows };
  write(step, job, { type: "openBlockOpened", blockId, newRows, placesAgain, timesAsked });
}

function write(step: Step, job: RowsJob, purpose: RowsPurpose): void {
  persistTaking(step, job, purpose, accountRecords(step, job, true), keyOf(job));
}

/** The terms of the window are durable: they hold from here on. */
export function windowOpened(step: Step, job: RowsJob, { blockId }: PurposeOf<"windowOpened">): void {
  const { stream, checked, block } = job;
  if (stream !== null) stream.isAsking = false;
  if (checked === null || block === null || block.blockId !== blockId) return;
  clearTimer(step, stream?.windowTimerId ?? null);
  if (stream !== null) stream.windowTimerId = null;
  job.said.push(...checked.nextWindow(block.block.terms, step.nowMs));
}

/** [PS1] */
export function openBlockOpened(step: Step, job: RowsJob, purpose: PurposeOf<"openBlockOpened">): void {
  const { stream, block, checked, stored } = job;
  if (stream !== null) stream.isAsking = false;
  if (block === null || block.blockId !== purpose.blockId || block.block.state !== "open" || !mayEnd(job)) return;
  if (job.isCancelled) return closeUnasked(step, job);
  const { terms } = block.block;
  const wasRefused = stored.refusal !== undefined;
  if (wasRefused) {
    const { refusal: _refusal, ...rest } = stored;
    job.stored = rest;
    persistOwn<RowsPurpose>(step, job, { type: "refused" }, [rowsJobRecord(job)]);
  }
  if (checked === null || wasRefused) return startAnew(step, job, terms);
  noteAuthors(job, purpose.placesAgain);
  job.said.push(...checked.askAgain(terms, purpose.placesAgain, step.nowMs));
}

/** [CK2] Others have booked what it was to take: it is asked for again, as the account is now. */
export function openTakingRefused(
  step: Step,
  job: RowsJob,
  purpose: PurposeOf<"windowOpened"> | PurposeOf<"openBlockOpened">,
): void {
  const { stream, block } = job;
  if (stream === null || block === null) return;
  const before: Block | null = purpose.type === "windowOpened" ? purpose.before.block : null;
  const account = takeWindowBack(accountOf(step.state, job), before, block.block, purpose.newRows);
  step.state.accounts.set(keyOf(job), account);
  job.block = purpose.type === "windowOpened" ? purpose.before : (job.blocksBefore.pop() ?? null);
  stream.isAsking = false;
  stream.counted -= purpose.newRows;
  rewriteQueued(step, job);
  if (purpose.type === "openBlockOpened" && mayEnd(job))
    askForWindow(step, job, purpose.placesAgain, purpose.timesAsked);
}

/** The account carries nothing more. A block at work goes on by the terms that it has. */
function isRefused(
  step: Step,
  job: RowsJob,
  refused: Omit<Refusal, "rowsThatSuffice">,
  before: StoredBlock | null,
): void {
  const { stream, ledger, checked } = job;
  if (stream === null || ledger === null) return;
  if (before !== null && checked !== null) {
    job.said.push(...checked.nextWindow(before.block.terms, step.nowMs));
    return;
  }
  const isFirst = job.stored.refusal === undefined;
  const from = isFirst ? 0 : stream.refusedTo;
  stream.refusedTo = ledger.counts.rows;
  job.stored.refusal = { ...refused, rowsThatSuffice: null };
  if (isFirst) persistOwn<RowsPurpose>(step, job, { type: "refused" }, [rowsJobRecord(job)]);
  if (isFirst) startAnew(step, job, null);
  const open = openPlaces(ledger, from);
  let waiting = open.length;
  for (const asked of job.recomputing.values()) waiting += asked.length;
  // Rows that it cannot compute soon go out to whoever takes them.
  job.isOpen = refused.why === "cap" || waiting * rowMsOf(job) > ALONE_MS_MAX;
  if (!job.isOpen) askToRecompute(step, job, open, "own");
}

/** The block at work begins anew, by other terms or by none: sessions join as they come. */
function startAnew(step: Step, job: RowsJob, terms: Block["terms"] | null): void {
  for (const sessionIds of job.joined.values())
    for (const sessionId of sessionIds) job.ledger?.leave(sessionId, step.nowMs);
  job.joined.clear();
  startBlock(step, job, terms);
}
