/**
 * The systematic code: workers 0..K-1 hold the queries themselves, the P = S+E others hold mixtures ("parities") whose
 * points lie between the data points. Only lost answers are ever estimated. There is no redundancy left to locate liars
 * with: audits do that.
 */
import { berrutMatrix } from "../../berrut.ts";
import { linearDecoder } from "../../linear-decoder.ts";
import { decodeLost, linearScheme } from "../../linear-scheme.ts";
import type { CodingScheme, SchemeParameters } from "../../scheme.ts";
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
