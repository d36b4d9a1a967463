/**
 * Route 1 beside the account: a bound for each volunteer by the rows of its own that were recomputed. It has a part of eps of its own,
 * settled before the block opens, and is outside the theorem of the account: it supposes that a coalition has at most f of the rows.
 */
import { finiteBlockShare } from "../../shared/verify/cross-checks/finite-block.ts";

/** Route 1 is thought of where it needs at most this share of the rows. */
const OWN_ROWS_SHARE_MAX = 0.5;
/** What ownRows reckons with as route 1's part. */
const PART_MAX = 0.9;
/** Wrong answers that an account has free when it can halve its growth: what c = .05 reserves. */
const FREE_MIN = 19;

/**
 * f: of the rows so many are a coalition's at most, as seen lately and never below beta.
 * @example coalitionShare(0.2, 1 / 3) // -> 1 / 3
 */
export function coalitionShare(liarShare: number, colluderShare: number): number {
  return Math.max(liarShare, colluderShare);
}

/**
 * The least t with f / (1 - f) finiteBlockShare(n, 0, t, 0) <= bound.
 * @example leastTrusted(10, 1 / 3, 0.05) // -> 5
 */
export function leastTrusted(rows: number, coalition: number, bound: number): number {
  const odds = coalition / (1 - coalition);
  let [low, high] = [0, rows];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (odds * finiteBlockShare(rows, 0, middle, 0) <= bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Rows that the coordinator would have to compute for route 1 alone, before the block opens.
 * @param rowsByVolunteer how many of the block each is expected to answer
 * @example ownRows([10, 10], 1 / 3, 0.05) // -> 10
 */
export function ownRows(rowsByVolunteer: readonly number[], coalition: number, answerBound: number): number {
  const known = new Map<number, number>();
  const leastOf = (rows: number): number => {
    const least = known.get(rows) ?? leastTrusted(rows, coalition, PART_MAX * answerBound);
    known.set(rows, least);
    return least;
  };
  return rowsByVolunteer.reduce((sum, rows) => sum + leastOf(Math.floor(rows)), 0);
}

/**
 * Route 1's part of eps; the account has the rest. A retry has the part of the block that it repeats, for its places count once.
 * @param free of the account, without the block's own places
 * @param ownRows of the block, see above
 * @example
 * const young = { rows: 1_000, ownRows: 300, free: 0, hadFinding: false };
 * [young, { ...young, free: 19 }, { ...young, hadFinding: true }].map(routeOneShare) // -> [0, 0.5, 0.9]
 */
export function routeOneShare(facts: {
  readonly rows: number;
  readonly ownRows: number;
  readonly free: number;
  /** The latest block of the account had one. */
  readonly hadFinding: boolean;
}): number {
  if (facts.ownRows > OWN_ROWS_SHARE_MAX * facts.rows) return 0;
  if (facts.hadFinding) return PART_MAX;
  return facts.free >= FREE_MIN ? 0.5 : 0;
}
