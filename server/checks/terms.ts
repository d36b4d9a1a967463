/** What is settled of a block before its first row goes out: docs/how-a-row-becomes-final.md, "The account". */
import { FIRST_AUDITED_ROWS } from "../../shared/protocol/limits.ts";
import { anchorShareOfJob } from "../../shared/verify/cross-checks/check-rates.ts";
import { ANCHOR_SHARE, CHECK_SHARE } from "../../shared/verify/cross-checks/parameters.ts";
import { STREAM_CHECK_SHARE } from "../../shared/verify/cross-checks/stream-ledgers.ts";
import type { BlockAsked, BlockTerms, Refusal } from "./words.ts";

/** t lies between the two: what the coins alone are to find of a lie. Old accounts pay less. */
export const COIN_CHECK_SHARE = { least: 0.02, most: 0.05 } as const;

/** Of a block's rows the coordinator computes half at most, */
const PRICE_SHARE_MAX = 0.5;
/** of a small one .85; of one between the two shares as many as of the largest small one. */
const PRICE_SHARE_SMALL_MAX = 0.85;
export const SMALL_ROWS = 700;

/** Shares are exact to less than that: a sample of nothing would cost a block its windows. */
const ROUNDING = 1e-12;

/** Reserves are whole multiples of this, rounded up, so that sums of them are exact and what was held comes back to the last bit. */
const RESERVE_GRAIN = 2 ** -24;

/**
 * Rows of the coordinator above which a block is not tried.
 * @example [priceMaxRows(200), priceMaxRows(900), priceMaxRows(10_000)] // -> [170, 595, 5_000]
 */
export function priceMaxRows(rows: number): number {
  return Math.max(PRICE_SHARE_MAX * rows, PRICE_SHARE_SMALL_MAX * Math.min(rows, SMALL_ROWS));
}

/** Of so many wrong answers that are free a first block leaves a twentieth: with one or more its rows can be asked again. That costs 5 % more checks at most. */
const KEPT = { from: 20, share: 0.05 } as const;

/**
 * The part of `free` that a block may take. A first block of which a finding took all would leave nothing for asking its rows again, and nearly none of them final.
 * @example [usableOf(10, false), usableOf(40, false), usableOf(40, true)] // -> [10, 38, 40]
 */
export function usableOf(free: number, isRetry: boolean): number {
  const usable = isRetry || free < KEPT.from ? free : (1 - KEPT.share) * free;
  return Math.max(0, Math.floor(usable / RESERVE_GRAIN) * RESERVE_GRAIN);
}

/**
 * t: what the coins alone are to find of a lie, clamp(1 / (1 + free), .02, .05).
 * @param free wrong answers, the block's own places counted
 * @example [coinCheckTarget(0), coinCheckTarget(24), coinCheckTarget(1_000)] // -> [0.05, 0.04, 0.02]
 */
export function coinCheckTarget(free: number): number {
  const { least, most } = COIN_CHECK_SHARE;
  return Math.min(most, Math.max(least, 1 / (1 + Math.max(0, free))));
}

/**
 * What a block may take of `free`, in wrong answers: all of it; while others are open or wait at most max(eps N, half).
 * @example allowance(10, 1e-3, { rows: 2_000, othersOpenOrWait: true }) // -> 5
 */
export function allowance(
  free: number,
  answerBound: number,
  { rows, othersOpenOrWait }: Pick<BlockAsked, "rows" | "othersOpenOrWait">,
): number {
  const most = othersOpenOrWait ? Math.min(free, Math.max(answerBound * rows, free / 2)) : free;
  return Math.max(0, Math.floor(most / RESERVE_GRAIN) * RESERVE_GRAIN);
}

/**
 * s: what a sample has to find of a lie that the coins missed, 1 - (1-c) / (1-c0).
 * @example sampleShare(0.24, 0.05) // -> 0.2
 */
export function sampleShare(checkShare: number, coinCheckShare: number): number {
  const share = 1 - (1 - checkShare) / (1 - coinCheckShare);
  return share < ROUNDING ? 0 : share;
}

/**
 * The terms of a block of N >= 1 rows.
 *
 * @param free wrong answers that the account has free, the block's own places counted
 * @returns why it is not tried, if its reserve or its price is too large
 * @example
 * const asked = { rows: 200, isOpenJob: false, hasCrowd: false, submitterRows: 0, colluderShare: 1 / 3, othersOpenOrWait: false, mayWait: false, priceMaxRows: null, isRetry: false, routeOneShare: 0 };
 * termsOf(0.2, 1e-3, asked) // -> c = 1 / 1.2, q = .05, s = .825, priceRows = 166.7
 */
export function termsOf(
  free: number,
  answerBound: number,
  asked: BlockAsked,
): BlockTerms | Omit<Refusal, "rowsThatSuffice"> {
  const { rows, hasCrowd, isOpenJob, submitterRows, colluderShare } = asked;
  const usable = usableOf(free, asked.isRetry);
  const mayTake = Math.min(usable, allowance(free, answerBound, asked));
  if (mayTake === 0) return { why: "reserve", priceRows: null };
  const target = coinCheckTarget(usable);
  const anchorShare = hasCrowd ? Math.min(target, anchorShareOfJob(submitterRows, rows)) : target;
  const wanted = isOpenJob ? STREAM_CHECK_SHARE : (target - anchorShare) / (1 - colluderShare);
  const duplicateShare = hasCrowd ? Math.min(CHECK_SHARE.most, Math.max(0, wanted)) : 0;
  const coinCheckShare = anchorShare + duplicateShare * (1 - colluderShare);
  const { checkShare, reserve } = reserveOf(coinCheckShare, mayTake);
  const share = sampleShare(checkShare, coinCheckShare);
  const firstRows = Math.min(rows, Math.max(0, FIRST_AUDITED_ROWS - submitterRows));
  const firstAnchorShare = Math.max(ANCHOR_SHARE.most, anchorShare);
  const anchors = anchorShare * rows + (firstAnchorShare - anchorShare) * firstRows;
  const priceRows = anchors + share * (rows - anchors);
  // Of an open job nobody waits for the end: what its first windows cost is small, whatever share of them that is.
  if (!isOpenJob && priceRows > priceMaxRows(rows)) return { why: "price", priceRows };
  if (asked.priceMaxRows !== null && priceRows > asked.priceMaxRows) return { why: "cap", priceRows };
  return {
    rows,
    anchorShare,
    duplicateShare,
    firstAnchorShare,
    firstRows,
    colluderShare,
    coinCheckShare,
    checkShare,
    sampleShare: share,
    reserve,
    priceRows,
    routeOneShare: asked.routeOneShare,
  };
}

/** c = max(c0, 1 / (1 + what it may take)), and (1 - c) / c, which is never more than that. */
function reserveOf(coinCheckShare: number, mayTake: number): { checkShare: number; reserve: number } {
  const dearest = 1 / (1 + mayTake);
  if (dearest >= coinCheckShare) return { checkShare: dearest, reserve: mayTake };
  const exact = (1 - coinCheckShare) / coinCheckShare;
  return {
    checkShare: coinCheckShare,
    reserve: Math.min(mayTake, Math.ceil(exact / RESERVE_GRAIN) * RESERVE_GRAIN),
  };
}
