import { Matrix } from "ml-matrix";

/**
 * Chebyshev polynomials T_0..T_{count-1} at each point: |points| x count. On [-1, 1] they stay well conditioned where
 * powers do not.
 * @example chebyshevBasis([0.5], 3).to2DArray() // -> [[1, 0.5, -0.5]]
 */
export function chebyshevBasis(points: ArrayLike<number>, count: number): Matrix {
  const basis = Matrix.zeros(points.length, count);
  for (let r = 0; r < points.length; r++) {
    let [before, value] = [points[r]!, 1];
    for (let power = 0; power < count; power++) {
      basis.set(r, power, value);
      [before, value] = [value, 2 * points[r]! * value - before];
    }
  }
  return basis;
}
