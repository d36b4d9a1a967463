/**
 * The systematic variant of ApproxIFER in the authors' repository (Mahdi-Soleymani/Approxifer,
 * WorkStation_MNIST_Systematic.py; the paper, arXiv 2109.09868, does not have it): workers 0..K-1 hold the queries as they
 * are, S more hold values of Berrut's interpolant through the queries, and Berrut's interpolant through the results that
 * arrived stands in for the lost answers.
 */
import { berrutMatrix } from "../../berrut.ts";
import { linearDecoder } from "../../linear-decoder.ts";
import { decodeLost, linearScheme } from "../../linear-scheme.ts";
import { type CodePoints, chebyshevPoints } from "../../points.ts";
import type { CodingScheme, SchemeParameters } from "../../scheme.ts";

/** N = K+S. E adds no worker: the authors' script has no locator, so liars are left to audits. */
export function berrutSystematicWorkerCount({ queryCount, stragglerCount }: SchemeParameters): number {
  return queryCount + stragglerCount;
}

/**
 * The N Chebyshev points of the first kind, cos((2i+1) pi / 2N): all are evaluation points, the first K are also the data
 * points. So every mixture lies outside the data points, at the low end, where Berrut's interpolant extrapolates.
 * @example systematicBerrutPoints(1, 2).dataPoints // -> [Math.SQRT1_2]
 */
export function systematicBerrutPoints(queryCount: number, workerCount: number): CodePoints {
  const evaluationPoints = chebyshevPoints(workerCount);
  return { dataPoints: evaluationPoints.slice(0, queryCount), evaluationPoints };
}

/**
 * Called through makeScheme, which checks parameters and arguments. Any K results decode.
 *
 * decode: an answer that arrived is copied, bit for bit: `raw`. A lost one is Berrut's interpolant through all results that
 * arrived, at its data point: `estimated`.
 *
 * estimate: the same interpolant through the arrived workers that do not hold one of the queries; null where fewer than
 * max(2, K-1) are left.
 */
export function berrutSystematicScheme(parameters: SchemeParameters): CodingScheme {
  const { queryCount } = parameters;
  const points = systematicBerrutPoints(queryCount, berrutSystematicWorkerCount(parameters));
  const decoder = linearDecoder(points);
  return linearScheme({
    name: "berrut-systematic",
    parameters,
    points,
    encodeMatrix: berrutMatrix(points.evaluationPoints, points.dataPoints),
    decoder,
    resultCountTarget: queryCount,
    resultCountLeast: queryCount,
    decode: (group) => decodeLost(decoder, group),
  });
}
