/**
 * The rows of a result that the coordinator has computed if it kept its rules. Several sets may do: whether one of them was computed is found in time that
 * grows with the rows, whatever a receipt says of them.
 */
import type { BatchRecord } from "./batch-lines.ts";
import { anchorDraw, anchorText, drawBatchRows } from "./job-draws.ts";
import { type EndedStatement, STREAM_QUERIES } from "./sealed-receipt.ts";

export interface AskedRows {
  /** Of those that would do, the ones that were computed; else the ones that should have been. */
  readonly rows: readonly number[];
  /** They are fewer than the rule asks for: an operator's cap allows that. */
  readonly isCut: boolean;
}

export interface RowsOfBatch {
  readonly secret: Uint8Array;
  readonly ended: Pick<EndedStatement, "jobId" | "anchorShare" | "commitment">;
  /** So many rows are drawn at least. */
  readonly floor: number;
  readonly isCapped: boolean;
  isComputed(row: number): boolean;
}

/** Of cross-checked results the first ones are audited as well, in place of anchors. */
export function askedRows(batch: BatchRecord, given: RowsOfBatch): AskedRows {
  const { secret, ended, floor, isCapped, isComputed } = given;
  const { rows: size, drawnRows, opinionBy, coins } = batch;
  const order = drawBatchRows(secret, batch, size, Math.min(size, drawnRows));
  const drawn = { rows: order.slice(0, opinionBy === null ? drawnRows : Math.min(floor, drawnRows)), isCut: false };
  if (coins === null || ended.anchorShare === null) return drawn;
  const isStream = ended.commitment?.queries === STREAM_QUERIES;
  const { lowest, least } = anchorsOf(batch, given);
  /** So many are drawn beside so many anchors. */
  const besideCount = (anchors: number) =>
    opinionBy === null ? Math.min(order.length, Math.max(0, drawnRows - anchors)) : 0;
  const drawnOnes = leading(order, isComputed);
  const withDrawn = (anchors: readonly number[]) => [...anchors, ...order.slice(0, besideCount(anchors.length))];
  const withAnchors = (anchors: number) => withDrawn(lowest.slice(0, anchors).sort((a, b) => a - b));

  const anchorOnes = leading(lowest, isComputed);
  // Each ledger of a stream has its own share of anchors, and the receipt the least of them: there may be as many more as the result says.
  const most = isStream ? Math.max(least, Math.min(drawnRows, size)) : least;
  for (let anchors = least; anchors <= Math.min(most, anchorOnes); anchors++)
    if (besideCount(anchors) <= drawnOnes) return { rows: withAnchors(anchors), isCut: false };
  if (!isStream && drawnRows >= floor && leading(drawn.rows, isComputed) === drawn.rows.length) return drawn;
  const cut = isCapped ? underCap() : null;
  return cut === null ? { rows: withAnchors(least), isCut: false } : { rows: cut, isCut: true };

  /** Where a cap cuts anchors short, the first ones in the order of the rows are computed, and so many rows in all as the result says. */
  function underCap(): number[] | null {
    let needed = 0;
    while (besideCount(needed) > drawnOnes) needed++;
    const isAnchor = new Uint8Array(size);
    /** Anchors before the first one that was not computed. */
    let kept = 0;
    let firstSkipped = size;
    for (const [anchors, row] of lowest.entries()) {
      if (anchors >= least) {
        if (kept >= needed) return cutAt();
        if (!isStream) return null;
      }
      isAnchor[row] = 1;
      if (row >= firstSkipped) continue;
      kept++;
      if (isComputed(row)) continue;
      // Each row is passed once: the first one that was skipped only comes nearer.
      for (let passed = row; passed < firstSkipped; passed++) kept -= isAnchor[passed]!;
      firstSkipped = row;
    }
    return kept >= needed ? cutAt() : null;

    function cutAt(): number[] {
      const anchors = [...isAnchor.keys()].filter((row) => isAnchor[row] === 1);
      return withDrawn(anchors.slice(0, Math.min(kept, drawnRows)));
    }
  }
}

/** Its rows by their draws, the lowest first, and how many of them are below the share. */
function anchorsOf({ rows, coins }: BatchRecord, { secret, ended }: RowsOfBatch) {
  const { attempt, firstPlace, stride } = coins!;
  const draws = Float64Array.from({ length: rows }, (_, row) =>
    anchorDraw(secret, anchorText(ended.jobId, firstPlace + row * stride, attempt)),
  );
  const lowest = [...draws.keys()].sort((a, b) => draws[a]! - draws[b]!);
  return { lowest, least: draws.filter((draw) => draw < ended.anchorShare!).length };
}

/** How many of them, from the first on, were computed. */
function leading(rows: readonly number[], isComputed: (row: number) => boolean): number {
  const skipped = rows.findIndex((row) => !isComputed(row));
  return skipped < 0 ? rows.length : skipped;
}
