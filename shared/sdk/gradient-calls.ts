/** Training over HTTP: one method a request. */
import type { z } from "zod";
import type { RegressionEstimate } from "../kinds/regression/estimate.ts";
import type { RegressionHistory, RegressionJobView } from "../kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../kinds/regression/receipt.ts";
import type { regressionSubmissionSchema } from "../kinds/regression/submission.ts";
import type { RegressionPredictions } from "../kinds/regression/weights.ts";
import type { JobSubmitted } from "../protocol/job-api.ts";
import { askBytes, askJson, keyHeader, type Requester } from "./requests.ts";

/** What POST /api/jobs takes; whatever has a default may be left out. */
export type RegressionSubmissionInput = z.input<typeof regressionSubmissionSchema>;

export const WEIGHT_FORMATS = ["npy", "json"] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

/** Each call may be given a signal that gives up on it. */
export interface GradientCalls {
  /** `invitations` of a T-private job are told here alone. */
  submitGradient(submission: RegressionSubmissionInput, signal?: AbortSignal, key?: string): Promise<JobSubmitted>;
  /** What it would cost; nothing is begun. */
  estimate(submission: RegressionSubmissionInput, signal?: AbortSignal): Promise<RegressionEstimate>;
  gradientJob(jobId: string, signal?: AbortSignal): Promise<RegressionJobView>;
  history(jobId: string, signal?: AbortSignal): Promise<RegressionHistory>;
  gradientReceipt(jobId: string, signal?: AbortSignal): Promise<RegressionReceipt>;
  /** npy: columns x classes float64; json: a RegressionWeightsFile. */
  weightsFile(jobId: string, format: WeightFormat, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** @param npy the bytes of a `.npy` file, n x columns */
  predict(jobId: string, npy: Blob | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<RegressionPredictions>;
  /** The same as the bytes of a `.npy` file: n float64. */
  predictionsFile(
    jobId: string,
    npy: Blob | Uint8Array<ArrayBuffer>,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

export function gradientCalls(requester: Requester): GradientCalls {
  const ofJob = (jobId: string) => `/api/jobs/${encodeURIComponent(jobId)}`;
  const send = <T>(path: string, submission: RegressionSubmissionInput, signal?: AbortSignal, key?: string) =>
    askJson<T>(requester, path, {
      method: "POST",
      headers: { "content-type": "application/json", ...keyHeader(key) },
      body: JSON.stringify(submission),
      signal,
    });
  const features = (npy: Blob | Uint8Array<ArrayBuffer>, accept: string, signal?: AbortSignal) => ({
    method: "POST",
    headers: { "content-type": "application/octet-stream", accept },
    body: npy,
    signal,
  });
  return {
    submitGradient: (submission, signal, key) => send("/api/jobs", submission, signal, key),
    estimate: (submission, signal) => send("/api/estimates", submission, signal),
    gradientJob: (jobId, signal) => askJson(requester, ofJob(jobId), { signal }),
    history: (jobId, signal) => askJson(requester, `${ofJob(jobId)}/history.json`, { signal }),
    gradientReceipt: (jobId, signal) => askJson(requester, `${ofJob(jobId)}/receipt.json`, { signal }),
    weightsFile: (jobId, format, signal) => askBytes(requester, `${ofJob(jobId)}/weights.${format}`, { signal }),
    predict: (jobId, npy, signal) =>
      askJson(requester, `${ofJob(jobId)}/predictions`, features(npy, "application/json", signal)),
    predictionsFile: (jobId, npy, signal) =>
      askBytes(requester, `${ofJob(jobId)}/predictions`, features(npy, "application/octet-stream", signal)),
  };
}
