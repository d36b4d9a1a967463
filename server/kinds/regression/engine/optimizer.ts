/**
 * Full-batch gradient descent with Nesterov momentum (Nesterov 1983; in the form of Sutskever et al., ICML 2013), in Float64:
 *
 *     G = X^T R / m + l2 Y          at the lookahead Y, which is what is broadcast
 *     W' = Y - rate G
 *     Y' = W' + momentum (W' - W)   momentum 0: Y = W, plain descent
 */
import { DataError } from "../../../coded/engine/data-error.ts";
import type { NamedArrays } from "../../../coded/engine/kind-numerics.ts";

export interface OptimizerSettings {
  readonly rate: number;
  readonly momentum: number;
  readonly l2: number;
}

export interface Weights extends NamedArrays {
  /** d x C each, row-major, for x (not for its residues) */
  readonly weights: Float64Array;
  readonly lookahead: Float64Array;
}

/** @throws DataError where a setting is out of range */
export function requireSettings({ rate, momentum, l2 }: OptimizerSettings): void {
  const isFine = rate > 0 && Number.isFinite(rate) && momentum >= 0 && momentum < 1 && l2 >= 0 && Number.isFinite(l2);
  if (isFine) return;
  throw new DataError(`training: expected rate > 0, momentum in [0, 1), l2 >= 0, got ${rate}, ${momentum}, ${l2}`);
}

export function zeroWeights(size: number): Weights {
  return { weights: new Float64Array(size), lookahead: new Float64Array(size) };
}

/** @param gradientSum d x C: X^T R, not yet divided by m */
export function descend(
  { weights, lookahead }: Weights,
  gradientSum: Float64Array,
  rows: number,
  { rate, momentum, l2 }: OptimizerSettings,
): Weights {
  const next = zeroWeights(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const at = lookahead[i]!;
    const stepped = at - rate * (gradientSum[i]! / rows + l2 * at);
    next.weights[i] = stepped;
    next.lookahead[i] = stepped + momentum * (stepped - weights[i]!);
  }
  return next;
}

/** l2/2 ||W||^2, the part of the objective that is not the data's. */
export function penalty(lookahead: Float64Array, l2: number): number {
  if (l2 === 0) return 0;
  return (l2 / 2) * lookahead.reduce((sum, weight) => sum + weight * weight, 0);
}
