/**
 * Berrut's first rational interpolant (J.-P. Berrut, "Rational functions for guaranteed and experimentally
 * well-conditioned global interpolation", 1988) as a matrix.
 *
 *     r(z) = sum_j c_j y_j / sum_j c_j,    c_j = (-1)^(rank of t_j) / (z - t_j)
 */
import { CodingError } from "./coding-error.ts";

/**
 * So near a node, a point is the node. The formula would be 0/0 or nearly so; the smallest distance that is no hit
 * among the points of evenAnglePoints, within the limits on K and N, is 2.4e-6 (points.test.ts).
 */
const NODE_HIT_DISTANCE = 1e-12;

/**
 * The weights with which values at `nodes` are combined into values at `evaluateAt`.
 *
 * Signs alternate over the nodes in the order of their *values*, whatever order they come in; in another order the
 * interpolant has poles. For a decoder, pass just the points that arrived: signs alternate over those.
 *
 * @param evaluateAt any number of points
 * @param nodes at least one point, all different
 * @returns |evaluateAt| x |nodes|, row-major. Each row sums to 1; the row of a point on a node is that node's unit row,
 *   exactly.
 * @throws CodingError where there is no node, a node is repeated, or a point is not finite
 * @example berrutMatrix([0, 1], [-1, 1]) // -> [0.5, 0.5, 0, 1]
 */
export function berrutMatrix(evaluateAt: ArrayLike<number>, nodes: ArrayLike<number>): Float64Array {
  const signs = alternatingSigns(nodes);
  const matrix = new Float64Array(evaluateAt.length * nodes.length);
  for (let r = 0; r < evaluateAt.length; r++) {
    const point = evaluateAt[r]!;
    if (!Number.isFinite(point)) throw new CodingError(`berrutMatrix: expected finite points, got ${point}`);
    fillRow(matrix.subarray(r * nodes.length, (r + 1) * nodes.length), point, nodes, signs);
  }
  return matrix;
}

function fillRow(row: Float64Array, point: number, nodes: ArrayLike<number>, signs: Int8Array): void {
  let sum = 0;
  for (let j = 0; j < row.length; j++) {
    const distance = point - nodes[j]!;
    if (Math.abs(distance) < NODE_HIT_DISTANCE) {
      row.fill(0);
      row[j] = 1;
      return;
    }
    const weight = signs[j]! / distance;
    row[j] = weight;
    sum += weight;
  }
  // The sum has no zero on the real line (Berrut's theorem), so there is nothing to guard.
  for (let j = 0; j < row.length; j++) row[j]! /= sum;
}

function alternatingSigns(nodes: ArrayLike<number>): Int8Array {
  if (nodes.length === 0) throw new CodingError("berrutMatrix: expected at least one node, got none");
  const byValue = Array.from({ length: nodes.length }, (_, j) => j).sort((a, b) => nodes[a]! - nodes[b]!);
  const signs = new Int8Array(nodes.length);
  byValue.forEach((j, rank) => {
    const node = nodes[j]!;
    if (!Number.isFinite(node)) throw new CodingError(`berrutMatrix: expected finite nodes, got ${node}`);
    if (rank > 0 && node === nodes[byValue[rank - 1]!]) {
      throw new CodingError(`berrutMatrix: expected different nodes, got ${node} twice`);
    }
    signs[j] = rank % 2 === 0 ? 1 : -1;
  });
  return signs;
}
