/** What the web asks of regressions alone: their history, their weights, and what these predict. */
import type { RegressionHistory } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionColumns, RegressionPredictions } from "../../../shared/kinds/regression/weights.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";

export interface RegressionWeights {
  /** Updates that they have had. */
  readonly iteration: number;
  readonly columns: number;
  readonly classes: number;
  /** columns x classes, for x as it was uploaded times its input scale */
  readonly weights: Float64Array;
  /** What a prediction of class c is called; empty for linear. */
  readonly labelOfClass: readonly number[];
  /** null: the data had none. */
  readonly columnNames: readonly string[] | null;
}

export interface RegressionPort {
  /** null: there is no such regression. */
  history(jobId: string): RegressionHistory | null;
  /** null: there is no such regression. */
  columns(jobId: string): RegressionColumns | null;
  /** null: there is no such regression, or it has no weights yet (RegressionJobView.weightsOf). */
  weights(jobId: string): Promise<RegressionWeights | null>;
  /** @param features n x columns, finite. null: as weights */
  predict(jobId: string, features: NpyArray): Promise<RegressionPredictions | ApiProblem | null>;
}
