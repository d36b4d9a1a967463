/**
 * Certificates while a job runs. Rows are taken in window by window, some windows make a ledger; once every coin of a window and of those
 * before it is answered its rows are certified, if few enough were named since the ledger began. SPEC.md CC12.
 */
import {
  closedLedgerBound,
  ledgerBound,
  ledgerOf,
  WINDOWS_PER_LEDGER,
} from "../../../../../shared/verify/cross-checks/ledger.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { persistOwn } from "../../../../coordinator/persistence.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { CheckTerms, Ledger, StoredCrossChecks } from "../../records.ts";
import type { Coins } from "../batch-source.ts";
import { batchRowsOf } from "../inference-plan.ts";
import { type InferenceJob, slotRows } from "../job.ts";
import { jobRecord } from "../rounds.ts";
import type { InferencePurpose } from "../work.ts";
import { colluderShareIn } from "./crowd-lately.ts";
import type { JobChecks } from "./job-checks.ts";
import { namedIn } from "./named-in.ts";
import { windowOfLedger } from "./stream-terms.ts";

/** Names the window in which a result is taken in now. */
export function inWindow({ stored, checks }: InferenceJob, coins: Coins): Coins {
  const ledger = stored.crossChecks?.terms?.ledger;
  if (ledger === undefined || checks === null) return coins;
  if (checks.stream !== null) return withWindow(coins, windowOfLedger(checks.stream.current));
  return withWindow(coins, Math.floor(checks.rowsTaken / ledger.windowRows));
}

function withWindow({ attempt, duplicates, hidden }: Coins, window: number): Coins {
  return { attempt, duplicates, ...(hidden === undefined ? {} : { hidden }), window };
}

/** Are answers of this batch certified, whatever comes later? */
export function isCertified(crossChecks: StoredCrossChecks | null, coins: Coins | undefined): boolean {
  return ledgerOver(crossChecks, coins) !== null;
}

/** The ledger that certifies this batch; null: none does. */
export function ledgerOver(crossChecks: StoredCrossChecks | null, coins: Coins | undefined): Ledger | null {
  const terms = crossChecks?.terms?.ledger;
  if (terms === undefined || coins?.window === undefined) return null;
  const ledger = crossChecks?.ledgers?.[ledgerOf(coins.window, terms)];
  return ledger !== undefined && coins.window < ledger.below ? ledger : null;
}

/** After a restart: windows are counted on from the last that has anything durable in it. */
export function goOnWithWindows({ stored, checks, finishedRounds }: InferenceJob): void {
  const ledger = stored.crossChecks?.terms?.ledger;
  if (ledger === undefined || checks === null || checks.stream !== null) return;
  let last = Math.max(-1, ...(stored.crossChecks?.ledgers ?? []).map(({ below }) => below - 1));
  for (const { sources } of finishedRounds.values())
    for (const source of sources) last = Math.max(last, source?.coins?.window ?? -1);
  checks.rowsTaken = (last + 1) * ledger.windowRows;
  checks.begunAtRow = checks.rowsTaken;
  checks.nextWindow = last + 1;
}

/** Once a window is full. */
export function lookAtWindows(step: Step, job: InferenceJob, checks: JobChecks, terms: CheckTerms): void {
  const { ledger } = terms;
  if (ledger === undefined || checks.stream !== null) return;
  const now = Math.floor(checks.rowsTaken / ledger.windowRows);
  if (now < checks.nextWindow) return;
  checks.nextWindow = now + 1;
  certifyWindows(step, job, checks, terms, now);
}

/**
 * [CC9] Every coin of the job is answered: the last ledger is full.
 * @returns as it would stand now
 */
export function certifiedAtEnd(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  terms: CheckTerms,
): StoredCrossChecks | null {
  if (checks.stream !== null) return job.stored.crossChecks;
  return certified(state, job, checks, terms, Number.POSITIVE_INFINITY) ?? job.stored.crossChecks;
}

function certifyWindows(step: Step, job: InferenceJob, checks: JobChecks, terms: CheckTerms, now: number): void {
  const next = certified(step.state, job, checks, terms, now);
  if (next === null) return;
  job.stored.crossChecks = next;
  const { ledgers = [] } = next;
  persistOwn<InferencePurpose>(step, job, { type: "windowsCertified", ledgers }, [jobRecord(job)]);
}

/** @param now the window that is not full. @returns null: nothing is new */
function certified(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  { ledger: cut, shares, checkShare }: CheckTerms,
  now: number,
): StoredCrossChecks | null {
  const { crossChecks, submission } = job.stored;
  if (cut === undefined || crossChecks === null) return null;
  const closed = Math.min(now, lowestOpenWindow(checks));
  const checksPerRow = checkShare * (1 - colluderShareIn(state, checks));
  const ledgers = [...(crossChecks.ledgers ?? [])];
  let isNew = false;
  let rows: ReadonlyMap<number, number> | null = null;
  for (let l = 0; l <= ledgerOf(now, cut); l++) {
    const first = l * WINDOWS_PER_LEDGER;
    isNew ||= ledgers[l] === undefined;
    // It begins with its first row, which comes now at the earliest; the first one with the job.
    const ledger = ledgers[l] ?? { openedMs: l === 0 ? 0 : state.nowMs, below: first, bound: 1 };
    ledgers[l] = ledger;
    const end = l === cut.ledgers - 1 ? Number.POSITIVE_INFINITY : first + WINDOWS_PER_LEDGER;
    const below = Math.min(closed, end);
    if (below <= ledger.below) continue;
    const named = namedIn(state, job, checks, ledger.openedMs);
    rows ??= rowsByWindow(job);
    const kappa = checksPerRow * sumWithin(rows, first, below);
    const bound = below === end ? closedLedgerBound(named, kappa) : ledgerBound(named, kappa);
    if (!(bound <= shares.job * submission.answerBound)) continue;
    ledgers[l] = { ...ledger, below: Math.min(below, LAST_WINDOW), bound: bound / shares.job };
    isNew = true;
  }
  return isNew ? { ...crossChecks, ledgers } : null;
}

/** Beyond all windows, as a number that is stored. */
const LAST_WINDOW = 0xffff;

function lowestOpenWindow({ pool }: JobChecks): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { window } of pool.values()) if (window !== null) lowest = Math.min(lowest, window);
  return lowest;
}

/** Rows under coins that stand, by the window in which they were taken in. */
function rowsByWindow({ finishedRounds, openRounds, schedule }: InferenceJob): Map<number, number> {
  const rows = new Map<number, number>();
  const count = (coins: Coins | undefined, batchRows: number) => {
    if (coins?.window !== undefined) rows.set(coins.window, (rows.get(coins.window) ?? 0) + batchRows);
  };
  for (const [roundIndex, { sources }] of finishedRounds) {
    const plan = schedule.planOf(roundIndex);
    sources.forEach((source, workerIndex) => {
      count(source?.coins, batchRowsOf(plan, roundIndex, workerIndex));
    });
  }
  for (const round of openRounds.values())
    for (const slot of round.slots) count(slot.accepted?.coins, slotRows(round, slot));
  return rows;
}

function sumWithin(rows: ReadonlyMap<number, number>, first: number, below: number): number {
  let sum = 0;
  for (const [window, count] of rows) if (window >= first && window < below) sum += count;
  return sum;
}
