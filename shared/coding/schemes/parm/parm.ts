/**
 * ParM (Kosaian, Rashmi, Venkataraman, "Parity models", SOSP 2019): workers 0..K-1 hold the queries themselves, a parity
 * worker holds their sum and runs another model, trained so that what it says of the sum is near the sum of the answers.
 * A lost answer is what the parity worker says, less the other answers.
 */
import { matrixRow } from "../../arrivals.ts";
import { combineResults } from "../../linear-decoder.ts";
import { type CodingScheme, DECODED_HOW, type SchemeParameters } from "../../scheme.ts";

/** A second one would be trained for another sum, with weights 1, 2, ..., K: ParM's authors use one. */
export const PARITY_MODELS_MAX = 1;

/** N = K+S: one parity model for each straggler. E adds no worker: nothing in the code finds liars, that is left to audits. */
export function parmWorkerCount({ queryCount, stragglerCount }: SchemeParameters): number {
  return queryCount + stragglerCount;
}

/**
 * Called through makeScheme, which checks parameters and arguments. Any K results decode.
 *
 * decode: an answer that arrived is copied, bit for bit: `raw`. One lost answer is `estimated` where the parity worker
 * arrived; more are `missing`.
 *
 * estimate: of one query, from the parity worker and all other queries' answers; else null.
 */
export function parmScheme(parameters: SchemeParameters): CodingScheme {
  const { queryCount } = parameters;
  const workerCount = parmWorkerCount(parameters);
  const encodeMatrix = new Float64Array(workerCount * queryCount).fill(1, queryCount * queryCount);
  for (let j = 0; j < queryCount; j++) encodeMatrix[j * queryCount + j] = 1;

  /** The answer to one query from the parity worker and all other queries' answers, if they are all there. */
  function fromParity(query: number, arrived: readonly number[], results: Float32Array, output: Float32Array): boolean {
    const others = arrived.flatMap((workerIndex, r) => (workerIndex === query ? [] : [r]));
    if (others.length < queryCount || arrived.at(-1) !== queryCount) return false;
    const weights = new Float64Array(arrived.length);
    for (const r of others) weights[r] = arrived[r] === queryCount ? 1 : -1;
    combineResults(weights, results, output);
    return true;
  }

  return {
    name: "parm",
    parameters,
    queryCount,
    workerCount,
    encodeMatrix,
    rawQueryOf: Int32Array.from({ length: workerCount }, (_, i) => (i < queryCount ? i : -1)),
    modelOf: Uint8Array.from({ length: workerCount }, (_, i) => (i < queryCount ? 0 : i - queryCount + 1)),
    resultCountTarget: queryCount,

    isDecodable(arrived) {
      return arrived.length >= queryCount;
    },

    decode(arrived, results, outputSize) {
      const outputs = new Float32Array(queryCount * outputSize);
      const how = new Uint8Array(queryCount).fill(DECODED_HOW.missing);
      arrived.forEach((query, r) => {
        if (query >= queryCount) return;
        outputs.set(matrixRow(results, r, outputSize), query * outputSize);
        how[query] = DECODED_HOW.raw;
      });
      const lost = how.indexOf(DECODED_HOW.missing);
      if (lost >= 0 && fromParity(lost, arrived, results, matrixRow(outputs, lost, outputSize))) {
        how[lost] = DECODED_HOW.estimated;
      }
      return { outputs, how, rejectedWorkers: [] };
    },

    estimate(queries, arrived, results, outputSize) {
      const query = queries[0];
      if (query === undefined || queries.some((other) => other !== query)) return null;
      const output = new Float32Array(outputSize);
      if (!fromParity(query, arrived, results, output)) return null;
      const estimates = new Float32Array(queries.length * outputSize);
      queries.forEach((_, place) => {
        estimates.set(output, place * outputSize);
      });
      return estimates;
    },
  };
}
