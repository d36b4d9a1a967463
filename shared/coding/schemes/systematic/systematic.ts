/**
 * The systematic code: workers 0..K-1 hold the queries themselves, the P = S+E others hold mixtures ("parities") whose
 * points lie between the data points. Only lost answers are ever estimated. There is no redundancy left to locate liars
 * with: audits do that.
 */
import { berrutMatrix } from "../../berrut.ts";
import { linearDecoder } from "../../linear-decoder.ts";
import { decodeLost, linearScheme } from "../../linear-scheme.ts";
import { type CodePoints, chebyshevPoints, checkCount } from "../../points.ts";
import type { CodingScheme, SchemeParameters } from "../../scheme.ts";

/** N = K+S+E. */
export function systematicWorkerCount({ queryCount, stragglerCount, liarCount }: SchemeParameters): number {
  return queryCount + stragglerCount + liarCount;
}

/**
 * Called through makeScheme, which checks parameters and arguments. Any K results decode.
 *
 * decode: an answer of a raw worker that arrived is copied, bit for bit: `raw`. A lost one comes from Berrut's
 * interpolant over all arrived results, raw and parity: `estimated`, or `missing` where fewer than K arrived.
 *
 * estimate: the workers that hold one of `queries` are left out, all of them together, and Berrut over the rest
 * answers. null where the rest has no parity (interpolating between other queries' answers is no coded estimate) or
 * fewer than max(2, K-1) results: one less than a decoder wants, so that the worker of one query can still be left out
 * of a round that has only just become decodable.
 *
 * K = 1: every parity is a copy of the query, so every worker is raw and nothing can be estimated.
 */
export function systematicScheme(parameters: SchemeParameters): CodingScheme {
  const { queryCount, stragglerCount, liarCount } = parameters;
  const points = systematicPoints(queryCount, stragglerCount + liarCount);
  const decoder = linearDecoder(points);
  return linearScheme({
    name: "systematic",
    parameters,
    points,
    encodeMatrix: berrutMatrix(points.evaluationPoints, points.dataPoints),
    decoder,
    resultCountTarget: systematicWorkerCount(parameters) - stragglerCount,
    resultCountLeast: queryCount,
    decode: (group) => decodeLost(decoder, group),
    mayEstimate: (raw) => raw.some((query) => query < 0),
  });
}

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
