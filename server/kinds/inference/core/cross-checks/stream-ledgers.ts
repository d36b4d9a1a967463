/**
 * The ledgers of a stream: rows are taken into one until it is full, its time is over or the stream ends. Where somebody was named in it, the
 * rest of its rows is audited. SPEC.md CC14.
 */
import { STREAM_FINAL_WITHIN_MS_DEFAULT } from "../../../../../shared/protocol/limits.ts";
import { WINDOWS_PER_LEDGER } from "../../../../../shared/verify/cross-checks/ledger.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { persistOwn } from "../../../../coordinator/persistence.ts";
import { clearTimer, setJobTimer } from "../../../../coordinator/step-context.ts";
import type { CheckTerms, Ledger } from "../../records.ts";
import { isStrict } from "../batch-bounds.ts";
import { groupsInRound, ownRowsOfWorker } from "../inference-plan.ts";
import type { InferenceJob, Round } from "../job.ts";
import { jobRecord } from "../rounds.ts";
import type { InferencePurpose, InferenceTimer } from "../work.ts";
import { checkedJob } from "./checked-job.ts";
import type { JobChecks, StreamLedgers } from "./job-checks.ts";
import { namedIn } from "./named-in.ts";
import { anchorShareOfLedger, isLedgerAuditedNow, STREAM_LEDGERS_MAX, windowOfLedger } from "./stream-terms.ts";

/** A stream that is cross-checked, with its ledgers. */
export interface CheckedStream {
  readonly checks: JobChecks;
  readonly terms: CheckTerms;
  readonly stream: StreamLedgers;
  readonly ledgerRows: number;
}

/** After a restart: by what is durable. */
export function goOnWithLedgers({ stored, checks, finishedRounds, schedule }: InferenceJob): void {
  const stream = checks?.stream;
  if (checks === null || stream == null) return;
  const ledgers = stored.crossChecks?.ledgers ?? [];
  const rows = new Map<number, number>();
  for (const [roundIndex, { sources }] of finishedRounds) {
    const plan = schedule.planOf(roundIndex);
    for (const source of sources) {
      if (source?.coins?.window === undefined) continue;
      const ledger = source.coins.window / WINDOWS_PER_LEDGER;
      rows.set(ledger, (rows.get(ledger) ?? 0) + ownRowsOfWorker(plan, roundIndex));
      checks.rowsTaken += groupsInRound(plan, roundIndex);
    }
  }
  stream.current = Math.max(0, ledgers.length - 1, ...rows.keys());
  stream.rows = rows.get(stream.current) ?? 0;
  stream.wasNamed = ledgers[stream.current]?.isGivenUp === true;
  stream.isAudited = stream.wasNamed || ledgers[stream.current]?.isAudited === true;
  for (const ledger of [...rows.keys()].sort((a, b) => a - b))
    if (ledger < stream.current && !isClosedForGood(ledgers[ledger])) stream.closed.set(ledger, 0);
  stream.mustLook = true;
}

export function isClosedForGood(ledger: Ledger | undefined): boolean {
  return ledger !== undefined && (ledger.isAudited === true || ledger.isGivenUp === true || ledger.bound < 1);
}

/** It begins, or goes on: [RS3] who was named meanwhile counts, and its time begins anew. */
export function startLedgers(step: Step, job: InferenceJob): void {
  const checked = checkedStream(job);
  if (checked === null) return;
  lookForNamings(step, job);
  if (checked.stream.current === 0 && job.stored.crossChecks?.ledgers === undefined) begin(step, job, checked, 0);
  else watchDue(step, job, checked);
}

/** Somebody was named: is it somebody of this ledger? Then it is given up, whoever is believed again or released later. */
export function lookForNamings(step: Step, job: InferenceJob): void {
  const checked = checkedStream(job);
  if (checked === null || checked.stream.wasNamed) return;
  const { stream, checks } = checked;
  if (namedIn(step.state, job, checks, openedMsOf(job, stream.current)) === 0) return;
  stream.wasNamed = true;
  stream.isAudited = true;
  giveUpLedger(step, job, checked, stream.current);
}

/** q0 of rows that are taken in now. */
export function anchorShareNow({ stored, checks }: InferenceJob, { anchorShare }: CheckTerms): number {
  const ledger = checks?.stream == null ? undefined : stored.crossChecks?.ledgers?.[checks.stream.current];
  return ledger?.anchorShare ?? anchorShare;
}

/** Are rows of it cross-checked that are taken in now? */
export function isLedgerAudited({ checks }: InferenceJob): boolean {
  return checks?.stream?.isAudited === true;
}

