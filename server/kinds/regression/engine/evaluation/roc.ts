/** ROC curves: how many rows of each of two classes lie above every threshold. */

export interface RocCurve {
  /** Points from [0, 0] to [1, 1]: shares of the negatives and of the positives above a threshold. */
  readonly points: readonly (readonly [number, number])[];
  /** The chance that a positive scores higher than a negative, ties half (Hanley, McNeil 1982). */
  readonly area: number;
}

/**
 * @param scores one a row, finite; the higher, the more positive
 * @param isPositive one a row
 * @param pointsMax at least 2: of a longer curve those that are furthest apart along it; the area is that of the whole one
 * @returns null: there are rows of one sort alone
 * @example rocOf([0.9, 0.4, 0.6], [true, false, true], 100)?.area // -> 1
 */
export function rocOf(scores: ArrayLike<number>, isPositive: ArrayLike<boolean>, pointsMax: number): RocCurve | null {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row).sort((a, b) => scores[b]! - scores[a]!);
  const positives = Array.prototype.reduce.call(isPositive, (sum, one) => (sum as number) + (one ? 1 : 0), 0) as number;
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const points: [number, number][] = [[0, 0]];
  let [above, aboveWrongly, doubleArea] = [0, 0, 0];
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at]!]!;
    let [hits, misses] = [0, 0];
    // Rows of one score lie above a threshold together.
    for (; at < order.length && scores[order[at]!] === score; at++) isPositive[order[at]!] ? hits++ : misses++;
    doubleArea += misses * (2 * above + hits);
    above += hits;
    aboveWrongly += misses;
    points.push([aboveWrongly / negatives, above / positives]);
  }
  return { points: thinned(points, pointsMax), area: doubleArea / (2 * positives * negatives) };
}

/** Both shares only grow, so their sum measures the way along the curve. */
function thinned(points: readonly (readonly [number, number])[], pointsMax: number): RocCurve["points"] {
  if (points.length <= pointsMax) return points;
  const kept: (readonly [number, number])[] = [];
  for (const point of points) {
    const next = (2 * kept.length) / (pointsMax - 1);
    if (kept.length < pointsMax - 1 && point[0] + point[1] >= next) kept.push(point);
  }
  return [...kept, points.at(-1)!];
}
