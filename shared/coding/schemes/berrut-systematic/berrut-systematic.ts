/**
 * The systematic variant of ApproxIFER in the authors' repository (Mahdi-Soleymani/Approxifer,
 * WorkStation_MNIST_Systematic.py; the paper, arXiv 2109.09868, does not have it): workers 0..K-1 hold the queries as they
 * are, S more hold values of Berrut's interpolant through the queries, and Berrut's interpolant through the results that
 * arrived stands in for the lost answers.
 */
import { matrixRow } from "../../arrivals.ts";
import { berrutMatrix } from "../../berrut.ts";
import { combineResults, linearDecoder } from "../../linear-decoder.ts";
import { type CodePoints, chebyshevPoints } from "../../points.ts";
import { type CodingScheme, DECODED_HOW, type SchemeParameters } from "../../scheme.ts";
import { rawQueriesOf } from "../../unit-rows.ts";

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
  const workerCount = berrutSystematicWorkerCount(parameters);
  const points = systematicBerrutPoints(queryCount, workerCount);
  const encodeMatrix = berrutMatrix(points.evaluationPoints, points.dataPoints);
  // A mixture of one query is that query.
  const rawQueryOf = rawQueriesOf(encodeMatrix, queryCount);
  const decoder = linearDecoder(points);

  return {
    name: "berrut-systematic",
    parameters,
    queryCount,
    workerCount,
    encodeMatrix,
    rawQueryOf,
    ...(queryCount === 1 ? {} : { evaluationPoints: points.evaluationPoints }),
    resultCountTarget: queryCount,

    isDecodable(arrived) {
      return arrived.length >= queryCount;
    },

    decode(arrived, results, outputSize) {
      const outputs = new Float32Array(queryCount * outputSize);
      const how = new Uint8Array(queryCount).fill(DECODED_HOW.missing);
      // From the last to the first, so that a query's own worker comes after its copies.
      for (let r = arrived.length - 1; r >= 0; r--) {
        const query = rawQueryOf[arrived[r]!]!;
        if (query < 0) continue;
        outputs.set(matrixRow(results, r, outputSize), query * outputSize);
        how[query] = DECODED_HOW.raw;
      }
      if (arrived.length < queryCount || !how.includes(DECODED_HOW.missing)) {
        return { outputs, how, rejectedWorkers: [] };
      }
      const matrix = decoder.matrixOf(arrived);
      how.forEach((state, query) => {
        if (state !== DECODED_HOW.missing) return;
        const weights = matrix.subarray(query * arrived.length, (query + 1) * arrived.length);
        combineResults(weights, results, matrixRow(outputs, query, outputSize));
        how[query] = DECODED_HOW.estimated;
      });
      return { outputs, how, rejectedWorkers: [] };
    },

    estimate(queries, arrived, results, outputSize) {
      const keptRows = arrived.flatMap((workerIndex, r) => (queries.includes(rawQueryOf[workerIndex]!) ? [] : [r]));
      if (keptRows.length < Math.max(2, queryCount - 1)) return null;
      return decoder.estimate(queries, arrived, keptRows, results, outputSize);
    },
  };
}
