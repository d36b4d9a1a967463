/** The weights of a table that are durable, as the document that predicting needs. */
import type { TableModel, TableModelColumn } from "../../../shared/kinds/regression/table-model.ts";
import type { HeldArrays } from "../../coded/engine/kind-numerics.ts";
import { must } from "../../coordinator/assert.ts";
import { tableArraySizes } from "./engine/table/table-numerics.ts";
import { type RegressionRecord, trainedModelOf, uploadsOf } from "./records.ts";
import { distanceOf } from "./views.ts";

/** @returns with names of the weights' rows: of a level of categories "city=Oslo"; null: columns have no names */
export function tableWeights(record: RegressionRecord, { iteration, arrays }: HeldArrays) {
  const { columns, classes, shape, preparation, submission, inputScale } = record;
  const { standardise, intercept: hasIntercept } = submission;
  const { columnNames = null, categories = [], labelNames } = uploadsOf(record) ?? {};
  const weights = must(arrays.weights, "GJ6: a durable checkpoint has weights");
  const facts = must(arrays.terms, "GJ6: a durable checkpoint of a table has its terms");
  const levelsOf = new Map(categories.map(({ column, levels }) => [column, levels]));
  const rowNames: string[] = [];
  const tableColumns: TableModelColumn[] = [];
  let term = 0;
  const next = () => {
    const own = Array.from(weights.subarray(term * classes, (term + 1) * classes));
    const [mean, scale] = [facts[2 * term]!, facts[2 * term + 1]!];
    term++;
    return { own, mean, scale };
  };
  for (let column = 0; column < columns; column++) {
    const name = columnNames?.[column] ?? null;
    const levels = levelsOf.get(column);
    if (levels === undefined) {
      const { own, mean, scale } = next();
      tableColumns.push({ name, kind: "number", fill: mean, mean, scale, weights: own });
      rowNames.push(name ?? String(column));
      continue;
    }
    const all = levels.map(next);
    const ofAll = <T>(pick: (one: (typeof all)[number]) => T) => all.map(pick);
    const [means, scales] = [ofAll(({ mean }) => mean), ofAll(({ scale }) => scale)];
    tableColumns.push({ name, kind: "category", levels, means, scales, weights: ofAll(({ own }) => own) });
    rowNames.push(...levels.map((level) => `${name ?? column}=${level}`));
  }
  const intercept = hasIntercept ? Array.from(weights.subarray(term * classes)) : new Array<number>(classes).fill(0);
  const model = trainedModelOf(record);
  const table: TableModel = {
    format: "paritab-table-model",
    version: 1,
    model,
    columns: tableColumns,
    intercept,
    labels: model === "linear" ? null : record.labelOfClass.map((label) => labelNames?.[label] ?? label),
    inputScale,
    standardised: standardise,
    hasIntercept,
    l2: must(preparation, "GJ6: weights of a table are of a job with a preparation").l2,
    rows: shape.rows,
    weightsOf: iteration,
    distance: distanceAt(record, iteration),
  };
  return { columns: term, columnNames: columnNames === null ? null : rowNames, table };
}

/** What a checkpoint of such a job holds: names, and how many numbers each has. */
export function arraysOfTable({ shape, classes, submission }: RegressionRecord): [string, number][] {
  const { intercept, learningRate: rate } = submission;
  return Object.entries(tableArraySizes(shape.columns, classes, { intercept, rate }));
}

/** Weights of an earlier iteration, the best ones say, have the distance of their own. */
function distanceAt({ progress }: RegressionRecord, iteration: number): number | null {
  if (iteration === progress.iteration) return distanceOf(progress.history);
  return progress.history.find((one) => one.iteration === iteration - 1)?.distance ?? null;
}
