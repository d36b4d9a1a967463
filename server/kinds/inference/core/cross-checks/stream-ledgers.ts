/**
 * The ledgers of a stream: rows are taken into one until it is full, its time is over or the stream ends. Those that follow each other without
 * a naming are a chain; where somebody was named in it the rest of its rows is audited, until the chain is full. SPEC.md CC14.
 */
import { STREAM_FINAL_WITHIN_MS_DEFAULT } from "../../../../../shared/protocol/limits.ts";
import { WINDOWS_PER_LEDGER } from "../../../../../shared/verify/cross-checks/ledger.ts";
import {
  catchChance,
  type LedgerOfChain,
  streamChainRows,
  streamLedgerRows,
} from "../../../../../shared/verify/cross-checks/stream-ledgers.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { persistOwn } from "../../../../coordinator/persistence.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { clearTimer, setJobTimer } from "../../../../coordinator/step-context.ts";
import type { CheckTerms, Ledger } from "../../records.ts";
import { isStrict } from "../batch-bounds.ts";
import { groupsInRound, ownRowsOfWorker } from "../inference-plan.ts";
import type { InferenceJob, Round } from "../job.ts";
import { jobRecord } from "../rounds.ts";
import type { InferencePurpose, InferenceTimer } from "../work.ts";
import { checkedJob } from "./checked-job.ts";
import { colluderShareIn } from "./crowd-lately.ts";
import type { JobChecks, StreamLedgers } from "./job-checks.ts";
import { namedIn } from "./named-in.ts";
import { anchorShareOfLedger, isLedgerAuditedNow, STREAM_LEDGERS_MAX, windowOfLedger } from "./stream-terms.ts";

/** A stream that is cross-checked, with its ledgers. */
export interface CheckedStream {
  readonly checks: JobChecks;
  readonly terms: CheckTerms;
  readonly stream: StreamLedgers;
  readonly ledgerRows: number;
  /** Of a full chain; null: each ledger is a chain of its own. */
  readonly chainRows: number | null;
}

/** After a restart: by what is durable. */
export function goOnWithLedgers(job: InferenceJob): void {
  const { stored, checks, finishedRounds, schedule } = job;
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
      if (!isClosedForGood(ledgers[ledger])) noteRound(stream, ledger, roundIndex);
      checks.rowsTaken += groupsInRound(plan, roundIndex);
    }
  }
  stream.current = Math.max(0, ledgers.length - 1, ...rows.keys());
  stream.rows = rows.get(stream.current) ?? 0;
  stream.wasNamed = ledgers[stream.current]?.isGivenUp === true;
  stream.isAudited = stream.wasNamed || ledgers[stream.current]?.isAudited === true;
  const checked = checkedStream(job);
  if (checked !== null) stream.fullRows = fullRowsOf(job, checked, chainOf(job, stream.current), stream.current);
  for (const ledger of [...rows.keys()].sort((a, b) => a - b))
    if (ledger < stream.current && !isClosedForGood(ledgers[ledger])) stream.closed.set(ledger, 0);
  stream.mustLook = true;
}

function noteRound({ roundsOf }: StreamLedgers, ledger: number, roundIndex: number): void {
  roundsOf.set(ledger, (roundsOf.get(ledger) ?? new Set()).add(roundIndex));
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

/** Somebody was named: is it in this chain? Then its ledger is given up, whoever is believed again or released later. */
export function lookForNamings(step: Step, job: InferenceJob): void {
  const checked = checkedStream(job);
  if (checked === null || checked.stream.wasNamed) return;
  const { stream, checks } = checked;
  if (namedIn(step.state, job, checks, chainOpenedMs(job, stream.current)) === 0) return;
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
  const { stream } = checked;
  stream.rows += ownRowsOfWorker(plan, roundIndex);
  if (!stream.isAudited) noteRound(stream, stream.current, roundIndex);
  if (stream.rows >= stream.fullRows && isChainFull(step.state, job, checked)) endLedger(step, job, checked);
  else watchDue(step, job, checked);
}

/**
 * One in which somebody was named is full with its chain: lies that were certified before the naming are within the bound of so many rows. Else
 * a coalition would have bad luck at the price of few rows, and try again at once.
 */
function isChainFull(state: CoordinatorState, job: InferenceJob, checked: CheckedStream): boolean {
  const { stream, chainRows } = checked;
  if (!stream.wasNamed || chainRows === null) return true;
  const { current } = stream;
  const before = ledgersOf(job).slice(chainOf(job, current), current);
  const rows = before.reduce((sum, ledger) => sum + (ledger.rows ?? 0), stream.rows);
  // By what is believed of colluders now, and not only when the stream began.
  const { answerBound } = job.stored.submission;
  return rows >= Math.max(chainRows, streamChainRows(answerBound, caughtIn(state, job, checked, current)));
}

/** Its time is over. One in which somebody was named has to be full. */
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
  closeLedger(step, job, checked);
  begin(step, job, checked, stream.current + 1);
}

/** It takes no more rows. */
export function closeLedger(step: Step, job: InferenceJob, { stream, chainRows }: CheckedStream): void {
  const { current, rows } = stream;
  if (!stream.isAudited) stream.closed.set(current, 0);
  stream.mustLook = true;
  const ledger = ledgersOf(job)[current];
  if (ledger !== undefined && chainRows !== null) writeLedger(step, job, current, { ...ledger, rows });
}

