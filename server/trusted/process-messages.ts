/** What the coordinator and a process that runs models say to each other. One request at a time; each has one answer. */
import type { Implementation } from "../../shared/compute/model-runtime.ts";

/** A model on one of its implementations: a process may hold both. */
interface Named {
  readonly sha256: string;
  readonly implementation: Implementation;
}

/** On one implementation a model takes another time than on the other. */
export function modelName({ sha256, implementation }: Named): string {
  return `${implementation} ${sha256}`;
}

export type ToProcess =
  /** A part of a model's bundle; the model is loaded once the last part is here, and answered then. */
  | ({ readonly type: "model"; readonly bytes: number; readonly at: number; readonly part: Uint8Array } & Named)
  /** rows: rowCount x D */
  | ({ readonly type: "run"; readonly rows: Float32Array; readonly rowCount: number } & Named)
  /** Lets go of a model. No answer. */
  | ({ readonly type: "drop" } & Named);

export type FromProcess =
  | { readonly type: "ready"; readonly totalCpuMs: number }
  | ({ readonly type: "loaded" } & ProcessSpent)
  /** rowCount x C */
  | ({ readonly type: "ran"; readonly outputs: Float32Array } & ProcessSpent)
  /** isBroken: the runtime trapped or ran out of memory; else the model is none that it takes. */
  | ({ readonly type: "failed"; readonly message: string; readonly isBroken: boolean } & ProcessSpent);

export interface ProcessSpent {
  /** Processor time of this request. */
  readonly cpuMs: number;
  /** Of the process, since it began. */
  readonly totalCpuMs: number;
  /** The most that the process ever held. */
  readonly peakBytes: number;
}
