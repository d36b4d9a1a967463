/** A job whose columns were learned from as they were uploaded, as a table model: no intercept, nothing prepared. */
import type { TableModel } from "../../../shared/kinds/regression/table-model.ts";
import type { RegressionWeights } from "./port.ts";
import { type RegressionRecord, trainedModelOf } from "./records.ts";

/**
 * Its data had no empty cells, and rows to predict may have none: nothing says what such a cell would count as.
 */
export function plainTable(record: RegressionRecord, held: RegressionWeights): TableModel {
  const { inputScale, submission, shape, labelOfClass } = record;
  const { columns, classes, weights, columnNames, iteration } = held;
  const model = trainedModelOf(record);
  return {
    format: "paritab-table-model",
    version: 1,
    model,
    columns: Array.from({ length: columns }, (_, column) => ({
      ...{ name: columnNames?.[column] ?? null, kind: "number", fill: 0, mean: 0, scale: 1 },
      weights: Array.from(weights.subarray(column * classes, (column + 1) * classes)),
    })),
    intercept: new Array<number>(classes).fill(0),
    labels: model === "linear" ? null : [...labelOfClass],
    inputScale,
    standardised: false,
    hasIntercept: false,
    l2: submission.l2 ?? 0,
    rows: shape.rows,
    weightsOf: iteration,
    distance: null,
  };
}
