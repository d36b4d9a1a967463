/** What the web asks of regressions alone: their history, their weights, and what these predict. */
import type { RegressionEvaluation } from "../../../shared/kinds/regression/evaluation.ts";
import type { RegressionHistory } from "../../../shared/kinds/regression/job-view.ts";
import type { TableModel } from "../../../shared/kinds/regression/table-model.ts";
import type { RegressionColumns } from "../../../shared/kinds/regression/weights.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import type { PredictionForm } from "./engine/predict-table.ts";

export interface RegressionWeights {
  /** Updates that they have had. */
  readonly iteration: number;
  /** How many weights a class has: each level of a column of categories has one. */
  readonly columns: number;
  readonly classes: number;
  /** columns x classes, for x as it was uploaded times its input scale; a last row is the intercept, where there is one */
  readonly weights: Float64Array;
  /** What a prediction of class c is called; empty for linear. */
  readonly labelOfClass: readonly number[];
  /** null: the data had none. */
  readonly columnNames: readonly string[] | null;
  /** null: the columns were learned from as they were uploaded. */
  readonly table: TableModel | null;
}

export interface RegressionPort {
  /** null: there is no such regression. */
  history(jobId: string): RegressionHistory | null;
  /** null: there is no such regression. */
  columns(jobId: string): RegressionColumns | null;
  /** null: there is no such regression, or it has no weights yet (RegressionJobView.weightsOf). */
  weights(jobId: string): Promise<RegressionWeights | null>;
  /** All that it has learned, in the units of its table. null: as weights */
  tableModel(jobId: string): Promise<TableModel | null>;
  /** The same as a file of another program. null: as weights */
  exportedModel(jobId: string): Promise<Uint8Array<ArrayBuffer> | ApiProblem | null>;
  /** @param rows n x columns, finite, or the text of a table. null: as weights */
  predict(
    jobId: string,
    rows: NpyArray | string,
    form: PredictionForm,
  ): Promise<Uint8Array<ArrayBuffer> | ApiProblem | null>;
  /** null: it has not ended, has no weights, or ended before this was kept. */
  evaluation(jobId: string): Promise<RegressionEvaluation | null>;
}
