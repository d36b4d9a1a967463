/**
 * Lagrange coded computing (Yu, Li, Raviv, Kalan, Soltanolkotabi, Avestimehr, AISTATS 2019, arXiv 1806.00939) over a prime
 * field: points and interpolation matrices. Exact: no pole, no rounding, every decoding is the truth or an error.
 *
 * The papers' beta is our data points, their alpha the evaluation points.
 */
import { multiplyMod, subtractMod } from "../field/arithmetic.ts";
import { invertBatch } from "../field/invert-batch.ts";
import { areResidues, requireModulus } from "../field/modulus.ts";
import { CodingError } from "./coding-error.ts";

export interface LagrangePoints {
  /** K+T residues, 1..K+T: where the encoding polynomial equals the blocks; the last T carry masks. */
  readonly dataPoints: Uint32Array;
  /** N residues, one per worker index: where it is sampled. */
  readonly evaluationPoints: Uint32Array;
}

/**
 * T = 0: evaluation points 1..N, so that the first K shards are the blocks themselves (systematic).
 * T > 0: K+T+1..K+T+N, none of them a data point, so that no tab holds data, and any T shards are uniform (Yu et al.,
 * section 4.2: the T x T part of the matrix that belongs to the masks is invertible).
 *
 * @param blockCount K
 * @param maskCount T
 * @param workerCount N
 * @throws CodingError where a count is no whole number, K or N is 0, or T is negative
 * @example lagrangePoints(2, 0, 3) // -> { dataPoints: [1, 2], evaluationPoints: [1, 2, 3] }
 */
export function lagrangePoints(blockCount: number, maskCount: number, workerCount: number): LagrangePoints {
  requireCount("lagrangePoints", "blockCount", blockCount, 1);
  requireCount("lagrangePoints", "maskCount", maskCount, 0);
  requireCount("lagrangePoints", "workerCount", workerCount, 1);
  return {
    dataPoints: Uint32Array.from({ length: blockCount + maskCount }, (_, j) => j + 1),
    evaluationPoints: Uint32Array.from({ length: workerCount }, (_, i) => evaluationPointAt(blockCount, maskCount, i)),
  };
}

/**
 * The evaluation point of worker index i, for any i: a tab that joins takes the next index that no volunteer of the job has
 * held before, and nobody else's point moves.
 * @example evaluationPointAt(2, 1, 0) // -> 4
 */
export function evaluationPointAt(blockCount: number, maskCount: number, workerIndex: number): number {
  return (maskCount === 0 ? 0 : blockCount + maskCount) + workerIndex + 1;
}

/**
 * The weights with which a polynomial's values at `nodes` give its values at `evaluateAt`:
 *
 *     L_j(z) = l(z) w_j / (z - t_j),   l(z) = prod_m (z - t_m),   w_j = 1 / prod_{m != j} (t_j - t_m)
 *
 * (Berrut and Trefethen, "Barycentric Lagrange interpolation", SIAM Review 2004, eq. 3.3). One inversion for all nodes and
 * one for all differences.
 *
 * @param evaluateAt residues, any number of them
 * @param nodes residues, at least one, all different
 * @param modulus a prime below 2^32
 * @returns |evaluateAt| x |nodes| residues, row-major; the row of a point on a node is that node's unit row
 * @throws CodingError where a node is repeated or missing, or a point is no residue
 * @example lagrangeMatrix([3], [1, 2], 7) // -> [6, 2]
 */
export function lagrangeMatrix(evaluateAt: ArrayLike<number>, nodes: ArrayLike<number>, modulus: number): Uint32Array {
  requireModulus("lagrangeMatrix", modulus);
  requireNodes(nodes, modulus);
  if (!areResidues(evaluateAt, modulus)) {
    throw new CodingError(`lagrangeMatrix: expected points in [0, ${modulus}), got ${Array.from(evaluateAt)}`);
  }
  const weights = barycentricWeights(nodes, modulus);
  const width = nodes.length;
  const nodeIndex = new Map(Array.from(nodes, (node, j) => [node, j]));
  // A difference of zero would spoil the batch: where a point is a node, ones stand in its row.
  const differences = new Uint32Array(evaluateAt.length * width).fill(1);
  for (let r = 0; r < evaluateAt.length; r++) {
    if (nodeIndex.has(evaluateAt[r]!)) continue;
    for (let j = 0; j < width; j++) differences[r * width + j] = subtractMod(evaluateAt[r]!, nodes[j]!, modulus);
  }
  const inverses = invertBatch(differences, modulus);
  const matrix = new Uint32Array(differences.length);
  for (let r = 0; r < evaluateAt.length; r++) {
    const hit = nodeIndex.get(evaluateAt[r]!);
    if (hit !== undefined) {
      matrix[r * width + hit] = 1;
      continue;
    }
    let vanishing = 1;
    for (let j = 0; j < width; j++) vanishing = multiplyMod(vanishing, differences[r * width + j]!, modulus);
    for (let j = 0; j < width; j++) {
      const scaled = multiplyMod(weights[j]!, inverses[r * width + j]!, modulus);
      matrix[r * width + j] = multiplyMod(vanishing, scaled, modulus);
    }
  }
  return matrix;
}

function barycentricWeights(nodes: ArrayLike<number>, modulus: number): Uint32Array {
  const products = new Uint32Array(nodes.length).fill(1);
  for (let j = 0; j < nodes.length; j++) {
    for (let m = 0; m < nodes.length; m++) {
      if (m === j) continue;
      products[j] = multiplyMod(products[j]!, subtractMod(nodes[j]!, nodes[m]!, modulus), modulus);
    }
  }
  return invertBatch(products, modulus);
}

function requireNodes(nodes: ArrayLike<number>, modulus: number): void {
  if (nodes.length === 0) throw new CodingError("lagrangeMatrix: expected at least one node, got none");
  const all = Array.from(nodes);
  if (!areResidues(all, modulus)) {
    throw new CodingError(`lagrangeMatrix: expected nodes in [0, ${modulus}), got ${all}`);
  }
  const repeated = all.find((node, j) => all.indexOf(node) !== j);
  if (repeated !== undefined) throw new CodingError(`lagrangeMatrix: expected different nodes, got ${repeated} twice`);
}

/**
 * @throws CodingError unless `count` is a whole number from `least` on
 * @example requireCount("lagrangePoints", "blockCount", 0, 1) // throws from 1 on, got 0
 */
export function requireCount(who: string, what: string, count: number, least: number): void {
  if (!Number.isInteger(count) || count < least) {
    throw new CodingError(`${who}: expected ${what} to be a whole number from ${least} on, got ${count}`);
  }
}
