/** Predictions, loss and accuracy of weights on rows that the coordinator holds itself, in Float64. */
import type { Evaluation } from "../../../coded/engine/kind-numerics.ts";
import { link, sigmoid } from "./link.ts";
import type { FeatureSource } from "./survey.ts";
import type { ModelKind } from "./targets.ts";

/** @returns rows x C: X W */
export function scoresOf(source: FeatureSource, weights: Float64Array, classes: number): Float64Array {
  const { values, rows, columns, inputScale } = source;
  const scores = new Float64Array(rows * classes);
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++) {
      const value = values[r * columns + j]!;
      if (value === 0) continue;
      for (let c = 0; c < classes; c++) scores[r * classes + c]! += value * weights[j * classes + c]!;
    }
  }
  return scores.map((score) => score * inputScale);
}

/** The class of each row (logistic: 1 where its probability is above a half), or the number itself (linear). */
export function predictionsOf(kind: ModelKind, scores: Float64Array, classes: number): Float64Array {
  if (kind === "linear") return scores;
  if (kind === "logistic") return scores.map((score) => (sigmoid(score) > 0.5 ? 1 : 0));
  return Float64Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (scores[row * classes + c]! > scores[row * classes + best]!) best = c;
    return best;
  });
}

/** @param targets rows x C, see targetsOf */
export function evaluate(
  kind: ModelKind,
  source: FeatureSource,
  targets: Float64Array,
  weights: Float64Array,
  classes: number,
): Evaluation {
  const scores = scoresOf(source, weights, classes);
  const { loss } = link(kind, scores, targets, classes);
  return { loss, accuracy: accuracyOf(kind, scores, targets, classes) };
}

/**
 * @param scores rows x C
 * @param targets rows x C, see targetsOf
 * @returns the share of rows whose class is right; null for linear
 */
export function accuracyOf(
  kind: ModelKind,
  scores: Float64Array,
  targets: Float64Array,
  classes: number,
): number | null {
  if (kind === "linear") return null;
  const predictions = predictionsOf(kind, scores, classes);
  const truth = kind === "logistic" ? targets : predictionsOf("softmax", targets, classes);
  const hits = predictions.reduce((sum, prediction, row) => sum + (prediction === truth[row] ? 1 : 0), 0);
  return hits / predictions.length;
}
