/** From Z = X W to predictions, loss and residuals, in Float64. */
import type { ModelKind } from "./targets.ts";

export interface Linked {
  /** rows x C: P - Y */
  readonly residuals: Float64Array;
  /** Mean over the rows: half the squared error, or the cross-entropy in nats. */
  readonly loss: number;
}

/**
 * @param z rows x C
 * @param targets rows x C
 */
export function link(kind: ModelKind, z: Float64Array, targets: Float64Array, classes: number): Linked {
  const residuals = new Float64Array(z.length);
  const rows = z.length / classes;
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const from = row * classes;
    if (kind === "softmax") loss += linkSoftmaxRow(z, targets, residuals, from, classes);
    else {
      const [value, target] = [z[from]!, targets[from]!];
      if (kind === "linear") {
        residuals[from] = value - target;
        loss += (value - target) ** 2 / 2;
      } else {
        residuals[from] = sigmoid(value) - target;
        loss += softplus(value) - target * value;
      }
    }
  }
  return { residuals, loss: loss / rows };
}

/** The largest logit is taken off first, so that no exponential overflows. @returns the row's cross-entropy */
function linkSoftmaxRow(
  z: Float64Array,
  targets: Float64Array,
  residuals: Float64Array,
  from: number,
  classes: number,
): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) peak = Math.max(peak, z[from + c]!);
  let total = 0;
  for (let c = 0; c < classes; c++) {
    residuals[from + c] = Math.exp(z[from + c]! - peak);
    total += residuals[from + c]!;
  }
  let chosen = 0;
  for (let c = 0; c < classes; c++) {
    chosen += targets[from + c]! * (z[from + c]! - peak);
    residuals[from + c] = residuals[from + c]! / total - targets[from + c]!;
  }
  return Math.log(total) - chosen;
}

export function sigmoid(z: number): number {
  // The exponent is never positive, so nothing overflows.
  const small = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + small) : small / (1 + small);
}

/** log(1 + e^z) */
function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}
