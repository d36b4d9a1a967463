/** What tasks of numerics refer to, and what they may use. */
import type { Implementation, RunnableModel } from "../../shared/compute/model-runtime.ts";
import type { RandomSource } from "../../shared/random/random.ts";

/** What a task may use: models by hash, and randomness that nobody outside can foresee. */
export interface TaskContext {
  /** @param implementation the first, unless told */
  model(reference: ModelReference, implementation?: Implementation): Promise<RunnableModel>;
  readonly secretRandom: RandomSource;
}

/** The bytes are shared memory: passing them to a thread copies nothing. */
export interface ModelReference {
  readonly sha256: string;
  readonly bundle: Uint8Array;
  /** The job whose rows it computes, and which is charged for them; absent: the coordinator's own question to a tab, small and plain. */
  readonly jobId?: string;
  /** What its rows are computed with, where nothing else is asked for; absent: the first. */
  readonly implementation?: Implementation;
}

/** How rows of a submitted model are to be run where models run. */
export interface RunManner {
  /** A trial at submission, or a check of what tabs said. */
  readonly lane: "trial" | "check";
  readonly implementation: Implementation;
  /** In a process that has run nothing before. */
  readonly inFreshProcess: boolean;
}
