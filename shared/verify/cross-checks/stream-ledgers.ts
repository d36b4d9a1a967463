/**
 * Certificates of a stream, which has no size: docs/verification.md, "Streams". It is cut into ledgers one after the other, each of a fixed
 * number of rows. Ledgers that follow each other without a naming are a chain: what a coalition has certified in one of them it has put at
 * stake in all that came before, so that each asks for fewer checks than the one before it. A ledger is certified once it is full, or before,
 * when its time is over: then the coordinator computes a sample of it that makes up for the checks which its chain lacks.
 */
import { closedLedgerChecks } from "./ledger.ts";

/**
 * h: who is asked for a row of a stream once more can tell, for it is an older one. So only who answered first is checked, once. Some of these
 * rows are given back and go out again: with them they are less than 2 % of the stream.
 */
export const STREAM_CHECK_SHARE = 0.018;

/** Some rows of a ledger are taken out again. */
const SPARE = 1.1;
/** Rows of a ledger, at least: of a full chain, and of those that its chain has before it. Each ledger is written with each row of the stream. */
const LEAST = { ofFull: 0.04, ofBefore: 0.05 } as const;
/** Rows of a ledger that the coordinator computes to complete its certificate, at most: a share of them, but in small ones more. */
const SAMPLE = { share: 0.005, rows: 500 } as const;

/**
 * c: the least chance that a lie is found before its ledger is certified: by an anchor, or by whoever answers the row too.
 * @param anchorShare q0
 * @param checkShare h
 * @param colluderShare beta
 * @example catchChance(0.0015, 0.02, 0.527) // -> 0.0109458
 */
export function catchChance(anchorShare: number, checkShare: number, colluderShare: number): number {
  return anchorShare + (1 - anchorShare) * checkShare * (1 - colluderShare);
}

/**
 * Rows of a full chain: as many lies as are told before its first naming, on average, are within the bound of so many rows. What comes later
 * in the same chain is certified at once.
 * @param bound eps
 * @example streamChainRows(1e-3, 0.01) // -> 100000
 */
export function streamChainRows(bound: number, caught: number): number {
  return Math.max(1, Math.ceil(1 / (bound * caught)));
}

/**
 * Is a ledger of any size completed by a sample? Below such a bound only full ledgers are certified.
 * @example isCompletable(1e-3) // -> true
 * @example isCompletable(1e-4) // -> false
 */
export function isCompletable(bound: number): boolean {
  return closedLedgerChecks(bound) <= SAMPLE.rows;
}

/** A ledger of a chain that is certified, or is to be. */
export interface LedgerOfChain {
  /** That stand in it, with every coin answered. */
  readonly rows: number;
  /** The share of them that was drawn when they were fixed, computed by the coordinator and right. */
  readonly sampledShare: number;
}

/**
 * The share of wrong answers that were ever certified among the rows of a chain in which nobody was named, in expectation. Of x lies in its
 * last ledger, each found with chance c and in the sample with chance s, x (1-c)^x (1-s)^x stand when it is certified; whoever lies in an
 * earlier one loses what it might have certified later where it is named.
 * @param ledgers in their order
 * @param caught c
 * @example streamChainBound([{ rows: 40_000, sampledShare: 0 }], 0.01) // -> 9.19699e-4
 */
export function streamChainBound(ledgers: readonly LedgerOfChain[], caught: number): number {
  let [lies, rows] = [0, 0];
  for (let place = ledgers.length - 1; place >= 0; place--) {
    const { rows: own, sampledShare } = ledgers[place]!;
    rows += own;
    // What was computed altogether is right.
    if (sampledShare >= 1) continue;
    const found = 1 - (1 - caught) * (1 - sampledShare);
    // Who loses more by a naming than the lies of this ledger are worth tells none in it.
    if (found * lies < 1) lies = Math.exp(found * lies - 1) / found;
  }
  return rows === 0 ? 0 : Math.min(1, lies / rows);
}

/**
 * Rows of a ledger that begins: so many are certified by their checks alone, where nobody is named.
 * @param before the ledgers of its chain, were all of them certified
 * @param bound eps
 * @param chainRows of a full chain
 * @example streamLedgerRows([], 1e-3, 100_000) // -> 40467
 * @example streamLedgerRows([{ rows: 40_467, sampledShare: 0 }], 1e-3, 100_000) // -> 17994
 * @example streamLedgerRows([{ rows: 120_000, sampledShare: 0 }], 1e-3, 100_000) // -> 6000
 */
export function streamLedgerRows(before: readonly LedgerOfChain[], bound: number, chainRows: number): number {
  const rowsBefore = before.reduce((sum, { rows }) => sum + rows, 0);
  const least = Math.max(1, Math.ceil(Math.max(LEAST.ofFull * chainRows, LEAST.ofBefore * rowsBefore)));
  const most = Math.ceil(SPARE * chainRows) - rowsBefore;
  const caught = 1 / (bound * chainRows);
  return leastOf(least, most, (rows) => {
    return streamChainBound([...before, { rows, sampledShare: 0 }], caught) <= bound / SPARE;
  });
}

/**
 * Rows of a ledger that have to be drawn and computed so that its chain is within the bound: 0 where none are missing.
 * @param before the ledgers of its chain that are certified
 * @param rows that stand in it
 * @returns null: more than is worth it
 * @example streamSampleRows([], 3_600, 0.01, 1e-3) // -> 336
 */
export function streamSampleRows(
  before: readonly LedgerOfChain[],
  rows: number,
  caught: number,
  bound: number,
): number | null {
  const isWithin = (sampled: number) =>
    sampled >= rows || streamChainBound([...before, { rows, sampledShare: sampled / rows }], caught) <= bound;
  const sampled = leastOf(0, rows, isWithin);
  return sampled <= Math.max(SAMPLE.rows, SAMPLE.share * rows) ? sampled : null;
}

/** @param isEnough false up to some number, and true from it on. @returns that number, within the two */
function leastOf(least: number, most: number, isEnough: (count: number) => boolean): number {
  let [from, to] = [least, Math.max(least, most)];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (isEnough(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
