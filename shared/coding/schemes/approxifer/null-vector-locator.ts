/** The published locator's idea in a better basis: see published-locator.ts for where the idea comes from. */
import { Matrix, SVD } from "ml-matrix";
import { chebyshevBasis } from "../../chebyshev-basis.ts";
import type { LocatorInput } from "./published-locator.ts";

/**
 * For each output c: P and Q, Chebyshev series of K+E coefficients each, with P(x_i) = y_i Q(x_i) at all arrived points: the
 * right singular vector of the smallest singular value, instead of fixing Q's constant term at 1. So no point is special,
 * and a denominator that vanishes at x = 0 can be found. With 2(K+E)-1 results both fits are exact and name the same.
 * The E smallest |Q(x_i)| are this output's suspects; the E rows with most suspicions over all outputs are named, a tie
 * goes to the later row.
 *
 * Several groups of one batch judge together if they are passed as more outputs.
 *
 * Cost: outputSize singular value decompositions of a matrix of 2(K+E) columns.
 * @returns E rows (places in `points`, not worker indices), ascending
 * @example
 * nullVectorLocator({ points: [0.9, 0.3, -0.4], results: Float32Array.of(1, 1, 9), outputSize: 1, queryCount: 1, liarCount: 1 }) // -> [2]
 */
export function nullVectorLocator(input: LocatorInput): number[] {
  const { points, results, outputSize, queryCount, liarCount } = input;
  const basis = chebyshevBasis(points, queryCount + liarCount);
  const suspicions = new Uint32Array(points.length);
  for (let c = 0; c < outputSize; c++) {
    const values = Float64Array.from({ length: points.length }, (_, r) => results[r * outputSize + c]!);
    const denominator = denominatorAt(basis, values);
    for (const row of smallest(liarCount, denominator)) suspicions[row]! += 1;
  }
  const named = smallest(
    liarCount,
    Float64Array.from(suspicions, (count, r) => -count - r / (points.length + 1)),
  );
  return named.sort((a, b) => a - b);
}

/** |Q(x_i)| at each point. */
function denominatorAt(basis: Matrix, values: Float64Array): Float64Array {
  const count = basis.columns;
  // Of order one, so that neither half of the unknowns outweighs the other.
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  // As many rows as columns at least, or the decomposition would not give the null vector.
  const equations = Matrix.zeros(Math.max(basis.rows, 2 * count), 2 * count);
  for (let r = 0; r < basis.rows; r++) {
    for (let power = 0; power < count; power++) {
      equations.set(r, power, basis.get(r, power));
      equations.set(r, count + power, (-basis.get(r, power) * values[r]!) / largest);
    }
  }
  const { rightSingularVectors } = new SVD(equations, { computeLeftSingularVectors: false });
  // Singular values descend.
  const coefficients = rightSingularVectors.getColumn(2 * count - 1).slice(count);
  return Float64Array.from(basis.mmul(Matrix.columnVector(coefficients)).to1DArray(), Math.abs);
}

function smallest(count: number, keys: Float64Array): number[] {
  return Array.from(keys, (_, r) => r)
    .sort((a, b) => keys[a]! - keys[b]!)
    .slice(0, count);
}
