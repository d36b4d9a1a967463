/** Rule 1: how many rows a claim has. Nothing in it depends on what the rows are, so that a claim's size tells nothing. */
import { type ClaimSizes, MIN_PART_ROWS } from "./words.ts";

export const CLAIM_SIZES: ClaimSizes = {
  ...{ targetMs: 3_000, firstRows: 5, rowsMax: 4_096, fairPart: 0.5, unknownPart: 0.25 },
  ...{ claimsPerSecondMax: 1_000, claimsPerTab: 2, checkPart: 0.2 },
};

/** What takes its tab no longer is not divided further, ms, nor what takes it no longer than a claim takes beside its rows, here and on its way. */
const QUICK_MS = 100;
/**
 * Of a crowd at work so many ask within a claim or two: a tab that took all that waits would keep it from them. A quarter: with a half claims are smaller,
 * and the median of a stream's latency 10 % more; with a tenth it is 6 % less, but its slowest thousandth 12 % more, and a slow claim holds up all answers behind it.
 */
const SOON_IDLE_PART = 0.25;

/** What is known of a tab and of the crowd when it asks. */
export interface Asking {
  /** Rows a millisecond; 0: nothing is known. */
  readonly pace: number;
  /** Of those whose pace is known the mean; 0: of nobody. */
  readonly crowdPace: number;
  readonly wasSilent: boolean;
  readonly tabs: number;
  /** Tabs without a claim, this one among them if it has none. */
  readonly idleTabs: number;
  /** Rows that somebody has to be asked for. */
  readonly waiting: number;
  readonly isOpenJob: boolean;
  /** What a claim takes beside its rows, ms. */
  readonly besideRowsMs: number;
}

/**
 * Rows of a claim, one at least.
 *
 * - closed: pace x targetMs, at most fairPart of the tab's share of what waits; its whole share, or MIN_PART_ROWS, where these take it no longer than QUICK_MS or what a claim takes beside its rows
 * - open: what waits over the tabs that idle, or will soon, at most pace x targetMs
 * @example claimRows({ pace: 0.01, crowdPace: 0.01, wasSilent: false, tabs: 2, idleTabs: 1, waiting: 1_000, isOpenJob: false, besideRowsMs: 0 }, CLAIM_SIZES) // -> 30
 */
export function claimRows(asking: Asking, sizes: ClaimSizes): number {
  const { pace, crowdPace, waiting, tabs } = asking;
  const likely = pace > 0 ? pace : crowdPace;
  const part = pace > 0 && !asking.wasSilent ? 1 : sizes.unknownPart;
  const wanted = likely > 0 ? part * likely * targetMsOf(tabs, sizes) : sizes.firstRows;
  const share = crowdPace > 0 ? likely / crowdPace : 1;
  const fair = (share * waiting) / Math.max(1, tabs);
  const quick = Math.min(pace * Math.max(QUICK_MS, asking.besideRowsMs), Math.max(fair, MIN_PART_ROWS));
  const most = asking.isOpenJob
    ? Math.ceil(waiting / Math.max(1, asking.idleTabs, SOON_IDLE_PART * tabs))
    : Math.max(sizes.fairPart * fair, quick);
  return Math.max(1, Math.floor(Math.min(sizes.rowsMax, wanted, most)));
}

/** What a claim should take, so that all tabs together ask no more often than the coordinator bears. @example targetMsOf(10_000, CLAIM_SIZES) // -> 10000 */
export function targetMsOf(tabs: number, sizes: ClaimSizes): number {
  return Math.max(sizes.targetMs, (1_000 * tabs) / sizes.claimsPerSecondMax);
}
