/** Predictions as a table, a line a row: what is predicted and, of classes, how probable each is. */
import { defused } from "./csv-cell.ts";

interface Predictions {
  readonly predictions: readonly (number | string)[];
  /** null: numbers are predicted */
  readonly labels: readonly (number | string)[] | null;
  /** A row of numbers, one for each label; null: there are none. */
  readonly probabilities: readonly (readonly number[])[] | null;
}

/** @example predictionsCsv({ predictions: ["yes"], labels: ["no", "yes"], probabilities: [[0.25, 0.75]] }) // "prediction,probability of no,probability of yes\nyes,0.25,0.75\n" */
export function predictionsCsv({ predictions, labels, probabilities }: Predictions): string {
  const ofLabels = labels === null || probabilities === null ? [] : labels.map((label) => `probability of ${label}`);
  const lines = predictions.map((prediction, row) => [prediction, ...(probabilities?.[row] ?? [])]);
  return [["prediction", ...ofLabels], ...lines]
    .map((cells) => `${cells.map((cell) => defused(String(cell))).join(",")}\n`)
    .join("");
}
