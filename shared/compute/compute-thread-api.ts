import type { FieldBackendName } from "./field/field-kernels.ts";
import type { BackendName } from "./model-runtime.ts";

/** What the compute thread offers to the session worker, over Comlink. It knows models and rows, never the protocol. */
export interface ComputeThreadApi {
  /**
   * Chooses a back-end: each candidate answers a known question and is timed; the fastest right one wins.
   * @param forced leaves just this one to try; of those that are tried with each model: takes it wherever it is right, however slow
   * @param lifeLockName a Web Lock to hold for as long as the thread lives, so that others see at once when it ends
   * @throws where no candidate answers right
   */
  start(forced: BackendName | null, lifeLockName?: string): Promise<CalibrationReport>;
  holdsModel(sha256: string): Promise<boolean>;
  /**
   * The caller has checked the hash. By the name of onWebAssembly it is loaded there, and tried nowhere else. Models are kept up to a byte cap, least recently used goes first.
   * @param aside back-ends that this model is not tried on: it was computed wrong there
   */
  addModel(sha256: string, bundle: Uint8Array, aside?: readonly BackendName[]): Promise<void>;
  /** Forgets it, wherever it is held. */
  dropModel(sha256: string): Promise<void>;
  run(task: ComputeTask): Promise<ComputeOutcome>;
  holdsShard(sha256: string): Promise<boolean>;
  /**
   * The caller has checked the hash. Shards are kept up to a byte cap, least recently used goes first.
   * @param frame U32 tensors "forward" and, of regressions, "backward"
   * @throws where it is no such frame, an entry is no residue, or no back-end can hold it
   */
  addShard(sha256: string, frame: Uint8Array): Promise<void>;
  multiply(task: ProductTask): Promise<ProductOutcome>;
}

const ON_WEB_ASSEMBLY = " wasm";

/** What a model is called that is computed there whatever else this thread computes with: a job may want it so, and another not. */
export function onWebAssembly(modelSha256: string): string {
  return `${modelSha256}${ON_WEB_ASSEMBLY}`;
}

export function isOnWebAssembly(name: string): boolean {
  return name.endsWith(ON_WEB_ASSEMBLY);
}

/** Name of the entry that each model leaves in its thread's performance timeline. */
export const MODEL_LOAD = "model load";

export interface CalibrationReport {
  readonly backend: BackendName;
  /** Every candidate that was tried, why it was put aside (null: it answered right), and how long it took. */
  readonly candidates: readonly { backend: BackendName; problem: string | null; msMedian: number | null }[];
}

/** On which back-end a model is computed in this tab, and why not on others. */
export interface ModelChoice {
  readonly modelSha256: string;
  readonly backend: BackendName;
  readonly tried: readonly {
    readonly backend: BackendName;
    /** null: it computed the model right. */
    readonly problem: string | null;
    readonly msPerRow: number | null;
  }[];
}

export interface ComputeTask {
  readonly modelSha256: string;
  /** rowCount x inputSize */
  readonly rows: Float32Array;
  readonly rowCount: number;
  /** Names the task for fault injection in tests, by the count of the tab's batches of the job; the production thread ignores it. */
  readonly jobId: string;
  readonly roundIndex: number;
  readonly isProbe: boolean;
}

export interface ComputeOutcome {
  readonly outputs: Float32Array;
  /** Time in the model alone. */
  readonly computeMs: number;
  readonly backend: BackendName;
  /** Of a model's first batch, where there was a choice. */
  readonly choice?: ModelChoice;
  /** For probes: the kernels that the library says it ran, a proof of the back-end. */
  readonly kernels?: readonly string[];
}

export interface ProductTask {
  readonly shardSha256: string;
  readonly product: "forward" | "backward";
  /** columns x width residues */
  readonly vector: Uint32Array;
  readonly width: number;
  /** Names the task for fault injection in tests; the production thread ignores it. */
  readonly jobId: string;
  readonly roundIndex: number;
}

export interface ProductOutcome {
  /** rows x width */
  readonly residues: Uint32Array;
  /** Time in the kernel alone. */
  readonly computeMs: number;
  readonly backend: FieldBackendName;
}
