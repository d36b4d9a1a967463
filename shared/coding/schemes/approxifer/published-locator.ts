/** Finds which coded results are wrong, as ApproxIFER (arXiv 2109.09868) publishes it. */
import { Matrix, pseudoInverse } from "ml-matrix";

/** Relative cut-off of numpy.linalg.pinv, with which the authors' figures were made. */
const SINGULAR_VALUE_CUTOFF = 1e-15;

export interface LocatorInput {
  /** |arrived| different points, those of the arrived workers. */
  readonly points: ArrayLike<number>;
  /** |arrived| x outputSize, row-major, finite; row r belongs to points[r]. */
  readonly results: Float32Array;
  readonly outputSize: number;
  /** K */
  readonly queryCount: number;
  /** E, how many to name; E <= |arrived|. */
  readonly liarCount: number;
}

/**
 * For each output c: P and Q, polynomials with K+E coefficients each and Q's constant term 1, are fitted by least
 * squares to P(x_i) = y_i Q(x_i) at all arrived points x_i (Welch and Berlekamp, for rational functions: the monomial
 * basis and the pseudo-inverse are the authors'). The E smallest |Q(x_i)| are this output's suspects; the E rows with
 * most suspicions over all outputs are named.
 *
 * It names E rows whether or not anybody lied. It finds huge noise and misses most lies that look like outputs: fixing
 * Q(0) = 1 makes it half blind to the worker at point 0. Cost: outputSize decompositions of an |arrived| x (2K+2E-1)
 * matrix. Where the authors leave a choice to chance, or evaluate Q at points of workers that never answered, this
 * looks at the arrived points alone, and a tie goes to the later row.
 *
 * @returns E rows (places in `points`, not worker indices), ascending
 * @example
 * publishedLocator({ points: [0.9, 0.3, -0.4], results: Float32Array.of(1, 1, 9), outputSize: 1, queryCount: 1, liarCount: 1 }) // -> [2]
 */
export function publishedLocator(input: LocatorInput): number[] {
  const { points, results, outputSize, queryCount, liarCount } = input;
  const suspicions = new Uint32Array(points.length);
  for (let c = 0; c < outputSize; c++) {
    const values = Float64Array.from({ length: points.length }, (_, r) => results[r * outputSize + c]!);
    const denominator = denominatorAt(points, values, queryCount + liarCount);
    for (const row of firstRows(liarCount, (a, b) => denominator[a]! - denominator[b]!, points.length)) {
      suspicions[row]! += 1;
    }
  }
  const named = firstRows(liarCount, (a, b) => suspicions[b]! - suspicions[a]! || b - a, points.length);
  return named.sort((a, b) => a - b);
}

/** |Q(x_i)| at each point. */
function denominatorAt(points: ArrayLike<number>, values: Float64Array, coefficientCount: number): Float64Array {
  // Unknowns: P's coefficients of x^0.., then Q's of x^1..; the known term of Q leaves y on the right-hand side.
  const equations = Matrix.zeros(points.length, 2 * coefficientCount - 1);
  for (let r = 0; r < points.length; r++) {
    for (let power = 0, x = 1; power < coefficientCount; power++, x *= points[r]!) {
      equations.set(r, power, x);
      if (power > 0) equations.set(r, coefficientCount + power - 1, -x * values[r]!);
    }
  }
  // ml-matrix multiplies its threshold by the larger side, numpy does not.
  const threshold = SINGULAR_VALUE_CUTOFF / Math.max(equations.rows, equations.columns);
  const solution = pseudoInverse(equations, threshold).mmul(Matrix.columnVector(values));
  return Float64Array.from({ length: points.length }, (_, r) => {
    let denominator = 0;
    for (let power = coefficientCount - 1; power > 0; power--) {
      denominator = (denominator + solution.get(coefficientCount + power - 1, 0)) * points[r]!;
    }
    return Math.abs(denominator + 1);
  });
}

function firstRows(count: number, order: (a: number, b: number) => number, rowCount: number): number[] {
  return Array.from({ length: rowCount }, (_, r) => r)
    .sort(order)
    .slice(0, count);
}
