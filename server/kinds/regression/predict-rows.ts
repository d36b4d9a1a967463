/** Predicts rows that somebody sent. */
import type { TableModel } from "../../../shared/kinds/regression/table-model.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { numberTableOf } from "../../coded/engine/number-table.ts";
import type { NumericsExecutor } from "../../numerics/numerics-executor.ts";
import { submissionProblem } from "../../shell/submission-problem.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import type { PredictionForm } from "./engine/predict-table.ts";
import type { RegressionTasks } from "./engine/tasks.ts";

export interface PredictedBy {
  readonly executor: NumericsExecutor<RegressionTasks>;
  readonly jobId: string;
  /** A job that learned columns as they were knows nothing to fill an empty cell with. */
  readonly refusesGaps: boolean;
}

/**
 * @param given n x columns of the table, or the text of a table
 * @returns the file, or the JSON
 */
export async function predictRows(
  model: TableModel,
  given: NpyArray | string,
  form: PredictionForm,
  { executor, jobId, refusesGaps }: PredictedBy,
): Promise<Uint8Array<ArrayBuffer> | ApiProblem> {
  const columns = model.columns.length;
  if (form === "probabilities" && model.labels === null) {
    const message = `job ${jobId}: expected a regression that predicts classes, got one that predicts numbers: it has no probabilities`;
    return { status: 422, code: "no-probabilities", message };
  }
  try {
    const table = typeof given === "string" ? given : numberTableOf("X", given);
    if (typeof table !== "string" && table.columns !== columns) {
      const message = `X: expected ${columns} columns, as it was trained with, got ${table.columns}`;
      return { status: 422, code: "wrong-shape", message };
    }
    const told = await executor.run("predictTable", { model, given: table, form, refusesGaps }, jobId);
    return "problem" in told ? { status: 422, code: "bad-data", message: told.problem } : told.bytes;
  } catch (error) {
    return submissionProblem(error);
  }
}
