/**
 * Certificates of a stream. Once all coins of a ledger that takes no more rows are answered it is certified, where nobody was named in its
 * chain; the coordinator computes a sample where checks are missing. SPEC.md CC14.
 */
import {
  type LedgerOfChain,
  streamChainBound,
  streamSampleRows,
} from "../../../../../shared/verify/cross-checks/stream-ledgers.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { clearTimer, emitNumerics } from "../../../../coordinator/step-context.ts";
import { auditRowsLeft } from "../batches.ts";
import { ownRowsOfWorker } from "../inference-plan.ts";
import type { InferenceJob } from "../job.ts";
import type { InferenceWork } from "../work.ts";
import { areComingBack } from "./come-back.ts";
import type { JobChecks, PooledRow } from "./job-checks.ts";
import { namedIn } from "./named-in.ts";
import { drawWithoutMore, sweep } from "./row-pool.ts";
import { askToSettle } from "./settle-coins.ts";
import {
  asOfChain,
  type CheckedStream,
  caughtIn,
  chainOf,
  chainOpenedMs,
  checkedStream,
  closeLedger,
  forgetLedger,
  giveUpLedger,
  isClosedForGood,
  ledgersOf,
  writeLedgers,
} from "./stream-ledgers.ts";
import { windowOfLedger } from "./stream-terms.ts";

/** Whatever happened: closed ledgers are certified that can be. */
export function lookAtLedgers(step: Step, job: InferenceJob): void {
  const checked = checkedStream(job);
  if (checked === null) return;
  const { stream, checks } = checked;
  if (stream.closed.size === 0 || !(stream.mustLook || checks.mustSweep)) return;
  if (checks.closing !== null || job.topUps.size > 0) return;
  stream.mustLook = false;
  certifyLedgers(step, job, checked);
}

/** The stream has ended, and every coin of it is answered: its last ledger is closed. @returns whether anything is under way */
export function closeLedgers(step: Step, job: InferenceJob): boolean {
  const checked = checkedStream(job);
  if (checked === null) return false;
  const { stream } = checked;
  clearTimer(step, stream.dueTimerId);
  stream.dueTimerId = null;
  if (stream.rows > 0 && !stream.closed.has(stream.current) && !isOver(job, stream.current))
    closeLedger(step, job, checked);
  return certifyLedgers(step, job, checked);
}

function isOver(job: InferenceJob, ledger: number): boolean {
  return isClosedForGood(ledgersOf(job)[ledger]);
}

/** One after the other: each rests on those of its chain before it. @returns whether rows of any are being computed */
function certifyLedgers(step: Step, job: InferenceJob, checked: CheckedStream): boolean {
  for (const ledger of [...checked.stream.closed.keys()]) {
    if (certify(step, job, checked, ledger)) return true;
    if (checked.stream.closed.has(ledger)) return false;
  }
  return false;
}

/** @returns whether rows of it are being computed */
function certify(step: Step, job: InferenceJob, checked: CheckedStream, ledger: number): boolean {
  const { state } = step;
  const { checks, terms, stream } = checked;
  const open = openCoins(state, job, checks, ledger);
  if (open.length > 0) return isNobodyToAnswer(state, checks, open) && askToSettle(step, job, checks, open);
  if (hasOpenRounds(job, ledger)) return false;
  const isNamed = namedIn(state, job, checks, chainOpenedMs(job, ledger)) > 0;
  const rows = rowsOf(job, checked, ledger);
  const sampled = stream.closed.get(ledger) ?? 0;
  const before = certifiedBefore(job, ledger).map((place) => asOfChain(ledgersOf(job)[place]!));
  const caught = caughtIn(state, job, checked, ledger);
  const bound = terms.shares.job * job.stored.submission.answerBound;
  // [CC8] That no naming is tolerated was settled before any row of a sample is drawn.
  const wanted = isNamed ? null : streamSampleRows(before, rows, caught, bound);
  const missing = wanted === null || sampled >= rows ? wanted : wanted - sampled;
  if (missing === null || missing > auditRowsLeft(state, job)) giveUpLedger(step, job, checked, ledger);
  else if (missing > 0 && sampled < rows) return sample(step, job, checks, ledger, missing);
  else certified(step, job, checked, ledger, { rows, sampledShare: rows === 0 ? 1 : Math.min(1, sampled / rows) });
  return false;
}

