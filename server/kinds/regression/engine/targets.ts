/** The three regressions: what their labels may be, and how many columns their weights have. */

import type { RegressionModel } from "../../../../shared/kinds/regression/submission.ts";
import { DataError } from "../../../coded/engine/data-error.ts";

export type ModelKind = RegressionModel;

export interface Targets {
  /** C: columns of the weights. 1 but for softmax. */
  readonly classes: number;
  /** rows x C, row-major: the number itself (linear), 0 or 1 (logistic), one-hot (softmax). */
  readonly values: Float64Array;
  /** What a prediction of class c is called; empty for linear. */
  readonly labelOfClass: readonly number[];
}

/**
 * @param labels one a row. linear: any numbers. logistic: exactly two different ones, the smaller is class 0. softmax: whole
 *   numbers from 0 on, at least two different ones
 * @param classesMax for softmax
 * @throws DataError where labels do not match the kind; it names the row
 */
export function targetsOf(kind: ModelKind, labels: ArrayLike<number>, classesMax: number): Targets {
  for (let row = 0; row < labels.length; row++) {
    if (!Number.isFinite(labels[row])) fail(kind, "numbers as labels", `${labels[row]} in row ${row}`);
  }
  if (kind === "linear") return { classes: 1, values: Float64Array.from(labels), labelOfClass: [] };
  const distinct = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  if (kind === "logistic") {
    if (distinct.length !== 2)
      fail(kind, "exactly two different labels", `${distinct.length}${suited(distinct, classesMax)}`);
    const values = Float64Array.from(labels, (label) => (label === distinct[1] ? 1 : 0));
    return { classes: 1, values, labelOfClass: distinct };
  }
  const wrong = distinct.find((label) => !Number.isInteger(label) || label < 0 || label >= classesMax);
  if (wrong !== undefined) fail(kind, `whole numbers in 0..${classesMax - 1} as labels`, `${wrong}`);
  if (distinct.length < 2) fail(kind, "at least two different labels", `${distinct.length}`);
  const classes = distinct.at(-1)! + 1;
  const values = new Float64Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) values[row * classes + labels[row]!] = 1;
  return { classes, values, labelOfClass: Array.from({ length: classes }, (_, c) => c) };
}

/** Of more than two labels: the model that learns them. */
function suited(distinct: readonly number[], classesMax: number): string {
  if (distinct.length < 2) return "";
  const areClasses = distinct.every((label) => Number.isInteger(label) && label >= 0 && label < classesMax);
  return areClasses ? `; the model "softmax" learns more than two` : `; the model "linear" learns any numbers`;
}

function fail(kind: ModelKind, expected: string, got: string): never {
  throw new DataError(`${kind} regression: expected ${expected}, got ${got}`);
}
