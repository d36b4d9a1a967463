/**
 * Certificates of a stream. Once all coins of a ledger that takes no more rows are answered it is certified, where nobody was named in it; the
 * coordinator computes a sample where checks are missing. SPEC.md CC14.
 */
import { streamLedgerBound, streamSampleRows } from "../../../../../shared/verify/cross-checks/stream-ledgers.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { clearTimer, emitNumerics } from "../../../../coordinator/step-context.ts";
import { auditRowsLeft } from "../batches.ts";
import { ownRowsOfWorker } from "../inference-plan.ts";
import type { InferenceJob } from "../job.ts";
import type { InferenceWork } from "../work.ts";
import { colluderShareIn } from "./crowd-lately.ts";
import type { JobChecks, PooledRow } from "./job-checks.ts";
import { namedIn } from "./named-in.ts";
import { sweep } from "./row-pool.ts";
import { askToSettle } from "./settle-coins.ts";
import {
  type CheckedStream,
  checkedStream,
  closeLedger,
  giveUpLedger,
  isClosedForGood,
  openedMsOf,
  writeLedger,
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
  if (stream.rows > 0 && !stream.closed.has(stream.current) && !isOver(job, stream.current)) closeLedger(checked);
  return certifyLedgers(step, job, checked);
}

function isOver({ stored }: InferenceJob, ledger: number): boolean {
  return isClosedForGood(stored.crossChecks?.ledgers?.[ledger]);
}

/** @returns whether rows of any are being computed */
function certifyLedgers(step: Step, job: InferenceJob, checked: CheckedStream): boolean {
  for (const ledger of [...checked.stream.closed.keys()]) if (certify(step, job, checked, ledger)) return true;
  return false;
}

/** @returns whether rows of it are being computed */
function certify(step: Step, job: InferenceJob, checked: CheckedStream, ledger: number): boolean {
  const { state } = step;
  const { checks, terms, stream } = checked;
  const open = openCoins(state, job, checks, ledger);
  if (open.length > 0) return isNobodyToAnswer(state, open) && askToSettle(step, job, checks, open);
  if (hasOpenRounds(job, ledger)) return false;
  const isNamed = namedIn(state, job, checks, openedMsOf(job, ledger)) > 0;
  const sampled = stream.closed.get(ledger) ?? 0;
  const checksPerRow = terms.checkShare * (1 - colluderShareIn(state, checks));
  const facts = { rows: rowsOf(job, ledger), checksPerRow, sampled };
  const bound = terms.shares.job * job.stored.submission.answerBound;
  // [CC8] That no naming is tolerated was settled before any row of a sample is drawn.
  const rows = isNamed ? null : streamSampleRows(facts, bound);
  if (rows === null || rows > auditRowsLeft(state, job)) giveUpLedger(step, job, checked, ledger);
  else if (rows > 0) return sample(step, job, checks, ledger, rows);
  else certified(step, job, checked, ledger, streamLedgerBound(facts) / terms.shares.job);
  return false;
}

/** After a restart everybody is still to come back. */
function isNobodyToAnswer({ crowd }: CoordinatorState, rows: readonly PooledRow[]): boolean {
  return crowd.ready.size > 0 && rows.every(({ at }) => at === null);
}

/** Rows of it that wait for a second answer; those that nobody has are looked at first. */
function openCoins(state: CoordinatorState, job: InferenceJob, checks: JobChecks, ledger: number): PooledRow[] {
  const window = windowOfLedger(ledger);
  const open = () => [...checks.pool.values()].filter((row) => row.window === window);
  const found = open();
  if (!checks.mustSweep && (found.length === 0 || found.some(({ at }) => at !== null))) return found;
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
function rowsOf({ finishedRounds, schedule }: InferenceJob, ledger: number): number {
  const window = windowOfLedger(ledger);
  let rows = 0;
  for (const [roundIndex, { sources }] of finishedRounds) {
    for (const source of sources)
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

function certified(step: Step, job: InferenceJob, { stream }: CheckedStream, ledger: number, bound: number): void {
  stream.closed.delete(ledger);
  const begun = job.stored.crossChecks?.ledgers?.[ledger] ?? { openedMs: openedMsOf(job, ledger) };
  writeLedger(step, job, ledger, { ...begun, below: windowOfLedger(ledger + 1), bound });
}
