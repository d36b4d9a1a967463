/** Every query goes to two tabs; whichever answers first is taken. */
import { matrixRow } from "../../arrivals.ts";
import { type CodingScheme, DECODED_HOW, type SchemeParameters } from "../../scheme.ts";
import { unitRows } from "../../unit-rows.ts";

export function pairsScheme(parameters: SchemeParameters): CodingScheme {
  const { queryCount } = parameters;
  const rawQueryOf = Int32Array.from({ length: 2 * queryCount }, (_, worker) => worker % queryCount);
  const queriesOf = (arrived: readonly number[]) => new Set(arrived.map((worker) => rawQueryOf[worker]));
  return {
    name: "pairs",
    parameters,
    queryCount,
    workerCount: 2 * queryCount,
    encodeMatrix: unitRows(rawQueryOf, queryCount),
    rawQueryOf,
    resultCountTarget: 2 * queryCount - 1,
    isDecodable: (arrived) => queriesOf(arrived).size === queryCount,
    decode(arrived, results, outputSize) {
      const outputs = new Float32Array(queryCount * outputSize);
      const how = new Uint8Array(queryCount).fill(DECODED_HOW.missing);
      arrived.forEach((worker, r) => {
        const query = rawQueryOf[worker]!;
        if (how[query] === DECODED_HOW.raw) return;
        outputs.set(matrixRow(results, r, outputSize), query * outputSize);
        how[query] = DECODED_HOW.raw;
      });
      return { outputs, how, rejectedWorkers: [] };
    },
    estimate: () => null,
  };
}