function begin(step: Step, job: InferenceJob, checked: CheckedStream, ledger: number): void {
  const { stream, terms, chainRows } = checked;
  clearTimer(step, stream.dueTimerId);
  const isAudited = isLedgerAuditedNow(step.state, isStrict(job.stored));
  const goesOn = ledger > 0 && !stream.isAudited && !isAudited;
  const chain = goesOn && chainRows !== null ? chainOf(job, stream.current) : ledger;
  const fullRows = fullRowsOf(job, checked, chain, ledger);
  Object.assign(stream, { current: ledger, rows: 0, fullRows, isAudited, wasNamed: false, dueTimerId: null });
  // The first begins with the job: nobody that is named later was before it.
  const openedMs = ledger === 0 ? 0 : step.nowMs;
  writeLedger(step, job, ledger, {
    ...{ openedMs, below: windowOfLedger(ledger), bound: 1 },
    ...(terms.stream?.hasOwnAnchors ? { anchorShare: anchorShareOfLedger(step.state, fullRows) } : {}),
    ...(chain < ledger ? { chain } : {}),
    ...(isAudited ? { isAudited } : {}),
  });
}

/** That make a ledger full, by what is known of its chain when it begins. */
function fullRowsOf(
  job: InferenceJob,
  { ledgerRows, chainRows }: CheckedStream,
  chain: number,
  ledger: number,
): number {
  if (chainRows === null) return ledgerRows;
  const before = ledgersOf(job)
    .slice(chain, ledger)
    .filter(({ isGivenUp }) => isGivenUp !== true);
  return streamLedgerRows(before.map(asOfChain), job.stored.submission.answerBound, chainRows);
}

export function ledgersOf({ stored }: InferenceJob): readonly Ledger[] {
  return stored.crossChecks?.ledgers ?? [];
}

/** The place of the first ledger of its chain. */
export function chainOf(job: InferenceJob, ledger: number): number {
  return ledgersOf(job)[ledger]?.chain ?? ledger;
}

export function asOfChain({ rows = 0, sampledShare = 0 }: Ledger): LedgerOfChain {
  return { rows, sampledShare };
}

/** c: the least chance that a lie in a row of its chain, up to this ledger, was found by now. */
export function caughtIn(
  state: CoordinatorState,
  job: InferenceJob,
  { checks, terms }: Pick<CheckedStream, "checks" | "terms">,
  ledger: number,
): number {
  const anchorsOf = ({ anchorShare = terms.anchorShare, lacksAnchors }: Ledger) => (lacksAnchors ? 0 : anchorShare);
  // Rows that are taken in when it begins may have met the anchors of the ledger before it.
  const from = Math.max(0, chainOf(job, ledger) - 1);
  const anchors = Math.min(
    terms.anchorShare,
    ...ledgersOf(job)
      .slice(from, ledger + 1)
      .map(anchorsOf),
  );
  return catchChance(anchors, terms.checkShare, colluderShareIn(state, checks));
}

/** [VF10] The operator's cap leaves out anchors of rows that are taken in now: before these rows are durable that is. */
export function anchorsLeftOut(step: Step, job: InferenceJob): void {
  const stream = job.checks?.stream;
  const ledger = stream == null ? undefined : ledgersOf(job)[stream.current];
  if (stream == null || ledger === undefined || ledger.lacksAnchors) return;
  writeLedger(step, job, stream.current, { ...ledger, lacksAnchors: true });
}

/** Whatever becomes of beta, the operator's cap and who was named: what was not certified when it was looked at is not looked at again. */
export function giveUpLedger(step: Step, job: InferenceJob, { stream }: CheckedStream, ledger: number): void {
  forgetLedger(stream, ledger);
  const given = ledgersOf(job)[ledger];
  if (given !== undefined) writeLedger(step, job, ledger, { ...given, isGivenUp: true });
}

/** Nothing of it is looked at again. */
export function forgetLedger({ closed, roundsOf }: StreamLedgers, ledger: number): void {
  closed.delete(ledger);
  roundsOf.delete(ledger);
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

export function writeLedger(step: Step, job: InferenceJob, place: number, ledger: Ledger): void {
  const ledgers = [...ledgersOf(job)];
  ledgers[place] = ledger;
  writeLedgers(step, job, ledgers);
}

/** Nobody is told of what is not durable. */
export function writeLedgers(step: Step, job: InferenceJob, ledgers: readonly Ledger[]): void {
  const { crossChecks } = job.stored;
  if (crossChecks === null) return;
  job.stored.crossChecks = { ...crossChecks, ledgers };
  persistOwn<InferencePurpose>(step, job, { type: "windowsCertified", ledgers }, [jobRecord(job)]);
}

/** When its chain began. Where that is not durable everybody counts that was ever named. */
export function chainOpenedMs(job: InferenceJob, ledger: number): number {
  return ledgersOf(job)[chainOf(job, ledger)]?.openedMs ?? 0;
}

export function checkedStream(job: InferenceJob): CheckedStream | null {
  const checked = checkedJob(job);
  const { stream = null } = checked?.checks ?? {};
  const { ledgerRows, chainRows = null } = checked?.terms.stream ?? {};
  if (checked === null || stream === null || ledgerRows === undefined) return null;
  return { ...checked, stream, ledgerRows, chainRows };
}
