/** What uploads are answered with: models and tensors that jobs are submitted on. */
import type { NpyDtype } from "./npy.ts";

/** POST /api/models answers with this. */
export interface ModelUploaded {
  modelSha256: string;
  inputShape: number[];
  /** Of the first output, as macsPerQuery. */
  outputSize: number;
  /** Those that jobs can ask for, in the order of the model. A job on a model with several says which one it wants. */
  outputs: { name: string; size: number; macsPerQuery: number }[];
  macsPerQuery: number;
  weightBytes: number;
}

/** POST /api/tensors (body: `.npy`) answers with this. */
export interface TensorUploaded {
  tensorSha256: string;
  dtype: NpyDtype;
  shape: number[];
}
