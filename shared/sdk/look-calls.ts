/** The part of the client that shows queries: those of a job, and the sample before it runs. */
import { type NpyArray, parseNpy } from "../protocol/npy.ts";
import { ofJob } from "./job-calls.ts";
import { askBytes, type Requester } from "./requests.ts";

export interface LookCalls {
  /** These queries of an inference job as they were submitted. @param indices at most QUERIES_PER_LOOK_MAX */
  queries(jobId: string, indices: readonly number[], signal?: AbortSignal): Promise<NpyArray>;
  /** Digits of the built-in sample, shape (limit, 28, 28). @param limit at most QUERIES_PER_LOOK_MAX */
  sampleQueries(offset: number, limit: number, signal?: AbortSignal): Promise<NpyArray>;
  /** The built-in sample's model, packed (model-bundle.ts). */
  sampleModel(signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export function lookCalls(requester: Requester): LookCalls {
  const npy = async (path: string, signal?: AbortSignal) => parseNpy(await askBytes(requester, path, { signal }));
  return {
    queries: (jobId, indices, signal) => npy(`${ofJob(jobId)}/queries.npy?indices=${indices.join(",")}`, signal),
    sampleQueries: (offset, limit, signal) =>
      npy(`/api/samples/mnist/queries.npy?offset=${offset}&limit=${limit}`, signal),
    sampleModel: (signal) => askBytes(requester, "/api/samples/mnist/model", { signal }),
  };
}
