/** Exact products of matrices over HTTP, beyond what every job is asked. */
import type { z } from "zod";
import type { matmulSubmissionSchema } from "../kinds/matmul/submission.ts";
import { ofJob } from "./job-calls.ts";
import { askBytes, type Requester } from "./requests.ts";

/** What POST /api/jobs takes; whatever has a default may be left out. */
export type MatmulSubmissionInput = z.input<typeof matmulSubmissionSchema>;

export interface MatmulCalls {
  /** A times B as `.npy`, rows x columns float64, once it is whole. */
  productFile(jobId: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export function matmulCalls(requester: Requester): MatmulCalls {
  return {
    productFile: (jobId, signal) => askBytes(requester, `${ofJob(jobId)}/product.npy`, { signal }),
  };
}
