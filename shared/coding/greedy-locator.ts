/**
 * Finds liars by what does not fit: the results of honest workers lie near a polynomial of low degree in the worker's point,
 * in every group and every output. A liar is a volunteer, and a volunteer answers for its whole batch, so all groups of a
 * batch judge together; that is what makes it far better than a locator that looks at one group.
 */
import { Matrix, QR } from "ml-matrix";
import { rowOf } from "./arrivals.ts";
import { chebyshevBasis } from "./chebyshev-basis.ts";
import { CodingError } from "./coding-error.ts";

export interface BatchLocatorInput {
  /** |arrived| different points in [-1, 1], those of the arrived workers. */
  readonly points: ArrayLike<number>;
  /** |arrived| batches, each groupCount x outputSize, row-major, finite; batches[r] belongs to points[r]. */
  readonly batches: readonly Float32Array[];
  readonly groupCount: number;
  readonly outputSize: number;
  /** K */
  readonly queryCount: number;
  /** E, how many to name. */
  readonly liarCount: number;
}

export interface Suspect {
  /** Place in `points`, not a worker index. */
  readonly row: number;
  /** What is left of the residual when this one is dropped, 0 to 1: near 1, nothing stands out. */
  readonly residualShare: number;
}

/** Of a fit of degree K+1 and one equation to spare once E are dropped. */
export function greedyResultCountLeast(queryCount: number, liarCount: number): number {
  return queryCount + 3 + liarCount;
}

/**
 * E times: of all workers that are left, drop the one without which a polynomial of degree K+1 fits the others best, in the
 * sum of absolute residuals over all groups and outputs.
 *
 * Names E whether or not anybody lied: confirm a suspect by an audit of its rows before anything is thrown away. Lies as
 * small as the fit's own error stay hidden. Cost: E decompositions of an |arrived| x (K+2) matrix, and
 * 2 E |arrived|^2 multiplications for each group and output.
 *
 * @returns E suspects, in the order in which they were dropped
 * @throws CodingError where a length does not fit, or fewer than K+3+E results arrived
 */
export function greedyLocator(input: BatchLocatorInput): Suspect[] {
  check(input);
  const { points, batches, queryCount, liarCount } = input;
  const kept = batches.map((_, row) => row);
  const suspects: Suspect[] = [];
  for (let e = 0; e < liarCount; e++) {
    const residuals = residualsWithout(
      kept.map((row) => points[row]!),
      kept.map((row) => batches[row]!),
      queryCount + 2,
    );
    const worst = residuals.without.indexOf(Math.min(...residuals.without));
    const residualShare = residuals.all > 0 ? residuals.without[worst]! / residuals.all : 1;
    suspects.push({ row: kept[worst]!, residualShare });
    kept.splice(worst, 1);
  }
  return suspects;
}

/**
 * The L1 residual of the fit to all batches, and for each batch that of the fit to all others.
 *
 * With P = I - Q Q' the residual is r = P y. Leaving out row i is fitting one more unknown, which takes up all of that row's
 * misfit: the others' residuals become r_j - P_ji r_i / P_ii. So one decomposition serves all.
 */
function residualsWithout(points: readonly number[], batches: readonly Float32Array[], coefficientCount: number) {
  const count = points.length;
  const orthonormal = new QR(chebyshevBasis(points, coefficientCount)).orthogonalMatrix;
  const projector = Matrix.eye(count).sub(orthonormal.mmul(orthonormal.transpose()));
  const entries = Float64Array.from(projector.to1DArray());
  const without = new Float64Array(count);
  let all = 0;
  const residual = new Float64Array(count);
  const columnCount = batches[0]!.length;
  for (let column = 0; column < columnCount; column++) {
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += entries[i * count + j]! * batches[j]![column]!;
      residual[i] = sum;
      all += Math.abs(sum);
    }
    for (let i = 0; i < count; i++) {
      const misfit = residual[i]! / entries[i * count + i]!;
      for (let j = 0; j < count; j++) {
        if (j !== i) without[i]! += Math.abs(residual[j]! - entries[i * count + j]! * misfit);
      }
    }
  }
  return { all, without };
}

function check({ points, batches, groupCount, outputSize, queryCount, liarCount }: BatchLocatorInput): void {
  if (points.length !== batches.length) {
    throw new CodingError(`greedyLocator: expected ${points.length} batches, got ${batches.length}`);
  }
  const least = greedyResultCountLeast(queryCount, liarCount);
  if (batches.length < least) {
    throw new CodingError(
      `greedyLocator: expected at least K+3+E = ${least} results to locate with, got ${batches.length}`,
    );
  }
  for (const batch of batches) {
    if (batch.length !== groupCount * outputSize) {
      throw new CodingError(
        `greedyLocator: expected ${groupCount} x ${outputSize} results, got ${batch.length} entries`,
      );
    }
  }
}

/** The results of one group of a batch, |arrived| x outputSize, as locators of single groups take them. */
export function groupResults(batches: readonly Float32Array[], group: number, outputSize: number): Float32Array {
  const results = new Float32Array(batches.length * outputSize);
  batches.forEach((batch, r) => {
    results.set(rowOf(batch, group, outputSize), r * outputSize);
  });
  return results;
}
