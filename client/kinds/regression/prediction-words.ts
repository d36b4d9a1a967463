/** Predictions in a few words. Pure. */
import type { RegressionModel } from "../../../shared/kinds/regression/submission.ts";
import type { RegressionPredictions } from "../../../shared/kinds/regression/weights.ts";
import { regressionTexts } from "./regression-texts.ts";

const texts = regressionTexts.predictions;
const SHOWN_MAX = 10;

export function predictionWords({ predictions, weightsOf }: RegressionPredictions, model: RegressionModel): string[] {
  const words = [
    texts.summary(predictions.length, weightsOf),
    texts.first(predictions.slice(0, SHOWN_MAX), predictions.length > SHOWN_MAX),
  ];
  if (model === "linear") return words;
  const counts = new Map<number, number>();
  for (const label of predictions) counts.set(label, (counts.get(label) ?? 0) + 1);
  const parts = [...counts].sort(([a], [b]) => a - b).map(([label, n]) => texts.label(label, n));
  return [...words, texts.labels(parts)];
}
