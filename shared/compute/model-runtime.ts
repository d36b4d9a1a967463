/**
 * The model runtime: what a tab computes with and what the coordinator audits with, behind one interface, so that the
 * library below can be replaced.
 */
import type { BackendName } from "../protocol/backend-names.ts";
import type { WeightDtype } from "./model-bundle.ts";
import type { Order } from "./orders.ts";

export { ALL_BACKEND_NAMES, BACKEND_NAMES, type BackendName, MODEL_BACKEND_NAMES } from "../protocol/backend-names.ts";

/**
 * Which code runs a model: what checks are computed with, other code for the same, what tabs have to the last bit, that with the model's files as
 * they came in place of what packing made of them, or sums in another order (start-trusted.ts).
 */
export type Implementation = "first" | "second" | "tab" | "file" | Order;

/** One of the inputs of a model. */
export interface ModelInput {
  readonly name: string;
  /** Without the batch dimension. */
  readonly shape: readonly number[];
  /** float32 of anything that takes any numbers; else whole numbers of that type, which no code may mix. */
  readonly dtype: Exclude<WeightDtype, "float16" | "float64">;
  /** Of places in a table of the model, such as words in a vocabulary: how many there are. */
  readonly below?: number;
  /** Of float32 in place of whole numbers that the model casts to floats at once: what a query's numbers have to be. Code may mix them. */
  readonly takes?: Exclude<WeightDtype, "float16" | "float64" | "float32">;
}

/** What a static look at a model says, before anything of it is run. */
export interface ModelFacts {
  /** Shape of one query, without the batch dimension; of several inputs their numbers one after the other. */
  readonly inputShape: readonly number[];
  /** What a query is made of, in order. */
  readonly inputs: readonly ModelInput[];
  /** Elements of one query: the product of inputShape. */
  readonly inputSize: number;
  /** Elements of one answer. */
  readonly outputSize: number;
  /** Multiply-adds for one query. */
  readonly macsPerQuery: number;
  readonly weightBytes: number;
  /** Numbers that are held at once at the worst moment of a run, for one query; weights apart. */
  readonly activationsPerQuery: number;
  /** Numbers that a run holds beside them whatever its batch: tables of windows, what constants make of each other. */
  readonly numbersPerRun: number;
  /** Operators of it that jump (JUMPING); absent: none. */
  readonly jumps?: readonly string[];
}

export interface LoadedModel {
  readonly facts: ModelFacts;
  /**
   * @param rows rowCount x inputSize, row-major
   * @returns rowCount x outputSize, row-major, finite or not as the model gives it
   */
  run(rows: Float32Array, rowCount: number): Promise<Float32Array>;
  /** As run, with the names of the kernels that the library says it ran (for proofs, not for the hot path). */
  runProfiled(rows: Float32Array, rowCount: number): Promise<{ outputs: Float32Array; kernels: string[] }>;
  dispose(): void;
}

/** All that somebody needs who only wants answers; where it really runs is not theirs to know. */
export type RunnableModel = Pick<LoadedModel, "facts" | "run">;

export interface LoadOptions {
  /** Runs a row of zeros, so that what loads also runs; true unless said otherwise, for whoever runs real rows at once. */
  readonly triesRow?: boolean;
}

export interface ModelRuntime {
  readonly backend: BackendName;
  /** @param bundle a packed model (model-bundle.ts). @throws ModelError where it is no valid model. */
  load(bundle: Uint8Array, options?: LoadOptions): Promise<LoadedModel>;
  /** Frees what its back-end holds, contexts and memory. Its models are of no more use, and it cannot start again. */
  release(): Promise<void>;
}