/** Places of those of its chain that are certified. */
function certifiedBefore(job: InferenceJob, ledger: number): number[] {
  const first = chainOf(job, ledger);
  const chain = ledgersOf(job).slice(first, ledger);
  return chain.flatMap(({ bound }, place) => (bound < 1 ? [first + place] : []));
}

/** Where nobody is there everybody is still to come back. */
function isNobodyToAnswer(state: CoordinatorState, checks: JobChecks, rows: readonly PooledRow[]): boolean {
  return state.crowd.ready.size > 0 && !areComingBack(state, checks) && rows.every(({ at }) => at === null);
}

/** Rows of it that wait for a second answer; those that nobody has are looked at first. */
function openCoins(state: CoordinatorState, job: InferenceJob, checks: JobChecks, ledger: number): PooledRow[] {
  const window = windowOfLedger(ledger);
  const open = () => [...checks.pool.values()].filter((row) => row.window === window);
  const found = open();
  if (!checks.mustSweep && (found.length === 0 || found.some(({ at }) => at !== null))) return found;
  drawWithoutMore(state, job, checks, Number.POSITIVE_INFINITY);
  sweep(state, job, checks, Number.POSITIVE_INFINITY);
  return open();
}

/** Of rows that are no answers yet a sample would know nothing. */
function hasOpenRounds({ openRounds }: InferenceJob, ledger: number): boolean {
  const window = windowOfLedger(ledger);
  for (const { slots } of openRounds.values())
    if (slots.some(({ accepted }) => accepted?.coins?.window === window)) return true;
  return false;
}

/** Under coins, that stand. Who lies needs no lie in rows that fill up a group: these say nothing of answers. */
function rowsOf({ finishedRounds, schedule }: InferenceJob, { stream }: CheckedStream, ledger: number): number {
  const window = windowOfLedger(ledger);
  let rows = 0;
  for (const roundIndex of stream.roundsOf.get(ledger) ?? []) {
    for (const source of finishedRounds.get(roundIndex)?.sources ?? [])
      if (source?.coins?.window === window) rows += ownRowsOfWorker(schedule.planOf(roundIndex), roundIndex);
  }
  return Math.ceil(rows);
}

function sample(step: Step, job: InferenceJob, checks: JobChecks, ledger: number, rows: number): boolean {
  job.auditRowsAsked += rows;
  const window = windowOfLedger(ledger);
  const effectId = emitNumerics<InferenceWork>(step, job, { type: "sample", rows, window });
  checks.closing = { effectId, rows: [], sampleOf: { ledger, asked: rows } };
  return true;
}

/** What its chain says of its rows it says of all its ledgers: they are within the bound together. */
function certified(
  step: Step,
  job: InferenceJob,
  checked: CheckedStream,
  ledger: number,
  { rows, sampledShare }: LedgerOfChain,
): void {
  const { terms, stream } = checked;
  const ledgers = [...ledgersOf(job)];
  const begun = ledgers[ledger] ?? { openedMs: chainOpenedMs(job, ledger) };
  const sampled = sampledShare > 0 ? { sampledShare } : {};
  ledgers[ledger] = { ...begun, rows, ...sampled, below: windowOfLedger(ledger + 1), bound: 0 };
  // Of what was computed altogether nothing is wrong, and nothing follows for the others.
  if (sampledShare < 1) {
    const places = [...certifiedBefore(job, ledger), ledger];
    const chain = places.map((place) => asOfChain(ledgers[place]!));
    const bound = streamChainBound(chain, caughtIn(step.state, job, checked, ledger)) / terms.shares.job;
    places.forEach((place, n) => {
      if (chain[n]!.sampledShare < 1) ledgers[place] = { ...ledgers[place]!, bound };
    });
  }
  forgetLedger(stream, ledger);
  writeLedgers(step, job, ledgers);
}
