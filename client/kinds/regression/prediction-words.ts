/** Predictions in a few words. Pure. */
import type { RegressionPredictions } from "../../../shared/kinds/regression/weights.ts";
import { regressionTexts } from "./regression-texts.ts";

const texts = regressionTexts.predictions;
const COUNTED_MAX = 12;

export function predictionWords({ predictions, weightsOf, labels, notes }: RegressionPredictions): string[] {
  const words = [texts.summary(predictions.length, weightsOf), ...notes];
  if (labels === null) return words;
  const counts = new Map<number | string, number>();
  for (const label of predictions) counts.set(label, (counts.get(label) ?? 0) + 1);
  const parts = labels.flatMap((label) => (counts.has(label) ? [texts.label(label, counts.get(label)!)] : []));
  const more = parts.length > COUNTED_MAX ? [texts.more(parts.length - COUNTED_MAX)] : [];
  return [...words, texts.labels([...parts.slice(0, COUNTED_MAX), ...more])];
}

export interface ShownPrediction {
  /** The row's number, from 1. */
  readonly row: number;
  readonly prediction: string;
  /** The prediction's probability; null: the prediction is a number. */
  readonly probability: number | null;
  /** What would be next, where there are more than two labels. */
  readonly next: { readonly label: string; readonly probability: number } | null;
}

/** The first rows, as a table shows them. */
export function firstPredictions(
  { predictions, labels, probabilities }: RegressionPredictions,
  count: number,
): ShownPrediction[] {
  return predictions.slice(0, count).map((value, at) => {
    const row = at + 1;
    const prediction = typeof value === "number" ? String(Number(value.toPrecision(6))) : value;
    const shares = probabilities?.[at];
    if (labels === null || shares === undefined) return { row, prediction, probability: null, next: null };
    const order = labels.map((_, place) => place).sort((a, b) => shares[b]! - shares[a]!);
    const told = labels.indexOf(value);
    const second = order.find((place) => place !== told);
    const isListed = second !== undefined && labels.length > 2;
    const next = isListed ? { label: String(labels[second]), probability: shares[second]! } : null;
    return { row, prediction, probability: shares[told]!, next };
  });
}
