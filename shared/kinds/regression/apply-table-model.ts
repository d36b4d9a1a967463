/** What a table model says of rows: one function for the browser, the command line and the coordinator. Pure. */
import { GAP } from "../../protocol/gap.ts";
import type { TableModel } from "./table-model.ts";

/** Numbers that a row comes to: 1 for linear and logistic, one a class for softmax. */
export const outputsOf = ({ intercept }: Pick<TableModel, "intercept">): number => intercept.length;

/**
 * @param values rows x columns of the model, as they would be uploaded: a number, or the place of a word among its column's levels; NaN or
 *   GAP is an empty cell
 * @returns rows x outputs
 * @example tableScores(line, [2, 3], 2) // -> 2 a + 1 of a = 2 and of a = 3: Float64Array [5, 7]
 */
export function tableScores(model: TableModel, values: ArrayLike<number>, rows: number): Float64Array {
  const { columns, inputScale } = model;
  const outputs = outputsOf(model);
  const scores = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const at = row * outputs;
    for (let c = 0; c < outputs; c++) scores[at + c] = model.intercept[c]!;
    columns.forEach((column, place) => {
      const value = values[row * columns.length + place]!;
      const isGap = Number.isNaN(value) || value === GAP;
      if (column.kind === "number") {
        const x = isGap ? column.fill : value * inputScale;
        for (let c = 0; c < outputs; c++) scores[at + c]! += x * column.weights[c]!;
        return;
      }
      const ofLevel = isGap ? undefined : column.weights[value];
      if (ofLevel !== undefined) for (let c = 0; c < outputs; c++) scores[at + c]! += ofLevel[c]!;
    });
  }
  return scores;
}

/** @param scores rows x outputs. @returns rows x labels, each row's sum is 1; null for linear */
export function tableProbabilities(model: TableModel, scores: Float64Array): Float64Array<ArrayBuffer> | null {
  return model.labels === null ? null : probabilitiesOf(scores, outputsOf(model), model.labels.length);
}

/**
 * @param scores rows x outputs: one is the score of the second of two classes, several are those of a class each
 * @returns rows x classes
 * @example probabilitiesOf([0], 1, 2) // Float64Array [0.5, 0.5]
 */
export function probabilitiesOf(scores: Float64Array, outputs: number, classes: number): Float64Array<ArrayBuffer> {
  const rows = scores.length / outputs;
  const probabilities = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const logits = outputs === 1 ? [0, scores[row]!] : scores.subarray(row * outputs, (row + 1) * outputs);
    // The largest is taken off first, so that no exponential overflows.
    const peak = Math.max(...logits);
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp(logits[c]! - peak);
    for (let c = 0; c < classes; c++) probabilities[row * classes + c] = Math.exp(logits[c]! - peak) / total;
  }
  return probabilities;
}

/** @param scores rows x outputs. @returns one a row: the number (linear), or the place of its label in `labels` */
export function tableAnswers(model: TableModel, scores: Float64Array): Float64Array {
  if (model.labels === null) return scores.slice();
  const outputs = outputsOf(model);
  return Float64Array.from({ length: scores.length / outputs }, (_, row) => {
    if (outputs === 1) return scores[row]! > 0 ? 1 : 0;
    let best = 0;
    for (let c = 1; c < outputs; c++) {
      if (scores[row * outputs + c]! > scores[row * outputs + best]!) best = c;
    }
    return best;
  });
}
