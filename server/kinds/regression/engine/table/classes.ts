/** Labels as they were uploaded, as classes; and the model that they call for. */
import {
  REGRESSION_CLASSES_GUESSED_MAX,
  REGRESSION_CLASSES_MAX,
} from "../../../../../shared/kinds/regression/limits.ts";
import type { RegressionModel } from "../../../../../shared/kinds/regression/submission.ts";
import { DataError } from "../../../../coded/engine/data-error.ts";

export interface Classes {
  /** The label of class c, the smaller first. */
  readonly labels: readonly number[];
  /** The class of each row. */
  readonly classOf: Uint16Array;
}

/**
 * Two different labels are for `logistic`; several words, or few whole numbers, for `softmax`; any other numbers for `linear`.
 * @param areWords the numbers stand for words
 */
export function modelForLabels(labels: ArrayLike<number>, areWords: boolean): RegressionModel {
  const distinct = new Set(Array.from(labels));
  if (distinct.size === 2) return "logistic";
  if (areWords) return "softmax";
  const areFew = distinct.size <= REGRESSION_CLASSES_GUESSED_MAX && distinct.size > 2;
  return areFew && [...distinct].every(Number.isInteger) ? "softmax" : "linear";
}

/**
 * @returns null for `linear`
 * @throws DataError where the model does not learn such labels
 */
export function classesOfLabels(
  model: RegressionModel,
  labels: ArrayLike<number>,
  names: readonly string[] | null,
): Classes | null {
  if (model === "linear") {
    if (names !== null) throw new DataError("linear regression: expected numbers as labels, got words");
    return null;
  }
  const distinct = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  if (names !== null) requireNames(distinct, names);
  if (model === "logistic" && distinct.length !== 2) {
    const told = `logistic regression: expected exactly two different labels, got ${distinct.length}`;
    throw new DataError(`${told}${distinct.length < 2 ? "" : suited(distinct, names !== null)}`);
  }
  if (distinct.length < 2) throw new DataError("softmax regression: expected at least two different labels, got 1");
  if (distinct.length > REGRESSION_CLASSES_MAX) {
    const expected = `expected at most ${REGRESSION_CLASSES_MAX} different labels`;
    throw new DataError(
      `softmax regression: ${expected}, got ${distinct.length}; the model "linear" learns any numbers`,
    );
  }
  const places = new Map(distinct.map((label, place) => [label, place]));
  return { labels: distinct, classOf: Uint16Array.from(labels, (label) => places.get(label)!) };
}

/** Names the model that learns more than two labels. */
function suited(distinct: readonly number[], areWords: boolean): string {
  const areClasses = areWords || (distinct.length <= REGRESSION_CLASSES_MAX && distinct.every(Number.isInteger));
  return areClasses ? '; the model "softmax" learns more than two' : '; the model "linear" learns any numbers';
}

function requireNames(distinct: readonly number[], names: readonly string[]): void {
  const wrong = distinct.find((label) => names[label] === undefined);
  if (wrong === undefined) return;
  throw new DataError(`y: expected places 0 to ${names.length - 1} of labelNames, got ${wrong}`);
}

/** rows x outputs: the number itself (linear), 0 or 1 (logistic), one-hot (softmax). */
export function targetsOfRows(
  model: RegressionModel,
  labels: Float64Array,
  classes: Classes | null,
  rows: Uint32Array,
): Float64Array {
  if (classes === null) return Float64Array.from(rows, (row) => labels[row]!);
  const { classOf } = classes;
  if (model === "logistic") return Float64Array.from(rows, (row) => classOf[row]!);
  const outputs = classes.labels.length;
  const targets = new Float64Array(rows.length * outputs);
  rows.forEach((row, i) => {
    targets[i * outputs + classOf[row]!] = 1;
  });
  return targets;
}
