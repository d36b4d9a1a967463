/**
 * Certificates while a job runs: docs/verification.md, "Before the job ends". A job is cut into ledgers of equal size before it begins, a
 * ledger into windows. What is certified stays so: other than for what stands at a job's end, lies that are found later have counted.
 */
import { acceptanceConstant } from "./acceptance.ts";

/** Looks at a ledger: after each of its windows. */
export const WINDOWS_PER_LEDGER = 25;
/** A clean ledger is certified from a third of its rows on: a smaller one would hardly ever be, a larger one forgets namings later. */
const LEDGER_ROWS_FACTOR = 3;
const LEDGERS_MAX = 1_000;

/** V_0: lies that stand at the end of what nobody was named for, in units of 1/c. */
const LAST_LIES = acceptanceConstant(0);

/**
 * What the rows of a ledger so far say of themselves, for good: before the (D+1)-th naming (D+1)/c lies are told at most, on average, by
 * a coalition of any size, however it goes on.
 * @param named D, since the ledger began
 * @param checks kappa of the rows that are closed
 * @example ledgerBound(0, 2_000) // -> 5e-4
 */
export function ledgerBound(named: number, checks: number): number {
  return checks <= 0 ? 1 : Math.min(1, (named + 1) / checks);
}

/**
 * The same of a ledger that is full: whoever lies for the last naming that is still accepted has to stop in time, so that V_0 of its lies
 * stand. With what was certified before it stays within one promise.
 * @example closedLedgerBound(0, 368) // -> 0.000999672
 */
export function closedLedgerBound(named: number, checks: number): number {
  return checks <= 0 ? 1 : Math.min(1, (named + LAST_LIES) / checks);
}

/**
 * Checks that a full ledger needs where nobody is named in it.
 * @example closedLedgerChecks(1e-3) // -> 367.879
 */
export function closedLedgerChecks(bound: number): number {
  return LAST_LIES / bound;
}

export interface LedgerTerms {
  /** Rows that are taken in within one window. */
  readonly windowRows: number;
  readonly ledgers: number;
}

/**
 * How a job is cut, before it begins: by nothing that a coalition could choose later. A ledger that began when somebody was named would
 * let it try again and again.
 * @param bound the part of eps that certificates have
 * @param checksPerRow effective ones, that each row meets
 * @example ledgerTerms(20_000, 5e-4, 0.0189) // -> { ledgers: 1, windowRows: 800 }
 */
export function ledgerTerms(rows: number, bound: number, checksPerRow: number): LedgerTerms {
  const rowsForFirst = 1 / (bound * checksPerRow);
  const ledgers = Math.min(LEDGERS_MAX, Math.max(1, Math.floor(rows / (LEDGER_ROWS_FACTOR * rowsForFirst))));
  return { ledgers, windowRows: Math.max(1, Math.ceil(rows / ledgers / WINDOWS_PER_LEDGER)) };
}

/**
 * To which ledger a window belongs: rows that are done again belong to the last one.
 * @example ledgerOf(30, { ledgers: 3 }) // -> 1
 */
export function ledgerOf(window: number, { ledgers }: Pick<LedgerTerms, "ledgers">): number {
  return Math.min(ledgers - 1, Math.floor(window / WINDOWS_PER_LEDGER));
}
