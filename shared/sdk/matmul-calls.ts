/** Exact products of matrices over HTTP: one method a request. */
import type { z } from "zod";
import type { MatmulEstimate } from "../kinds/matmul/estimate.ts";
import type { MatmulReceipt } from "../kinds/matmul/receipt.ts";
import type { matmulSubmissionSchema } from "../kinds/matmul/submission.ts";
import type { JobSubmitted } from "../protocol/job-api.ts";
import { askBytes, askJson, keyHeader, type Requester } from "./requests.ts";

/** What POST /api/jobs takes; whatever has a default may be left out. */
export type MatmulSubmissionInput = z.input<typeof matmulSubmissionSchema>;

/** Each call may be given a signal that gives up on it. */
export interface MatmulCalls {
  /**
   * `invitations` of a T-private job are told here alone.
   * @param key of 22 to 64 random letters: sent again with the same one, it is the same job
   */
  submitMatmul(submission: MatmulSubmissionInput, signal?: AbortSignal, key?: string): Promise<JobSubmitted>;
  /** What it would cost; nothing is begun. */
  estimateMatmul(submission: MatmulSubmissionInput, signal?: AbortSignal): Promise<MatmulEstimate>;
  /** Once the job has ended. */
  matmulReceipt(jobId: string, signal?: AbortSignal): Promise<MatmulReceipt>;
  /** A times B as `.npy`, rows x columns float64, once it is whole. */
  productFile(jobId: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export function matmulCalls(requester: Requester): MatmulCalls {
  const send = <T>(path: string, submission: MatmulSubmissionInput, signal?: AbortSignal, key?: string) =>
    askJson<T>(requester, path, {
      method: "POST",
      headers: { "content-type": "application/json", ...keyHeader(key) },
      body: JSON.stringify(submission),
      signal,
    });
  return {
    submitMatmul: (submission, signal, key) => send("/api/jobs", submission, signal, key),
    estimateMatmul: (submission, signal) => send("/api/estimates", submission, signal),
    matmulReceipt: (jobId, signal) =>
      askJson(requester, `/api/jobs/${encodeURIComponent(jobId)}/receipt.json`, { signal }),
    productFile: (jobId, signal) =>
      askBytes(requester, `/api/jobs/${encodeURIComponent(jobId)}/product.npy`, { signal }),
  };
}
