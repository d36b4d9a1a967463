/** The error decoding of `lcc`: which workers' results are wrong, when results are long vectors. */
import { dotProduct } from "../field/products.ts";
import { type ResidueSource, randomResidues } from "../field/random-residues.ts";
import { CodingError } from "./coding-error.ts";
import type { LagrangeCode } from "./lagrange-code.ts";
import { correctableCount } from "./lagrange-thresholds.ts";
import { locateErrors } from "./reed-solomon.ts";

/** Random vectors that results are projected on. A liar escapes all of them with probability q^-2. */
const PROJECTION_COUNT = 2;

export type LccOutcome =
  | { readonly kind: "decoded"; readonly blocks: Uint32Array[]; readonly wrongWorkers: readonly number[] }
  /** More errors than the code corrects, and it noticed. */
  | { readonly kind: "undecodable" };

/**
 * Locates liars and decodes from the others. Instead of decoding each entry of the vectors, all of them are projected on two
 * random vectors: a projection of codewords is a codeword, and a result that is wrong anywhere has a wrong projection, but
 * for a share q^-1 of the vectors. Errors are located in both projections; the union is erased. With M <= floor((n -
 * threshold) / 2) liars it fails with probability <= M q^-2.
 *
 * With more liars it may decode *wrongly* and not know it; that is LCC's limit, and what result-by-result checks are for.
 *
 * @param arrived strictly increasing worker indices
 * @param results results[r] is from worker index arrived[r]; residues, equal lengths
 * @param random cryptographic; drawn from only now, when all results are held: liars who know the vectors defeat them
 * @throws CodingError where fewer than the threshold arrived or lengths differ
 * @example
 * const code = new LagrangeCode({ blockCount: 1, maskCount: 0, workerCount: 3, degree: 1, modulus: MODULUS });
 * const results = [5, 6, 5].map((residue) => Uint32Array.of(residue));
 * decodeCorrecting(code, [0, 1, 2], results, simulationRandom(1)) // -> { kind: "decoded", blocks: [[5]], wrongWorkers: [1] }
 */
export function decodeCorrecting(
  code: LagrangeCode,
  arrived: readonly number[],
  results: readonly Uint32Array[],
  random: ResidueSource,
): LccOutcome {
  const { modulus } = code.options;
  const { length } = results[0] ?? [];
  if (results.length !== arrived.length || results.some((result) => result.length !== length)) {
    throw new CodingError(`decodeCorrecting: expected ${arrived.length} results of one length, got ${results.length}`);
  }
  const budget = correctableCount(arrived.length, code.threshold);
  const points = arrived.map((workerIndex) => code.evaluationPoint(workerIndex));
  const wrong = new Set<number>();
  for (let round = 0; round < PROJECTION_COUNT; round++) {
    const projection = randomResidues(length ?? 0, modulus, random);
    const values = results.map((result) => dotProduct(projection, result, modulus));
    const places = locateErrors(points, values, code.threshold, modulus);
    if (places === null) return { kind: "undecodable" };
    for (const place of places) wrong.add(place);
  }
  if (wrong.size > budget) return { kind: "undecodable" };
  const right = arrived.map((_, place) => place).filter((place) => !wrong.has(place));
  const blocks = code.decode(
    right.map((place) => arrived[place]!),
    right.map((place) => results[place]!),
  );
  return { kind: "decoded", blocks, wrongWorkers: [...wrong].sort((a, b) => a - b).map((place) => arrived[place]!) };
}
