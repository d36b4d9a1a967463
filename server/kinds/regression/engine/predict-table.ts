/** Predictions of a table model as what is sent, in a thread: their text is many times as long as their numbers. */
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { modelRowsOf } from "../../../../shared/inputs/model-rows.ts";
import { predictionsCsv } from "../../../../shared/inputs/predictions-csv.ts";
import {
  tableAnswers,
  tableProbabilities,
  tableScores,
} from "../../../../shared/kinds/regression/apply-table-model.ts";
import {
  REGRESSION_PREDICTIONS_MAX,
  REGRESSION_PROBABILITIES_MAX,
} from "../../../../shared/kinds/regression/limits.ts";
import type { TableModel } from "../../../../shared/kinds/regression/table-model.ts";
import type { RegressionPredictions } from "../../../../shared/kinds/regression/weights.ts";
import { GAP } from "../../../../shared/protocol/gap.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import type { NumberTable, TableValues } from "../../../coded/engine/number-table.ts";

/** json and csv have all of it; npy the predictions alone, a label of words as its place; probabilities is a .npy of them. */
export type PredictionForm = "json" | "csv" | "npy" | "probabilities";

export interface TableToPredict {
  readonly model: TableModel;
  /** rows x columns of the model, see tableScores; or the text of a table with names */
  readonly given: NumberTable | string;
  readonly form: PredictionForm;
  readonly refusesGaps: boolean;
}

/** problem: what is wrong with the rows, in words for whoever sent them. */
export type TablePredicted = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly problem: string };

export function predictTable({ model, given, form, refusesGaps }: TableToPredict): TablePredicted {
  try {
    const rows = typeof given === "string" ? modelRowsOf(given, "table", model.columns) : { ...given, notes: [] };
    if (rows.rows > REGRESSION_PREDICTIONS_MAX)
      return { problem: `expected at most ${REGRESSION_PREDICTIONS_MAX} rows, got ${rows.rows}` };
    const gap = refusesGaps ? firstGap(rows) : null;
    if (gap !== null)
      return { problem: `X: expected no empty cells, for the training had none, got one in ${gap}; fill it in` };
    return { bytes: predictionsAs(form, model, rows) };
  } catch (error) {
    // A thread's errors lose their class on the way.
    if (error instanceof InputError) return { problem: error.message };
    throw error;
  }
}

interface Rows {
  readonly values: TableValues;
  readonly rows: number;
  /** What was made of the rows before they were numbers, in sentences. */
  readonly notes: readonly string[];
}

function predictionsAs(
  form: PredictionForm,
  model: TableModel,
  { values, rows, notes }: Rows,
): Uint8Array<ArrayBuffer> {
  const { labels, weightsOf } = model;
  const scores = tableScores(model, values, rows);
  const answers = tableAnswers(model, scores);
  if (form === "npy") {
    const isPlaces = labels === null || labels.some((label) => typeof label === "string");
    const data = isPlaces ? answers : answers.map((place) => labels[place] as number);
    return encodeNpy({ dtype: "F64", shape: [rows], data });
  }
  const all = labels === null ? null : tableProbabilities(model, scores);
  if (form === "probabilities") {
    if (all === null || labels === null) throw new InputError("a linear model has no probabilities");
    return encodeNpy({ dtype: "F64", shape: [rows, labels.length], data: all });
  }
  const isTooMuch = all !== null && all.length > REGRESSION_PROBABILITIES_MAX;
  const left = `${all?.length} probabilities are left out, as text there are at most ${REGRESSION_PROBABILITIES_MAX}: send fewer rows at a time`;
  const told: RegressionPredictions = {
    weightsOf,
    predictions: Array.from(answers, (answer) => (labels === null ? answer : labels[answer]!)),
    labels,
    probabilities: all === null || labels === null || isTooMuch ? null : rowsOf(all, labels.length),
    notes: isTooMuch ? [...notes, left] : [...notes],
  };
  return new TextEncoder().encode(form === "json" ? JSON.stringify(told) : predictionsCsv(told));
}

function rowsOf(numbers: Float64Array, width: number): number[][] {
  return Array.from({ length: numbers.length / width }, (_, row) =>
    Array.from(numbers.subarray(row * width, (row + 1) * width)),
  );
}

/** @returns the first empty cell, in words; null: there is none */
function firstGap({ values, rows }: Rows): string | null {
  const place = values.indexOf(GAP);
  if (place < 0) return null;
  const columns = values.length / rows;
  return `row ${Math.floor(place / columns)}, column ${place % columns}`;
}
