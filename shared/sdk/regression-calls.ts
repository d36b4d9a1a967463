/** Regressions over HTTP, beyond what every job is asked: one method a request. */
import type { z } from "zod";
import {
  evaluationAnswerSchema as evaluationAnswer,
  type RegressionEvaluation,
} from "../kinds/regression/evaluation.ts";
import type { ExportFormat } from "../kinds/regression/export-formats.ts";
import {
  type RegressionHistory,
  type RegressionJobView,
  regressionHistorySchema,
  regressionJobViewSchema,
} from "../kinds/regression/job-view.ts";
import type { regressionSubmissionSchema } from "../kinds/regression/submission.ts";
import { type TableModel, tableModelSchema } from "../kinds/regression/table-model.ts";
import {
  type RegressionColumns,
  type RegressionPredictions,
  regressionColumnsSchema,
  regressionPredictionsSchema,
} from "../kinds/regression/weights.ts";
import { askAs } from "./ask-as.ts";
import { ofJob } from "./job-calls.ts";
import { askBytes, type Requester } from "./requests.ts";

/** What POST /api/jobs takes; whatever has a default may be left out. */
export type RegressionSubmissionInput = z.input<typeof regressionSubmissionSchema>;

const WEIGHT_FORMATS = ["npy", "json"] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

/** Each call may be given a signal that gives up on it. */
export interface RegressionCalls {
  /** Of a job that is known to be one. */
  regressionJob(jobId: string, signal?: AbortSignal): Promise<RegressionJobView>;
  history(jobId: string, signal?: AbortSignal): Promise<RegressionHistory>;
  /** npy: columns x classes float64; json: a RegressionWeightsFile. */
  weightsFile(jobId: string, format: WeightFormat, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** What its columns are called, where X had names: rows to predict stand in their order. */
  columns(jobId: string, signal?: AbortSignal): Promise<RegressionColumns>;
  /** How good the weights are that it ended with; null: nothing was kept. */
  evaluation(jobId: string, signal?: AbortSignal): Promise<RegressionEvaluation | null>;
  /** All that it has learned, in the units of its table. */
  tableModel(jobId: string, signal?: AbortSignal): Promise<TableModel>;
  /** The same as a file of another program, or as JSON. */
  modelFile(jobId: string, format: ExportFormat, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** @param rows the bytes of a `.npy` file, n x columns of the table, words as places; or the text of a table with names, as CSV */
  predict(
    jobId: string,
    rows: Blob | Uint8Array<ArrayBuffer> | string,
    signal?: AbortSignal,
  ): Promise<RegressionPredictions>;
  /** The same as the bytes of a `.npy` file: n float64, a label of words as its place. */
  predictionsFile(
    jobId: string,
    rows: Blob | Uint8Array<ArrayBuffer> | string,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

export function regressionCalls(requester: Requester): RegressionCalls {
  const features = (rows: Blob | Uint8Array<ArrayBuffer> | string, accept: string, signal?: AbortSignal) => ({
    method: "POST",
    headers: { "content-type": typeof rows === "string" ? "text/csv" : "application/octet-stream", accept },
    body: rows,
    signal,
  });
  const predictions = (jobId: string) => `${ofJob(jobId)}/predictions`;
  return {
    regressionJob: (jobId, signal) => askAs(requester, ofJob(jobId), regressionJobViewSchema, { signal }),
    history: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/history.json`, regressionHistorySchema, { signal }),
    weightsFile: (jobId, format, signal) => askBytes(requester, `${ofJob(jobId)}/weights.${format}`, { signal }),
    columns: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/columns.json`, regressionColumnsSchema, { signal }),
    async evaluation(jobId, signal) {
      return (await askAs(requester, `${ofJob(jobId)}/evaluation.json`, evaluationAnswer, { signal })).evaluation;
    },
    tableModel: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/model.json`, tableModelSchema, { signal }),
    modelFile: (jobId, format, signal) => askBytes(requester, `${ofJob(jobId)}/model.${format}`, { signal }),
    predict: (jobId, rows, signal) =>
      askAs(requester, predictions(jobId), regressionPredictionsSchema, features(rows, "application/json", signal)),
    predictionsFile: (jobId, rows, signal) =>
      askBytes(requester, predictions(jobId), features(rows, "application/octet-stream", signal)),
  };
}
