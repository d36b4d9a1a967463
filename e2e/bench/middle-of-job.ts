/** The middle of a job of bytes that one tab does alone, uncoded with K = 1: how many rows in how long, and what threads had spent as it began. */
import { encodeNpy } from "../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { type ThreadTimes, workerThreads } from "./worker-threads.ts";

const POLL_MS = 50;

export interface CountedJob {
  readonly modelSha256: string;
  /** Rows first. */
  readonly shape: readonly [rows: number, ...row: number[]];
  readonly data: Uint8Array;
  /** From which share of the answers to which share the time counts. */
  readonly counted: { readonly from: number; readonly to: number };
}

export interface MiddleOfJob {
  readonly rows: number;
  readonly ms: number;
  /** As it began; workerThreads() tells what they have spent by now. */
  readonly threads: Map<string, ThreadTimes>;
}

/** @throws Error where the job ends before its middle is over */
export async function middleOfJob(client: ParitabClient, job: CountedJob): Promise<MiddleOfJob> {
  const { modelSha256, shape, data, counted } = job;
  const [count] = shape;
  const npy = encodeNpy({ dtype: "U8", shape: [...shape], data });
  const { tensorSha256 } = await client.uploadTensor(npy as Uint8Array<ArrayBuffer>);
  const { jobId } = await client.submit({
    kind: "inference",
    source: { kind: "uploads", modelSha256, queriesSha256: tensorSha256, inputScale: 1 / 255 },
    scheme: "uncoded",
    queriesPerGroup: 1,
    stragglers: 0,
    liars: 0,
  });
  let from: { done: number; ms: number; threads: Map<string, ThreadTimes> } | null = null;
  for (;;) {
    const { answersByMark, state, error } = await client.inferenceJob(jobId);
    const now = { done: count - answersByMark.missing, ms: performance.now() };
    // Twice in a run: to look at all threads takes a while, on the processors that are measured.
    if (from === null && now.done >= counted.from * count) from = { ...now, threads: workerThreads() };
    if (from !== null && now.done >= counted.to * count && now.done > from.done)
      return { rows: now.done - from.done, ms: now.ms - from.ms, threads: from.threads };
    if (state === "failed" || state === "done")
      throw new Error(`middle of a job: expected the job to be measured, it is ${state}: ${error}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
