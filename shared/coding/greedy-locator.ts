/**
 * Finds liars by what does not fit: the results of honest workers lie near a polynomial of low degree in the worker's point,
 * in every group and every output. A liar is a volunteer, and a volunteer answers for its whole batch, so all groups of a
 * batch judge together; that is what makes it far better than a locator that looks at one group.
 */
import { Matrix, QR } from "ml-matrix";
import { matrixRow } from "./arrivals.ts";
import { chebyshevBasis } from "./chebyshev-basis.ts";
import { CodingError } from "./coding-error.ts";

export interface BatchLocatorInput {
  /**
   * |arrived| different points in [-1, 1], those of the arrived workers; or such a list for each group, where places are dealt
   * anew from group to group (placement.ts).
   */
  readonly points: ArrayLike<number> | readonly ArrayLike<number>[];
  /** |arrived| batches, each groupCount x outputSize, row-major, finite; batches[r] belongs to point r. */
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
  /** groupCount entries: how far it lies from the fit to the others, in the sum over the outputs of the group. */
  readonly misfits: Float64Array;
}

/**
 * Results that greedyLocator needs, K+3+E: a fit of degree K+1, and one equation to spare once E results are dropped.
 * @example greedyResultCountLeast(4, 1) // -> 8
 */
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
 * @example
 * const batches = [1, 1, 9, 1, 1].map((value) => Float32Array.of(value));
 * const input = { points: [-1, -0.5, 0, 0.5, 1], batches, groupCount: 1, outputSize: 1, queryCount: 1, liarCount: 1 };
 * greedyLocator(input).map(({ row }) => row) // -> [2]
 */
export function greedyLocator(input: BatchLocatorInput): Suspect[] {
  check(input);
  const { batches, queryCount, liarCount } = input;
  const kept = batches.map((_, row) => row);
  const suspects: Suspect[] = [];
  for (let e = 0; e < liarCount; e++) {
    const residuals = residualsWithout(input, kept, queryCount + 2);
    const worst = residuals.without.indexOf(Math.min(...residuals.without));
    const residualShare = residuals.all > 0 ? residuals.without[worst]! / residuals.all : 1;
    suspects.push({ row: kept[worst]!, residualShare, misfits: residuals.misfits[worst]! });
    kept.splice(worst, 1);
  }
  return suspects;
}

/** A row with a smaller rest has a column of the basis to itself: the other rows say nothing of its misfit. */
const LEVERAGE_REST_MIN = 1e-9;

/**
 * The L1 residual of the fit to the kept batches, and for each of them that of the fit to all others.
 *
 * With P = I - Q Q' the residual is r = P y. Leaving out row i is fitting one more unknown, which takes up all of that row's
 * misfit r_i / P_ii: the others' residuals become r_j - P_ji r_i / P_ii. So one decomposition serves all groups with the same
 * points.
 */
function residualsWithout(input: BatchLocatorInput, kept: readonly number[], coefficientCount: number) {
  const { batches, groupCount, outputSize } = input;
  const count = kept.length;
  const without = new Float64Array(count);
  const misfits = kept.map(() => new Float64Array(groupCount));
  const residual = new Float64Array(count);
  let all = 0;
  let projector = new Float64Array();
  let projectedPoints: ArrayLike<number> | null = null;
  for (let g = 0; g < groupCount; g++) {
    const points = pointsOf(input, g);
    if (points !== projectedPoints) {
      projector = projectorOf(
        kept.map((row) => points[row]!),
        coefficientCount,
      );
      projectedPoints = points;
    }
    for (let column = g * outputSize; column < (g + 1) * outputSize; column++) {
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let j = 0; j < count; j++) sum += projector[i * count + j]! * batches[kept[j]!]![column]!;
        residual[i] = sum;
        all += Math.abs(sum);
      }
      for (let i = 0; i < count; i++) {
        const rest = projector[i * count + i]!;
        const misfit = rest > LEVERAGE_REST_MIN ? residual[i]! / rest : 0;
        misfits[i]![g]! += Math.abs(misfit);
        for (let j = 0; j < count; j++) {
          if (j !== i) without[i]! += Math.abs(residual[j]! - projector[i * count + j]! * misfit);
        }
      }
    }
  }
  return { all, without, misfits };
}

/** I - Q Q' of the basis at these points: count x count, row-major. */
function projectorOf(points: readonly number[], coefficientCount: number): Float64Array<ArrayBuffer> {
  const orthonormal = new QR(chebyshevBasis(points, coefficientCount)).orthogonalMatrix;
  const projector = Matrix.eye(points.length).sub(orthonormal.mmul(orthonormal.transpose()));
  return Float64Array.from(projector.to1DArray());
}

function pointsOf({ points }: BatchLocatorInput, group: number): ArrayLike<number> {
  const first = points[0];
  return typeof first === "object" ? (points as readonly ArrayLike<number>[])[group]! : (points as ArrayLike<number>);
}

function check(input: BatchLocatorInput): void {
  const { points, batches, groupCount, outputSize, queryCount, liarCount } = input;
  if (typeof points[0] === "object" && points.length !== groupCount) {
    throw new CodingError(`greedyLocator: expected points of ${groupCount} groups, got those of ${points.length}`);
  }
  for (let g = 0; g < groupCount; g++) {
    const { length } = pointsOf(input, g);
    if (length === batches.length) continue;
    throw new CodingError(`greedyLocator: expected ${length} batches, got ${batches.length}`);
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

/**
 * The results of one group of a batch, |arrived| x outputSize, as locators of single groups take them.
 * @example groupResults([Float32Array.of(1, 2), Float32Array.of(3, 4)], 1, 1) // -> [2, 4]
 */
export function groupResults(batches: readonly Float32Array[], group: number, outputSize: number): Float32Array {
  const results = new Float32Array(batches.length * outputSize);
  batches.forEach((batch, r) => {
    results.set(matrixRow(batch, group, outputSize), r * outputSize);
  });
  return results;
}
