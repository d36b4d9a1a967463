/**
 * The systematic code: workers 0..K-1 hold the queries themselves, the P = S+E others hold mixtures ("parities") whose
 * points lie between the data points. Only lost answers are ever estimated. There is no redundancy left to locate liars
 * with: audits do that.
 */
import { matrixRow } from "../../arrivals.ts";
import { berrutMatrix } from "../../berrut.ts";
import { combineResults, linearDecoder } from "../../linear-decoder.ts";
import { type CodingScheme, DECODED_HOW, type SchemeParameters } from "../../scheme.ts";
import { rawQueriesOf } from "../../unit-rows.ts";
import { systematicPoints } from "./systematic-points.ts";

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
  const workerCount = systematicWorkerCount(parameters);
  const points = systematicPoints(queryCount, stragglerCount + liarCount);
  const encodeMatrix = berrutMatrix(points.evaluationPoints, points.dataPoints);
  const rawQueryOf = rawQueriesOf(encodeMatrix, queryCount);
  const decoder = linearDecoder(points);

  return {
    name: "systematic",
    parameters,
    queryCount,
    workerCount,
    encodeMatrix,
    rawQueryOf,
    ...(queryCount === 1 ? {} : { evaluationPoints: points.evaluationPoints }),
    resultCountTarget: workerCount - stragglerCount,

    isDecodable(arrived) {
      return arrived.length >= queryCount;
    },

    decode(arrived, results, outputSize) {
      const outputs = new Float32Array(queryCount * outputSize);
      const how = new Uint8Array(queryCount).fill(DECODED_HOW.missing);
      arrived.forEach((workerIndex, r) => {
        const query = rawQueryOf[workerIndex]!;
        if (query < 0 || how[query] === DECODED_HOW.raw) return;
        outputs.set(matrixRow(results, r, outputSize), query * outputSize);
        how[query] = DECODED_HOW.raw;
      });

      if (arrived.length < queryCount || !how.includes(DECODED_HOW.missing))
        return { outputs, how, rejectedWorkers: [] };

      const matrix = decoder.matrixOf(arrived);
      how.forEach((mark, query) => {
        if (mark !== DECODED_HOW.missing) return;
        const weights = matrix.subarray(query * arrived.length, (query + 1) * arrived.length);
        combineResults(weights, results, matrixRow(outputs, query, outputSize));
        how[query] = DECODED_HOW.estimated;
      });
      return { outputs, how, rejectedWorkers: [] };
    },

    estimate(queries, arrived, results, outputSize) {
      const keptRows = arrived.flatMap((workerIndex, r) => (queries.includes(rawQueryOf[workerIndex]!) ? [] : [r]));
      const hasParity = keptRows.some((r) => rawQueryOf[arrived[r]!]! < 0);
      if (!hasParity || keptRows.length < Math.max(2, queryCount - 1)) return null;
      return decoder.estimate(queries, arrived, keptRows, results, outputSize);
    },
  };
}
