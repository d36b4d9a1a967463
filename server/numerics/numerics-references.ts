/** What tasks of numerics refer to, and what they may use. */
import type { Implementation, ModelFacts } from "../../shared/compute/model-runtime.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import type { SaidRows } from "../../shared/verify/said-rows.ts";

/** What a task may use: models by hash, and randomness that nobody outside can foresee. */
export interface TaskContext {
  /** @param implementation the first, unless told */
  model(reference: ModelReference, implementation?: Implementation): Promise<TrustedModelRows>;
  readonly secretRandom: RandomSource;
}

/** A model whose rows are computed where models run. */
export interface TrustedModelRows {
  readonly facts: ModelFacts;
  /**
   * @param rows rowCount x D
   * @param said what a volunteer answered to these rows; without it no machine but the coordinator's own computes them
   * @returns rowCount x C
   */
  run(rows: Float32Array, rowCount: number, said?: SaidRows): Promise<Float32Array>;
}

/** The bytes are shared memory: passing them to a thread copies nothing. */
export interface ModelReference {
  readonly sha256: string;
  readonly bundle: Uint8Array;
  /** For a run of its files as they came (model-cost.ts). */
  readonly behind?: Uint8Array;
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
