import { BATCH_DUPLICATE_SHARE_MAX, NEWCOMER } from "./parameters.ts";

export interface DuplicatesWanted {
  /** Rows that wait to be duplicated, of a kind that this volunteer may take. */
  readonly poolRows: number;
  readonly activeVolunteers: number;
  /** G */
  readonly batchRows: number;
  /** Rows that this volunteer has done. */
  readonly rowsDone: number;
  /** Secret, uniform in [0, 1): rounds the share up or down. */
  readonly u: number;
  readonly newcomerRows?: number;
  readonly newcomerShare?: number;
  readonly most?: number;
}

/**
 * How many rows of a batch are duplicates where the pool is everybody's: the pool's share of one turn of the crowd, capped; more for
 * newcomers.
 * @example duplicatesInBatch({ poolRows: 30, activeVolunteers: 10, batchRows: 40, rowsDone: 500, u: 0.5 }) // -> 3
 */
export function duplicatesInBatch(wanted: DuplicatesWanted): number {
  const { poolRows, activeVolunteers, batchRows, rowsDone, u } = wanted;
  const { newcomerRows = NEWCOMER.rows, newcomerShare = NEWCOMER.duplicateShare } = wanted;
  const share = Math.floor(poolRows / Math.max(1, activeVolunteers) + u);
  const fair = Math.min(Math.ceil((wanted.most ?? BATCH_DUPLICATE_SHARE_MAX) * batchRows), share);
  if (rowsDone >= newcomerRows) return Math.min(poolRows, fair);
  const ofNewcomers = Math.round(newcomerShare * batchRows);
  return Math.min(poolRows, Math.max(fair, Math.min(NEWCOMER.duplicateRowsMin, batchRows), ofNewcomers));
}

/**
 * The same where each pending row waits for the volunteer that was drawn for it: all of that queue, up to a fifth of the batch.
 * @param queuedRows rows that wait for this volunteer
 * @example queuedInBatch(11, 40) // -> 8
 */
export function queuedInBatch(queuedRows: number, batchRows: number): number {
  return Math.min(queuedRows, Math.ceil(BATCH_DUPLICATE_SHARE_MAX * batchRows));
}

/**
 * Checks that a row given to m others buys for each extra row: (m+1)/m (1 - beta^m). Pairs are best up to beta = 1/3.
 * @example checksPerExtraRow(1, 1 / 3) // -> 4 / 3
 */
export function checksPerExtraRow(others: number, colluderShare: number): number {
  return ((others + 1) / others) * (1 - colluderShare ** others);
}

/**
 * What a row whose answer is known is worth at each of its uses, on average: a coalition that has seen it is not fooled again, so
 * that the u-th use is worth (1-beta)^(u-1).
 * @example goldenWorth(3, 0.2) // -> 0.813333
 */
export function goldenWorth(uses: number, colluderShare: number): number {
  let worth = 0;
  for (let use = 0; use < uses; use++) worth += (1 - colluderShare) ** use;
  return worth / uses;
}
