/**
 * The points of the Berrut codes. They are made here once and passed to encoder and decoder alike.
 * Papers swap the letters: the data points are ApproxIFER's alpha, the evaluation points its beta.
 */
import { CodingError } from "./coding-error.ts";

export interface CodePoints {
  /** K values, descending: where the encoding function equals the queries. */
  readonly dataPoints: Float64Array;
  /** N values, one per worker index: where the encoding function is sampled. */
  readonly evaluationPoints: Float64Array;
}

/** cos((2j+1) pi / 2K), j = 0..K-1: Chebyshev points of the first kind. */
function chebyshevPoints(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, j) => Math.cos(((2 * j + 1) * Math.PI) / (2 * count)));
}

/**
 * The points of the published code (ApproxIFER, arXiv 2109.09868), as the authors' scripts have them:
 * evaluationPoints[i] = cos(i pi / N), i = 0..N-1, all descending.
 *
 * The textbook's cos(i pi / (N-1)) looks the same and is not: at K = 8, N = 9 it costs 13 points of accuracy on MNIST.
 * @throws CodingError where a count is not a whole number from 1 on
 */
export function approxiferPoints(queryCount: number, workerCount: number): CodePoints {
  checkCount("approxiferPoints", "queryCount", queryCount, 1);
  checkCount("approxiferPoints", "workerCount", workerCount, 1);
  return {
    dataPoints: chebyshevPoints(queryCount),
    evaluationPoints: Float64Array.from({ length: workerCount }, (_, i) => Math.cos((i * Math.PI) / workerCount)),
  };
}

/**
 * The points of the systematic code: the first K evaluation points are the data points, bit for bit; parity s (0-based,
 * of P) lies in gap floor((2s+1)(K-1) / 2P), gap g being between data points g and g+1; c parities of one gap lie at
 * fractions l/(c+1) of it, l = 1..c.
 *
 * K = 1 has no gap: every parity repeats the data point, as it repeats the query.
 * @returns K data points, K + P evaluation points
 * @throws CodingError where queryCount is no whole number from 1 on, or parityCount none from 0 on
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

function checkCount(who: string, what: string, count: number, least: number): void {
  if (!Number.isInteger(count) || count < least) {
    throw new CodingError(`${who}: expected ${what} to be a whole number from ${least} on, got ${count}`);
  }
}