/** A batch of that round was taken in, cross-checked or audited. */
export function batchInLedger(step: Step, job: InferenceJob, { plan, roundIndex }: Round): void {
  const checked = checkedStream(job);
  if (checked === null) return;
  const { stream, ledgerRows } = checked;
  stream.rows += ownRowsOfWorker(plan, roundIndex);
  if (stream.rows >= ledgerRows) endLedger(step, job, checked);
  else watchDue(step, job, checked);
}

/**
 * Its time is over. One in which somebody was named has to be full: else a coalition would have bad luck at the price of few rows, and try
 * again at once.
 */
export function ledgerDue(step: Step, job: InferenceJob): void {
  const checked = checkedStream(job);
  if (checked === null) return;
  const { stream } = checked;
  stream.dueTimerId = null;
  if (stream.rows > 0 && !stream.wasNamed) endLedger(step, job, checked);
}

function endLedger(step: Step, job: InferenceJob, checked: CheckedStream): void {
  const { stream } = checked;
  if (stream.current >= STREAM_LEDGERS_MAX - 1) return;
  closeLedger(checked);
  begin(step, job, checked, stream.current + 1);
}

/** It takes no more rows. */
export function closeLedger({ stream }: CheckedStream): void {
  if (!stream.isAudited) stream.closed.set(stream.current, 0);
  stream.mustLook = true;
}

function begin(step: Step, job: InferenceJob, { stream, terms, ledgerRows }: CheckedStream, ledger: number): void {
  clearTimer(step, stream.dueTimerId);
  const isAudited = isLedgerAuditedNow(step.state, isStrict(job.stored));
  Object.assign(stream, { current: ledger, rows: 0, isAudited, wasNamed: false, dueTimerId: null });
  // The first begins with the job: nobody that is named later was before it.
  const openedMs = ledger === 0 ? 0 : step.nowMs;
  const audited = isAudited ? ({ isAudited: true } as const) : {};
  const anchors = terms.stream?.hasOwnAnchors ? { anchorShare: anchorShareOfLedger(step.state, ledgerRows) } : {};
  writeLedger(step, job, ledger, { openedMs, below: windowOfLedger(ledger), bound: 1, ...anchors, ...audited });
}

/** Whatever becomes of beta, the operator's cap and who was named: what was not certified when it was looked at is not looked at again. */
export function giveUpLedger(step: Step, job: InferenceJob, { stream }: CheckedStream, ledger: number): void {
  stream.closed.delete(ledger);
  const given = job.stored.crossChecks?.ledgers?.[ledger];
  if (given !== undefined) writeLedger(step, job, ledger, { ...given, isGivenUp: true });
}

function watchDue(step: Step, job: InferenceJob, { stream }: CheckedStream): void {
  const { source } = job.stored.submission;
  if (source.kind !== "stream" || stream.dueTimerId !== null || stream.rows === 0 || stream.wasNamed) return;
  const atMs = step.nowMs + (source.finalWithinMs ?? STREAM_FINAL_WITHIN_MS_DEFAULT);
  stream.dueTimerId = setJobTimer<InferenceTimer>(step, job, atMs, { type: "ledgerDue" });
}

/** What was drawn of it is right. @param computed rows: where they are fewer than were asked for there are no others */
export function ledgerSampled({ checks }: InferenceJob, ledger: number, asked: number, computed: number): void {
  const closed = checks?.stream?.closed;
  if (closed?.has(ledger))
    closed.set(ledger, (closed.get(ledger) ?? 0) + (computed < asked ? Number.POSITIVE_INFINITY : computed));
}

/** Nobody is told of what is not durable. */
export function writeLedger(step: Step, job: InferenceJob, place: number, ledger: Ledger): void {
  const { crossChecks } = job.stored;
  if (crossChecks === null) return;
  const ledgers = [...(crossChecks.ledgers ?? [])];
  ledgers[place] = ledger;
  job.stored.crossChecks = { ...crossChecks, ledgers };
  persistOwn<InferencePurpose>(step, job, { type: "windowsCertified", ledgers }, [jobRecord(job)]);
}

/** Where that is not durable everybody counts that was ever named. */
export function openedMsOf({ stored }: InferenceJob, ledger: number): number {
  return stored.crossChecks?.ledgers?.[ledger]?.openedMs ?? 0;
}

export function checkedStream(job: InferenceJob): CheckedStream | null {
  const checked = checkedJob(job);
  const { stream = null } = checked?.checks ?? {};
  const { ledgerRows } = checked?.terms.stream ?? {};
  return checked === null || stream === null || ledgerRows === undefined ? null : { ...checked, stream, ledgerRows };
}
