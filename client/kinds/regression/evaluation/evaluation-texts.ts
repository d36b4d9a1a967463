/** What a regression's page says about how good its predictions are. */
import { plural } from "../../../ui/plural.ts";
import { count, figure, percent } from "../../../ui/units.ts";

const rowsOf = {
  "held-out": (rows: number) => `${plural(rows, "row that was held out", "rows that were held out")}`,
  "trained-on": (rows: number) => `${plural(rows, "row that it learned from", "rows that it learned from")}`,
};

export const evaluationTexts = {
  title: "How good it is",
  right: (right: number, rows: number, of: keyof typeof rowsOf) =>
    `${percent(right / rows)} right: ${count(right)} of ${rowsOf[of](rows)}.`,
  noneHeldOut: "No rows were held out, so new rows may do worse.",
  off: (meanAbsolute: number, rows: number, of: keyof typeof rowsOf) =>
    `Off by ${figure(meanAbsolute)} on average, over ${rowsOf[of](rows)}.`,
  explained: (share: number) => `R² ${figure(share)}: it explains ${percent(Math.max(0, share))} of the differences.`,
  rootMeanSquare: (value: number) => `Root mean square error ${figure(value)}.`,
  asTable: "As a table",

  confusion: {
    title: "Confusion table",
    caption: "Each row of the table is a true class, each column a predicted one.",
    truth: "Really",
    predicted: (label: string) => `Taken for ${label}`,
    rows: "Rows",
    found: "Found",
    cell: (truth: string, predicted: string, rows: number, share: number) =>
      `${count(rows)} of ${truth} taken for ${predicted}, ${percent(share)}`,
    precision: "Right if told",
    area: "ROC area",
    takenFor: "Most often taken for",
    none: "none",
    takenForWords: (label: string, rows: number) => `${label} (${count(rows)})`,
  },

  roc: {
    title: "ROC curve",
    summary: (label: string, area: number) =>
      `A row of ${label} gets a higher probability of it than another row in ${percent(area)} of all pairs (area under the curve ${figure(area)}; guessing gives 0.5).`,
    x: (label: string, other: string) => `${label} taken for ${other}`,
    y: (label: string) => `${label} found`,
  },

  calibration: {
    title: "Probabilities",
    summary: (told: number, right: number) =>
      `Predictions have a probability of ${percent(told)} on average, and ${percent(right)} of them are right.`,
    x: "Probability told",
    y: "Share that is right",
    rows: "Rows",
    point: (rows: number, told: number, right: number) =>
      `${plural(rows, "row", "rows")}: told ${percent(told)}, right ${percent(right)}`,
  },

  residuals: {
    title: "Residuals",
    summary: (shown: number, rows: number, size: number) =>
      `Label less prediction, by prediction. ${
        shown < rows ? `${count(shown)} of ${count(rows)} rows, with those furthest off` : plural(rows, "row", "rows")
      }; the largest is ${figure(size)}.`,
    x: "Prediction",
    y: "Label less prediction",
    from: "Predictions",
    fromTo: (from: number, to: number) => `${figure(from)} to ${figure(to)}`,
    rows: "Rows",
    mean: "Mean residual",
    size: "Mean size",
  },
};
