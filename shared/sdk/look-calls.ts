/** The part of the client that shows a job to whoever submitted it: what each tab did, queries, and the sample before it runs. */
import { type NpyArray, parseNpy } from "../protocol/npy.ts";
import type { JobTimeline } from "../protocol/timeline-api.ts";
import { askBytes, askJson, type Requester } from "./requests.ts";

export interface LookCalls {
  /** What each tab did for a job, and how the first answers of its rounds compare with those that stand. */
  timeline(jobId: string, signal?: AbortSignal): Promise<JobTimeline>;
  /** These queries of an inference job as they were submitted. @param indices at most QUERIES_PER_LOOK_MAX */
  queries(jobId: string, indices: readonly number[], signal?: AbortSignal): Promise<NpyArray>;
  /** Digits of the built-in sample, shape (limit, 28, 28). @param limit at most QUERIES_PER_LOOK_MAX */
  sampleQueries(offset: number, limit: number, signal?: AbortSignal): Promise<NpyArray>;
  /** The built-in sample's model, packed (model-bundle.ts). */
  sampleModel(signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export function lookCalls(requester: Requester): LookCalls {
  const ofJob = (jobId: string) => `/api/jobs/${encodeURIComponent(jobId)}`;
  const npy = async (path: string, signal?: AbortSignal) => parseNpy(await askBytes(requester, path, { signal }));
  return {
    timeline: (jobId, signal) => askJson(requester, `${ofJob(jobId)}/timeline`, { signal }),
    queries: (jobId, indices, signal) => npy(`${ofJob(jobId)}/queries.npy?indices=${indices.join(",")}`, signal),
    sampleQueries: (offset, limit, signal) =>
      npy(`/api/samples/mnist/queries.npy?offset=${offset}&limit=${limit}`, signal),
    sampleModel: (signal) => askBytes(requester, "/api/samples/mnist/model", { signal }),
  };
}
