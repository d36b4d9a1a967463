/** What tasks of numerics refer to, and what they may use. */
import type { RunnableModel } from "../../shared/compute/model-runtime.ts";
import type { RandomSource } from "../../shared/random/random.ts";

/** What a task may use: models by hash, and randomness that nobody outside can foresee. */
export interface TaskContext {
  model(reference: ModelReference): Promise<RunnableModel>;
  readonly secretRandom: RandomSource;
}

/** The bytes are shared memory: passing them to a thread copies nothing. */
export interface ModelReference {
  readonly sha256: string;
  readonly bundle: Uint8Array;
  /** The job whose rows it computes, and which is charged for them; absent: the coordinator's own question to a tab, small and plain. */
  readonly jobId?: string;
}
