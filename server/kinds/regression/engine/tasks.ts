/** What the numerics pool computes for regressions. */
import type { TasksOf } from "../../../numerics/tasks.ts";
import { predictionsOf, scoresOf } from "./predict.ts";
import type { FeatureSource } from "./survey.ts";
import { type FeatureFacts, surveyFeatures } from "./survey.ts";
import type { ModelKind } from "./targets.ts";

export interface RegressionTasks {
  /** See predictionsOf. */
  predict: {
    /** weights: columns x C */
    input: { kind: ModelKind; features: FeatureSource; weights: Float64Array; classes: number };
    /** n classes, or numbers (linear) */
    output: Float64Array;
  };
  /** See surveyFeatures. */
  surveyFeatures: { input: { features: FeatureSource }; output: FeatureFacts };
}

export const REGRESSION_TASKS: TasksOf<RegressionTasks> = {
  async predict({ kind, features, weights, classes }) {
    return predictionsOf(kind, scoresOf(features, weights, classes), classes);
  },
  async surveyFeatures({ features }) {
    return surveyFeatures(features);
  },
};
