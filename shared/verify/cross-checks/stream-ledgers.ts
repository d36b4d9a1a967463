/**
 * Certificates of a stream, which has no size: docs/verification.md, "Streams". It is cut into ledgers one after the other, each of a fixed
 * number of rows. A ledger is certified where nobody was named in it, once it is full, or before, when its time is over: then the
 * coordinator computes a sample of it that makes up for the checks which it lacks.
 */
import { closedLedgerBound, closedLedgerChecks } from "./ledger.ts";
import { CHECK_SHARE } from "./parameters.ts";

/** h: who is asked for a row of a stream once more can tell, for it is an older one. So only who answered first is checked, once. */
export const STREAM_CHECK_SHARE = CHECK_SHARE.base / 2;

/** Some rows of a ledger are taken out again. */
const SPARE = 1.1;
/** Rows of a ledger that the coordinator computes to complete its certificate, at most: a share of them, but in small ones more. */
const SAMPLE = { share: 0.005, rows: 500 } as const;

/**
 * Rows of a ledger: so many are certified by their duplicates alone, where nobody is named.
 * @param bound eps
 * @param checksPerRow effective ones, that each row meets
 * @example streamLedgerRows(1e-3, 0.01) // -> 40467
 */
export function streamLedgerRows(bound: number, checksPerRow: number): number {
  return Math.max(1, Math.ceil((SPARE * closedLedgerChecks(bound)) / checksPerRow));
}

/**
 * Is a ledger of any size completed by a sample? Below such a bound only full ledgers are certified.
 * @example isCompletable(1e-3) // -> true
 * @example isCompletable(1e-4) // -> false
 */
export function isCompletable(bound: number): boolean {
  return closedLedgerChecks(bound) <= SAMPLE.rows;
}

export interface LedgerFacts {
  /** That stand in it, with every coin answered. */
  readonly rows: number;
  /** Effective ones, that each row met. */
  readonly checksPerRow: number;
  /** Drawn from all of them when they were fixed, computed by the coordinator and right. */
  readonly sampled: number;
}

/**
 * What a ledger in which nobody was named says of its answers, in expectation: what was computed altogether is right.
 * @example streamLedgerBound({ rows: 40_000, checksPerRow: 0.01, sampled: 0 }) // -> 0.000919699
 */
export function streamLedgerBound({ rows, checksPerRow, sampled }: LedgerFacts): number {
  return sampled >= rows ? 0 : closedLedgerBound(0, checksPerRow * rows + sampled);
}

/**
 * Rows to be drawn and computed so that it reaches the bound: 0 where none are missing.
 * @returns null: more than is worth it
 * @example streamSampleRows({ rows: 3_600, checksPerRow: 0.01, sampled: 0 }, 1e-3) // -> 332
 */
export function streamSampleRows(facts: LedgerFacts, bound: number): number | null {
  if (streamLedgerBound(facts) <= bound) return 0;
  const missing = Math.min(facts.rows, Math.ceil(closedLedgerChecks(bound) - facts.checksPerRow * facts.rows));
  return missing <= Math.max(SAMPLE.rows, SAMPLE.share * facts.rows) ? missing : null;
}
