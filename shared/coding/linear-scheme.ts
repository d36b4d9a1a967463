/**
 * What schemes have in common that answer by an interpolant through the results. They differ by their points, by what encodes
 * and decodes, by how a group is decoded, and by what is enough for an estimate.
 */
import { matrixRow } from "./arrivals.ts";
import { combineResults, type LinearDecoder } from "./linear-decoder.ts";
import type { CodePoints } from "./points.ts";
import { type CodingScheme, DECODED_HOW, type DecodedGroup } from "./scheme.ts";
import { rawQueriesOf } from "./unit-rows.ts";

/** One group's results and, to be filled in, its answers: all of them missing at first. */
export interface LinearGroup extends Pick<DecodedGroup, "outputs" | "how"> {
  readonly arrived: readonly number[];
  /** |arrived| x outputSize */
  readonly results: Float32Array;
  readonly outputSize: number;
  readonly rawQueryOf: CodingScheme["rawQueryOf"];
}

export interface LinearParts extends Pick<CodingScheme, "name" | "parameters" | "encodeMatrix" | "resultCountTarget"> {
  readonly points: CodePoints;
  readonly decoder: LinearDecoder;
  /** So many results decode. */
  readonly resultCountLeast: number;
  /** Fills in answers. @returns rejected workers */
  decode(group: LinearGroup): number[];
  /** Are max(2, K-1) results of workers that hold none of the queries enough for an estimate? By default they are. @param raw query that each holds, or -1 */
  mayEstimate?(raw: readonly number[]): boolean;
}

/**
 * @param parts points, matrix and ways of one scheme, checked by whoever makes it
 * @example
 * const points = evenAnglePoints(2, 3);
 * const encodeMatrix = berrutMatrix(points.evaluationPoints, points.dataPoints);
 * const parameters = { queryCount: 2, stragglerCount: 1, liarCount: 0 };
 * const parts = { name: "mine", parameters, points, encodeMatrix, decoder: linearDecoder(points), decode: () => [] };
 * linearScheme({ ...parts, resultCountTarget: 2, resultCountLeast: 2 }).isDecodable([0, 2]) // -> true
 */
export function linearScheme({ points, decoder, resultCountLeast, ...parts }: LinearParts): CodingScheme {
  const { name, parameters, encodeMatrix, resultCountTarget } = parts;
  const { queryCount } = parameters;
  const rawQueryOf = rawQueriesOf(encodeMatrix, queryCount);
  return {
    name,
    parameters,
    queryCount,
    workerCount: points.evaluationPoints.length,
    encodeMatrix,
    rawQueryOf,
    // A mixture of one query is that query.
    ...(queryCount === 1 ? {} : { evaluationPoints: points.evaluationPoints }),
    resultCountTarget,

    isDecodable: (arrived) => arrived.length >= resultCountLeast,

    decode(arrived, results, outputSize) {
      const outputs = new Float32Array(queryCount * outputSize);
      const how = new Uint8Array(queryCount).fill(DECODED_HOW.missing);
      const rejectedWorkers = parts.decode({ arrived, results, outputSize, outputs, how, rawQueryOf });
      return { outputs, how, rejectedWorkers };
    },

    estimate(queries, arrived, results, outputSize) {
      const keptRows = arrived.flatMap((workerIndex, r) => (queries.includes(rawQueryOf[workerIndex]!) ? [] : [r]));
      const raw = keptRows.map((r) => rawQueryOf[arrived[r]!]!);
      if (keptRows.length < Math.max(2, queryCount - 1) || parts.mayEstimate?.(raw) === false) return null;
      return decoder.estimate(queries, arrived, keptRows, results, outputSize);
    },
  };
}

/**
 * Answers that arrived are copied, bit for bit; where at least K results did, lost ones are the interpolant's.
 * @returns rejected workers: none
 * @example
 * const decoder = linearDecoder(systematicBerrutPoints(2, 3));
 * const answers = { outputs: new Float32Array(2), how: new Uint8Array(2).fill(DECODED_HOW.missing) };
 * const group = { arrived: [0, 2], results: Float32Array.of(1, 3), outputSize: 1, rawQueryOf: Int32Array.of(0, 1, -1) };
 * decodeLost(decoder, { ...group, ...answers });
 * answers.outputs // -> [1, 2]
 */
export function decodeLost(decoder: LinearDecoder, group: LinearGroup): number[] {
  const { arrived, results, outputSize, outputs, how, rawQueryOf } = group;
  arrived.forEach((workerIndex, r) => {
    const query = rawQueryOf[workerIndex]!;
    // A query's own worker comes before its copies.
    if (query < 0 || how[query] === DECODED_HOW.raw) return;
    outputs.set(matrixRow(results, r, outputSize), query * outputSize);
    how[query] = DECODED_HOW.raw;
  });
  if (arrived.length >= how.length && how.includes(DECODED_HOW.missing)) estimateMissing(decoder, group);
  return [];
}

/**
 * Every answer that is missing becomes the interpolant's.
 * @example
 * const answers = { outputs: new Float32Array(2), how: new Uint8Array(2).fill(DECODED_HOW.missing) };
 * const group = { arrived: [0, 2], results: Float32Array.of(1, 3), outputSize: 1, rawQueryOf: Int32Array.of(0, 1, -1) };
 * estimateMissing(linearDecoder(systematicBerrutPoints(2, 3)), { ...group, ...answers });
 * answers.outputs[1] // -> 2
 */
export function estimateMissing(
  decoder: LinearDecoder,
  { arrived, results, outputSize, outputs, how }: LinearGroup,
): void {
  const matrix = decoder.matrixOf(arrived);
  how.forEach((mark, query) => {
    if (mark !== DECODED_HOW.missing) return;
    const weights = matrix.subarray(query * arrived.length, (query + 1) * arrived.length);
    combineResults(weights, results, matrixRow(outputs, query, outputSize));
    how[query] = DECODED_HOW.estimated;
  });
}
