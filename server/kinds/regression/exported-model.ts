/** What a regression learned of a table, as the linear model that files of other programs hold. Pure. */
import type { LinearColumn, LinearModel } from "../../../shared/compute/runtimes/onnx/linear-onnx.ts";
import type { TableModel } from "../../../shared/kinds/regression/table-model.ts";

const GAPS =
  "an empty number (NaN) counts as the mean of its column in the training; an empty text as none of the words";
const UNKNOWN = "a word that the training did not know counts as none of its column's words";

/**
 * @param table as it was learned, its numbers times inputScale
 * @returns the same for numbers as they stand in the table
 */
export function linearModelOf(table: TableModel, jobId: string): LinearModel {
  const { inputScale, labels, model, intercept, rows, weightsOf } = table;
  const columns = table.columns.map((column, place): LinearColumn => {
    const name = column.name ?? `column ${place}`;
    if (column.kind === "category") return { kind: "words", name, words: column.levels, weights: column.weights };
    const weights = column.weights.map((weight) => weight * inputScale);
    return { kind: "number", name, fill: column.fill / inputScale, weights };
  });
  const answers = { linear: "number", logistic: "sigmoid", softmax: "softmax" } as const;
  return {
    columns,
    isNamed: table.columns.every(({ name }) => name !== null),
    intercept,
    answer: answers[model],
    labels: labels ?? [],
    metadata: {
      "paritab.job": jobId,
      "paritab.model": model,
      "paritab.rows": String(rows),
      "paritab.iterations": String(weightsOf),
      "paritab.columns": JSON.stringify(columns.map(({ name }) => name)),
      "paritab.gaps": GAPS,
      "paritab.unknown-words": UNKNOWN,
      ...(labels === null ? {} : { "paritab.labels": JSON.stringify(labels) }),
    },
  };
}
