/**
 * The intercept that is best for given scores. The coordinator has all scores of a step, so it finds the intercept itself, and descends
 * in the weights alone: F(W) = min over b of the loss at (W, b). Residuals then sum to 0 in each output, so centring columns changes no
 * gradient; and F is as strongly convex in W as its penalty, although b has none.
 */
import { link } from "../link.ts";
import type { ModelKind } from "../targets.ts";

/** The mean residual of each output is below this then. */
const RESIDUAL_MAX = 1e-13;
const STEPS_MAX = 60;
const HALVINGS_MAX = 40;
/** Added to what is inverted, in units of its largest entry: outputs may be saturated. */
const RIDGE = 1e-12;

/**
 * @param scores rows x outputs
 * @param targets rows x outputs
 * @param start of an earlier step
 * @returns one an output; of softmax they sum to 0
 */
export function bestIntercept(
  kind: ModelKind,
  scores: Float64Array,
  targets: Float64Array,
  outputs: number,
  start: Float64Array,
): Float64Array {
  let intercept = start.slice();
  let now = at(kind, scores, targets, outputs, intercept);
  for (let step = 0; step < STEPS_MAX; step++) {
    if (now.means.every((mean) => Math.abs(mean) <= RESIDUAL_MAX)) break;
    const move = kind === "linear" ? now.means : newtonStep(kind, now.residuals, targets, outputs, now.means);
    let share = 1;
    let next = null as ReturnType<typeof at> | null;
    let moved = intercept;
    for (let halving = 0; halving < HALVINGS_MAX; halving++, share /= 2) {
      moved = intercept.map((value, c) => value - share * move[c]!);
      const tried = at(kind, scores, targets, outputs, moved);
      // Close to the end the loss is too coarse; the residuals are not.
      if (tried.loss < now.loss || largest(tried.means) < largest(now.means)) {
        next = tried;
        break;
      }
    }
    if (next === null) break;
    [intercept, now] = [moved, next];
  }
  return intercept;
}

/** Scores with the intercept. */
export function withIntercept(scores: Float64Array, intercept: Float64Array): Float64Array {
  const outputs = intercept.length;
  return scores.map((score, i) => score + intercept[i % outputs]!);
}

function at(kind: ModelKind, scores: Float64Array, targets: Float64Array, outputs: number, intercept: Float64Array) {
  const { residuals, loss } = link(kind, withIntercept(scores, intercept), targets, outputs);
  const means = new Float64Array(outputs);
  for (let i = 0; i < residuals.length; i++) means[i % outputs]! += residuals[i]!;
  const rows = residuals.length / outputs;
  return { residuals, loss, means: means.map((sum) => sum / rows) };
}

const largest = (values: Float64Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The Hessian's inverse times the mean residuals. */
function newtonStep(
  kind: ModelKind,
  residuals: Float64Array,
  targets: Float64Array,
  outputs: number,
  means: Float64Array,
): Float64Array {
  const rows = residuals.length / outputs;
  const hessian = new Float64Array(outputs * outputs);
  if (kind === "logistic") {
    for (let i = 0; i < rows; i++) {
      const p = residuals[i]! + targets[i]!;
      hessian[0]! += (p * (1 - p)) / rows;
    }
    return Float64Array.of(means[0]! / Math.max(hessian[0]!, Number.MIN_VALUE));
  }
  for (let row = 0; row < rows; row++) {
    const start = row * outputs;
    for (let a = 0; a < outputs; a++) {
      const p = residuals[start + a]! + targets[start + a]!;
      hessian[a * outputs + a]! += p / rows;
      for (let b = 0; b <= a; b++) {
        hessian[a * outputs + b]! -= (p * (residuals[start + b]! + targets[start + b]!)) / rows;
      }
    }
  }
  const peak = largest(hessian);
  // Adding the same number to all outputs changes nothing: that direction gets a curvature of its own, and no step.
  for (let a = 0; a < outputs; a++) {
    for (let b = 0; b <= a; b++) {
      hessian[a * outputs + b]! += peak / outputs;
      hessian[b * outputs + a] = hessian[a * outputs + b]!;
    }
    hessian[a * outputs + a]! += peak * RIDGE;
  }
  const step = solved(hessian, means, outputs);
  const mean = step.reduce((sum, value) => sum + value, 0) / outputs;
  return step.map((value) => value - mean);
}

/** Solves by Cholesky's method: the matrix is symmetric, and positive but for rounding. */
function solved(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const factor = matrix.slice();
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = factor[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * size + k]! * factor[j * size + k]!;
      factor[i * size + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / factor[j * size + j]!;
    }
  }
  const out = right.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) out[i]! -= factor[i * size + k]! * out[k]!;
    out[i]! /= factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) out[i]! -= factor[k * size + i]! * out[k]!;
    out[i]! /= factor[i * size + i]!;
  }
  return out;
}
