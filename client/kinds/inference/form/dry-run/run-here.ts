/** Runs a model in a compute thread of this page: the same code, and the same choice of back-end, as in a volunteer's tab. */
import "../../../../session/own-scripts.ts";
import * as Comlink from "comlink";
import type { ComputeThreadApi } from "../../../../../shared/compute/compute-thread-api.ts";
import { DRY_RUN_MS_MAX } from "../../../../../shared/protocol/limits.ts";
import { dryRun as texts } from "../submit-texts.ts";

export interface RunHere {
  /** rowCount x outputSize */
  readonly outputs: Float32Array;
  readonly msPerRow: number;
  readonly backend: string;
}

/**
 * The thread is ended whatever comes of it.
 * @param rows rowCount x inputSize, scaled as the job scales them
 * @throws where the model does not run here, or not within DRY_RUN_MS_MAX
 */
export async function runHere(
  bundle: Uint8Array,
  rows: Float32Array,
  rowCount: number,
  onStep: (step: "backend" | "run") => void,
): Promise<RunHere> {
  const worker = new Worker(new URL("../../../../compute/compute-thread.ts", import.meta.url), {
    type: "module",
    name: "trial",
  });
  let timer = 0;
  const broken = new Promise<never>((_resolve, reject) => {
    worker.addEventListener("error", ({ message }) => reject(new Error(message || texts.noThread)));
    timer = window.setTimeout(() => reject(new Error(texts.timeout)), DRY_RUN_MS_MAX);
  });
  try {
    return await Promise.race([answer(Comlink.wrap<ComputeThreadApi>(worker), bundle, rows, rowCount, onStep), broken]);
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}

async function answer(
  thread: Comlink.Remote<ComputeThreadApi>,
  bundle: Uint8Array,
  rows: Float32Array,
  rowCount: number,
  onStep: (step: "backend" | "run") => void,
): Promise<RunHere> {
  onStep("backend");
  await thread.start(null);
  onStep("run");
  const modelSha256 = "trial";
  await thread.addModel(modelSha256, bundle);
  const task = { modelSha256, rows, rowCount, jobId: "trial", roundIndex: 0, isProbe: false };
  // The first run makes the back-end compile what it needs, which volunteers do once for many batches.
  await thread.run(task);
  const { outputs, computeMs, backend } = await thread.run(task);
  return { outputs, msPerRow: computeMs / rowCount, backend };
}
