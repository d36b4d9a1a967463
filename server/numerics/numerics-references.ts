/** What the tasks of numerics refer to: models by hash, queries as they are stored, schemes by name; and what a task may use. */
import type { SchemeParameters } from "../../shared/coding/scheme.ts";
import type { SchemeName } from "../../shared/coding/schemes/schemes.ts";
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

/** The job's queries as uploaded, in shared memory: queryCount x D. */
export interface QuerySource {
  readonly values: Float32Array | Uint8Array;
  readonly inputSize: number;
  readonly scale: number;
}

export interface SchemeReference {
  readonly name: SchemeName;
  readonly parameters: SchemeParameters;
}
