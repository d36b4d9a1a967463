/** The floor: one worker a query. It waits for all and believes all, whatever S and E say. */
import { matrixRow } from "../../arrivals.ts";
import { type CodingScheme, DECODED_HOW, type SchemeParameters } from "../../scheme.ts";
import { unitRows } from "../../unit-rows.ts";

/** N = K. */
export function uncodedWorkerCount(parameters: SchemeParameters): number {
  return parameters.queryCount;
}

/** Called through makeScheme, which checks parameters and arguments. resultCountTarget is N: without redundancy all are needed. */
export function uncodedScheme(parameters: SchemeParameters): CodingScheme {
  const { queryCount } = parameters;
  const rawQueryOf = Int32Array.from({ length: queryCount }, (_, i) => i);
  return {
    name: "uncoded",
    parameters,
    queryCount,
    workerCount: queryCount,
    encodeMatrix: unitRows(rawQueryOf, queryCount),
    rawQueryOf,
    resultCountTarget: queryCount,

    isDecodable(arrived) {
      return arrived.length === queryCount;
    },

    decode(arrived, results, outputSize) {
      const outputs = new Float32Array(queryCount * outputSize);
      const how = new Uint8Array(queryCount).fill(DECODED_HOW.missing);
      arrived.forEach((query, r) => {
        outputs.set(matrixRow(results, r, outputSize), query * outputSize);
        how[query] = DECODED_HOW.raw;
      });
      return { outputs, how, rejectedWorkers: [] };
    },

    /** Nothing is coded, so there is nothing to estimate from. */
    estimate: () => null,
  };
}
