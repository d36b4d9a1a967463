/** Regressions over HTTP, beyond what every job is asked: one method a request. */
import type { z } from "zod";
import {
  type RegressionHistory,
  type RegressionJobView,
  regressionHistorySchema,
  regressionJobViewSchema,
} from "../kinds/regression/job-view.ts";
import type { regressionSubmissionSchema } from "../kinds/regression/submission.ts";
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
  /** @param npy the bytes of a `.npy` file, n x columns */
  predict(jobId: string, npy: Blob | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<RegressionPredictions>;
  /** The same as the bytes of a `.npy` file: n float64. */
  predictionsFile(
    jobId: string,
    npy: Blob | Uint8Array<ArrayBuffer>,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

export function regressionCalls(requester: Requester): RegressionCalls {
  const features = (npy: Blob | Uint8Array<ArrayBuffer>, accept: string, signal?: AbortSignal) => ({
    method: "POST",
    headers: { "content-type": "application/octet-stream", accept },
    body: npy,
    signal,
  });
  const predictions = (jobId: string) => `${ofJob(jobId)}/predictions`;
  return {
    regressionJob: (jobId, signal) => askAs(requester, ofJob(jobId), regressionJobViewSchema, { signal }),
    history: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/history.json`, regressionHistorySchema, { signal }),
    weightsFile: (jobId, format, signal) => askBytes(requester, `${ofJob(jobId)}/weights.${format}`, { signal }),
    columns: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/columns.json`, regressionColumnsSchema, { signal }),
    predict: (jobId, npy, signal) =>
      askAs(requester, predictions(jobId), regressionPredictionsSchema, features(npy, "application/json", signal)),
    predictionsFile: (jobId, npy, signal) =>
      askBytes(requester, predictions(jobId), features(npy, "application/octet-stream", signal)),
  };
}
