/** What the training demo prints at its end. */
import type { Column, Measurement } from "../../bench/measurement.ts";
import { tableOf } from "../../bench/table.ts";
import type { TrainingFigures } from "./training-figures.ts";

const COLUMNS: readonly Column[] = [
  { key: "scheme", title: "scheme" },
  { key: "tabs", title: "tabs" },
  { key: "iterations", title: "iterations" },
  { key: "seconds", title: "seconds", digits: 1 },
  { key: "ratio", title: "to uncoded", digits: 2 },
  { key: "accuracy", title: "test acc.", digits: 4 },
  { key: "exact", title: "as on one machine" },
  { key: "wrong", title: "wrong accepted" },
  { key: "corrected", title: "corrected" },
  { key: "named", title: "liars named" },
  { key: "codes", title: "code changes" },
];

export function trainingTable(all: readonly TrainingFigures[]): string {
  const uncoded = all.find(({ scheme }) => scheme === "uncoded")?.seconds ?? null;
  const rows = all.map((figures): Measurement["rows"][number] => ({
    scheme: figures.scheme,
    tabs: figures.tabs,
    iterations: figures.end === "done" ? `${figures.iterations}` : `${figures.iterations} (${figures.end})`,
    seconds: figures.seconds,
    ratio: figures.seconds === null || uncoded === null ? null : figures.seconds / uncoded,
    accuracy: figures.accuracy,
    exact: figures.isExact ? "yes" : "no",
    wrong: figures.wrongAccepted,
    corrected: figures.wrongCorrected,
    named: `${figures.liarsNamed.length} of ${figures.liars}`,
    codes: figures.codeChanges,
  }));
  return tableOf(COLUMNS, rows);
}

/** What the columns mean, in plain words. */
export const TRAINING_LEGEND = [
  "seconds: for the iterations alone, without spreading the data. test acc.: fours and nines that no tab was trained on.",
  "as on one machine: the weights are bit for bit those of the same fixed-point computation without tabs and without code.",
  "wrong accepted: products of lying tabs that went into the weights; corrected: those that the code put right.",
];
