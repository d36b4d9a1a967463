/** What the numerics pool computes for regressions. */
import { tableAnswers, tableScores } from "../../../../shared/kinds/regression/apply-table-model.ts";
import type { TableModel } from "../../../../shared/kinds/regression/table-model.ts";
import type { TasksOf } from "../../../numerics/tasks.ts";
import { predictionsOf, scoresOf } from "./predict.ts";
import type { FeatureSource } from "./survey.ts";
import { type FeatureFacts, surveyFeatures } from "./survey.ts";
import { prepareTable, type TableFiles } from "./table/prepare-table.ts";
import type { ModelKind } from "./targets.ts";

export interface RegressionTasks {
  /** See predictionsOf. */
  predict: {
    /** weights: columns x C */
    input: { kind: ModelKind; features: FeatureSource; weights: Float64Array; classes: number };
    /** n classes, or numbers (linear) */
    output: Float64Array;
  };
  /** See tableAnswers. */
  predictTable: { input: { model: TableModel; values: ArrayLike<number>; rows: number }; output: Float64Array };
  /** See surveyFeatures. */
  surveyFeatures: { input: { features: FeatureSource }; output: FeatureFacts };
  /** What the matrix that a table becomes is like. */
  surveyTable: { input: { files: TableFiles }; output: FeatureFacts };
}

export const REGRESSION_TASKS: TasksOf<RegressionTasks> = {
  async predict({ kind, features, weights, classes }) {
    return predictionsOf(kind, scoresOf(features, weights, classes), classes);
  },
  async predictTable({ model, values, rows }) {
    return tableAnswers(model, tableScores(model, values, rows));
  },
  async surveyFeatures({ features }) {
    return surveyFeatures(features);
  },
  async surveyTable({ files }) {
    const { terms, trained, trainedRows } = prepareTable(files);
    const facts = surveyFeatures(trained.matrix);
    // As the submitter knows it: a cell of the table.
    const outliers = facts.outliers.map((outlier) => {
      const { column, centre } = terms[outlier.column]!;
      return { ...outlier, column, row: trainedRows[outlier.row]!, value: outlier.value + centre };
    });
    return { ...facts, outliers };
  },
};
