/** What the numerics pool computes for regressions. */
import type { TasksOf } from "../../../numerics/tasks.ts";
import { predictTable, type TablePredicted, type TableToPredict } from "./predict-table.ts";
import type { FeatureSource } from "./survey.ts";
import { type FeatureFacts, surveyFeatures } from "./survey.ts";
import { prepareTable, type TableFiles } from "./table/prepare-table.ts";

export interface RegressionTasks {
  predictTable: { input: TableToPredict; output: TablePredicted };
  /** See surveyFeatures. */
  surveyFeatures: { input: { features: FeatureSource }; output: FeatureFacts };
  /** What the matrix that a table becomes is like. */
  surveyTable: { input: { files: TableFiles }; output: FeatureFacts };
}

export const REGRESSION_TASKS: TasksOf<RegressionTasks> = {
  async predictTable(asked) {
    return predictTable(asked);
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
