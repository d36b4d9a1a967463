/** Runs a model in compute threads of this page: the same code, and the same choice of back-end, as in a volunteer's tab. */
import "../../../../session/own-scripts.ts";
import * as Comlink from "comlink";
import type { ComputeThreadApi } from "../../../../../shared/compute/compute-thread-api.ts";
import type { BackendName } from "../../../../../shared/compute/model-runtime.ts";
import { DRY_RUN_MS_MAX } from "../../../../../shared/protocol/limits.ts";
import { dryRun as texts } from "../submit-texts.ts";

export interface RunHere {
  /** rowCount x outputSize */
  readonly outputs: Float32Array;
  readonly msPerRow: number;
  readonly backend: string;
}

/** A thread that has the model. */
export interface ModelThread {
  /** @param rows rowCount x inputSize, scaled as the job scales them */
  run(rows: Float32Array, rowCount: number): Promise<RunHere>;
}

interface ThreadOptions {
  readonly signal?: AbortSignal;
  /** null: the fastest that there is */
  readonly backend?: BackendName | null;
  /** The back-end is chosen: the model is loaded and run. */
  onRun?(): void;
}

/**
 * The thread is ended whatever comes of it.
 * @throws where the model does not run here, or not within DRY_RUN_MS_MAX; the signal's reason
 */
export async function inModelThread<Answer>(
  bundle: Uint8Array,
  work: (thread: ModelThread) => Promise<Answer>,
  { signal, backend = null, onRun }: ThreadOptions = {},
): Promise<Answer> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL("../../../../compute/compute-thread.ts", import.meta.url), {
    type: "module",
    name: "trial",
  });
  let timer = 0;
  const broken = new Promise<never>((_resolve, reject) => {
    worker.addEventListener("error", ({ message }) => reject(new Error(message || texts.noThread)));
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    timer = window.setTimeout(() => reject(new Error(texts.timeout)), DRY_RUN_MS_MAX);
  });
  try {
    return await Promise.race([answer(Comlink.wrap<ComputeThreadApi>(worker)), broken]);
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }

  async function answer(thread: Comlink.Remote<ComputeThreadApi>): Promise<Answer> {
    await thread.start(backend);
    onRun?.();
    const modelSha256 = "trial";
    await thread.addModel(modelSha256, bundle);
    return work({
      async run(rows, rowCount) {
        const task = { modelSha256, rows, rowCount, jobId: "trial", roundIndex: 0, isProbe: false };
        const { outputs, computeMs, backend } = await thread.run(task);
        return { outputs, msPerRow: computeMs / rowCount, backend };
      },
    });
  }
}

/** Runs some rows. @throws as inModelThread */
export function runHere(
  bundle: Uint8Array,
  rows: Float32Array,
  rowCount: number,
  onStep: (step: "backend" | "run") => void,
): Promise<RunHere> {
  onStep("backend");
  const twice = async (thread: ModelThread) => {
    // The first run makes the back-end compile what it needs, which volunteers do once for many batches.
    await thread.run(rows, rowCount);
    return thread.run(rows, rowCount);
  };
  return inModelThread(bundle, twice, { onRun: () => onStep("run") });
}
