/** ApproxIFER (Soleymani, Ali, Mahdavifar, Avestimehr, AAAI 2022, arXiv 2109.09868), with the authors' points. */
import { matrixRow, pickRows } from "../../arrivals.ts";
import { berrutMatrix } from "../../berrut.ts";
import { combineResults, linearDecoder } from "../../linear-decoder.ts";
import { linearScheme } from "../../linear-scheme.ts";
import { evenAnglePoints } from "../../points.ts";
import { type CodingScheme, DECODED_HOW, type LocatorName, type SchemeParameters } from "../../scheme.ts";
import { nullVectorLocator } from "./null-vector-locator.ts";
import { type LocatorInput, publishedLocator } from "./published-locator.ts";

const LOCATORS: Readonly<Record<LocatorName, (input: LocatorInput) => number[]>> = {
  published: publishedLocator,
  "null-vector": nullVectorLocator,
};

/** N = K+S; with liars 2K+2E+S-1, as the authors' scripts count (the paper has N+1 = 2(K+E)+S). */
export function approxiferWorkerCount({ queryCount, stragglerCount, liarCount }: SchemeParameters): number {
  return liarCount > 0 ? 2 * queryCount + 2 * liarCount + stragglerCount - 1 : queryCount + stragglerCount;
}

/**
 * Called through makeScheme, which checks parameters and arguments.
 *
 * decode: with E > 0 the locator (the published one unless the parameters say otherwise) names E of the arrived workers,
 * always E, and these are rejected; Berrut's interpolant over the others gives every answer, `estimated`. With fewer than
 * N-S results every answer is `missing`.
 *
 * Node hits. Where a worker's point is a data point (if and only if 2 * 2^v divides N, v the power of two in K, as for
 * K = 8, N = 16) that worker holds the query as it is: rawQueryOf says so, and while its result is used the answer is
 * its own output and marked `raw`. For every other K and N no worker is raw.
 *
 * estimate: Berrut over the arrived workers without those that hold one of the queries raw; no locator. null where
 * fewer than max(2, K-1) are left.
 */
export function approxiferScheme(parameters: SchemeParameters): CodingScheme {
  const { queryCount, stragglerCount, liarCount } = parameters;
  const locator = LOCATORS[parameters.locator ?? "published"];
  const workerCount = approxiferWorkerCount(parameters);
  const points = evenAnglePoints(queryCount, workerCount);
  const resultCountTarget = workerCount - stragglerCount;
  const decoder = linearDecoder(points);

  /** The arrived workers that the locator names. */
  function locate(arrived: readonly number[], results: Float32Array, outputSize: number): number[] {
    if (liarCount === 0) return [];
    const arrivedPoints = arrived.map((workerIndex) => points.evaluationPoints[workerIndex]!);
    const named = locator({ points: arrivedPoints, results, outputSize, queryCount, liarCount });
    return named.map((r) => arrived[r]!);
  }

  return linearScheme({
    name: "approxifer",
    parameters,
    points,
    encodeMatrix: berrutMatrix(points.evaluationPoints, points.dataPoints),
    decoder,
    resultCountTarget,
    resultCountLeast: resultCountTarget,
    decode({ arrived, results, outputSize, outputs, how, rawQueryOf }) {
      if (arrived.length < resultCountTarget) return [];
      const rejectedWorkers = locate(arrived, results, outputSize);
      const keptRows = arrived.flatMap((workerIndex, r) => (rejectedWorkers.includes(workerIndex) ? [] : [r]));
      const kept = keptRows.map((r) => arrived[r]!);
      const keptResults = pickRows(results, keptRows, outputSize);
      const matrix = decoder.matrixOf(kept);
      for (let query = 0; query < queryCount; query++) {
        const weights = matrix.subarray(query * kept.length, (query + 1) * kept.length);
        combineResults(weights, keptResults, matrixRow(outputs, query, outputSize));
        const copied = kept[weights.indexOf(1)];
        const isRaw = copied !== undefined && rawQueryOf[copied] === query;
        how[query] = isRaw ? DECODED_HOW.raw : DECODED_HOW.estimated;
      }
      return rejectedWorkers;
    },
  });
}
