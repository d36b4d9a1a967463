/**
 * [PR111] A model that was uploaded, beside its files as they came, on rows that are drawn: whoever uploads learns at once that packing makes another
 * model of the files. What cannot be compared so is compared with rows of a job, or the job says that it was not.
 */

import { ModelError } from "../../shared/compute/errors.ts";
import { hashNoise } from "../../shared/compute/hash-noise.ts";
import { inspectModel } from "../../shared/compute/inspect-model.ts";
import { unpackModel } from "../../shared/compute/model-bundle.ts";
import type { ModelFacts, ModelInput } from "../../shared/compute/model-runtime.ts";
import { runtimeOfFormat } from "../../shared/compute/runtimes/runtimes.ts";
import { ALL_OUTPUTS, selectOutput } from "../../shared/compute/select-output.ts";
import { SOURCE_ROWS_MAX, TRIAL_MORE_MACS_MAX } from "../../shared/protocol/limits.ts";
import { sha256Hex } from "../sha256-hex.ts";
import type { Store } from "../store/store.ts";
import { besideSource, SourceDiffers } from "../trusted/beside-source.ts";
import { rowMacs } from "../trusted/model-cost.ts";
import type { ModelRuns } from "../trusted/model-runs.ts";

export interface UploadComparing {
  readonly store: Pick<Store, "getBlob">;
  readonly runs: Pick<ModelRuns, "run">;
}

/** @returns why the model is not taken; null: nothing speaks against it */
export type CompareUpload = (modelSha256: string, submitter: string) => Promise<string | null>;

const MODELS_KEPT_MAX = 1_024;

export function uploadComparison({ store, runs }: UploadComparing): CompareUpload {
  /** Compared already, the earliest first. */
  const known = new Set<string>();
  return async (modelSha256, submitter) => {
    if (known.has(modelSha256)) return null;
    const uploaded = await store.getBlob(modelSha256);
    if (uploaded === null) return null;
    const { bundle, outputs } = await allOutputs(uploaded);
    const facts = await inspectModel(bundle);
    const rowCount = Math.max(1, Math.min(SOURCE_ROWS_MAX, Math.floor(TRIAL_MORE_MACS_MAX / rowMacs(facts))));
    const rows = { inputs: drawnRows(facts, rowCount), rowCount, places: [...Array(rowCount).keys()] };
    const jobId = `upload ${modelSha256}`;
    try {
      await besideSource({ sha256: sha256Hex(bundle), bundle }, outputs, rows, {
        getSource: (sha256) => store.getBlob(sha256),
        run: (implementation, model, inputs, count) =>
          runs.run({ ...{ model, inputs, jobId, submitter, implementation }, rowCount: count, lane: "trial" }),
      });
    } catch (error) {
      if (error instanceof SourceDiffers) return `the model, on drawn rows: ${error.message}`;
      throw error;
    }
    known.add(modelSha256);
    if (known.size > MODELS_KEPT_MAX) known.delete(known.values().next().value!);
    return null;
  };
}

/** All of them in a row; where that is too much, one that can be run. */
async function allOutputs(bundle: Uint8Array): Promise<{ bundle: Uint8Array; outputs: string[] }> {
  const model = unpackModel(bundle);
  const named = (await runtimeOfFormat(model.format).loadFormat()).outputs(model).map(({ tensor }) => tensor);
  if (named.length === 1) return { bundle, outputs: named };
  try {
    const joined = await selectOutput(bundle, ALL_OUTPUTS);
    await inspectModel(joined);
    return { bundle: joined, outputs: named };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    // Of the first that can be run one was found when it was looked through.
    for (const [place, name] of named.entries()) {
      const one = await selectOutput(bundle, place);
      const isUsable = await inspectModel(one).then(
        () => true,
        () => false,
      );
      if (isUsable) return { bundle: one, outputs: [name] };
    }
    throw error;
  }
}

/** rowCount x D: floats between -1 and 1; whole numbers below what their table has, or a few small ones. */
export function drawnRows(
  { inputs, inputSize }: Pick<ModelFacts, "inputs" | "inputSize">,
  rowCount: number,
): Float32Array {
  const rows = new Float32Array(rowCount * inputSize);
  let at = 0;
  for (let row = 0; row < rowCount; row++) {
    for (const input of inputs) {
      const end = at + input.shape.reduce((size, length) => size * length, 1);
      for (; at < end; at++) rows[at] = drawn(input, hashNoise(row + 1, at));
    }
  }
  return rows;
}

const SMALL_MAX = 8;

function drawn({ dtype, takes, below }: ModelInput, noise: number): number {
  const type = takes ?? dtype;
  if (type === "float32") return noise;
  const most = type === "bool" ? 2 : (below ?? SMALL_MAX);
  return Math.floor(((noise + 1) / 2) * most);
}
