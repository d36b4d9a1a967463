import { type CodePoints, chebyshevPoints, checkCount } from "../../points.ts";

/**
 * The points of the systematic code: the first K evaluation points are the data points, bit for bit; parity s (0-based,
 * of P) lies in gap floor((2s+1)(K-1) / 2P), gap g being between data points g and g+1; c parities of one gap lie at
 * fractions l/(c+1) of it, l = 1..c.
 *
 * K = 1 has no gap: every parity repeats the data point, as it repeats the query.
 * @returns K data points, K + P evaluation points
 * @throws CodingError where queryCount is no whole number from 1 on, or parityCount none from 0 on
 * @example systematicPoints(2, 2).evaluationPoints.subarray(2) // -> [Math.SQRT1_2 / 3, -Math.SQRT1_2 / 3]
 */
export function systematicPoints(queryCount: number, parityCount: number): CodePoints {
  checkCount("systematicPoints", "queryCount", queryCount, 1);
  checkCount("systematicPoints", "parityCount", parityCount, 0);
  const dataPoints = chebyshevPoints(queryCount);
  const evaluationPoints = new Float64Array(queryCount + parityCount);
  evaluationPoints.set(dataPoints);
  if (queryCount === 1) return { dataPoints, evaluationPoints: evaluationPoints.fill(dataPoints[0]!) };

  const gapOf = Array.from({ length: parityCount }, (_, s) =>
    Math.floor(((2 * s + 1) * (queryCount - 1)) / (2 * parityCount)),
  );
  for (let s = 0; s < parityCount; s++) {
    const gap = gapOf[s]!;
    // Gaps do not descend, so those of one gap are neighbours.
    const place = s - gapOf.indexOf(gap) + 1;
    const inGap = gapOf.lastIndexOf(gap) - gapOf.indexOf(gap) + 1;
    const [from, to] = [dataPoints[gap]!, dataPoints[gap + 1]!];
    evaluationPoints[queryCount + s] = from + (to - from) * (place / (inGap + 1));
  }
  return { dataPoints, evaluationPoints };
}
