/** A model and its queries as jobs for the real coordinator in this process, where the model's answers are known already. */

import { createHash } from "node:crypto";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { createTfjsRuntime } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import { withKnownOutputs } from "../proofs/simulator/known-outputs.ts";
import type { JobsRun } from "../proofs/simulator/run-jobs.ts";
import type { InferenceCase } from "./inference-case.ts";

export interface JobWorld {
  readonly inferenceCase: InferenceCase;
  /** What every run of these queries has in common. */
  readonly common: Pick<JobsRun, "bundle" | "load" | "queries">;
}

export async function jobWorld(inferenceCase: InferenceCase): Promise<JobWorld> {
  const runtime = await createTfjsRuntime("wasm", tfjsWasmFiles());
  const { model, bundle, queries, outputs, count } = inferenceCase;
  const load = loadOnce((bytes) => runtime.load(bytes), [[bundle, withKnownOutputs(model, queries, outputs)]]);
  return {
    inferenceCase,
    common: { bundle, load, queries: { dtype: "F32", shape: [count, ...model.facts.inputShape], data: queries } },
  };
}

/** Each model is loaded once, however many tabs ask for it. @param held models that are loaded already, by their bundles */
export function loadOnce(
  load: JobsRun["load"],
  held: readonly (readonly [bundle: Uint8Array, model: LoadedModel])[] = [],
): JobsRun["load"] {
  const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const loaded = new Map(held.map(([bundle, model]) => [hashOf(bundle), Promise.resolve(model)]));
  return (bytes) => {
    const hash = hashOf(bytes);
    const found = loaded.get(hash) ?? load(bytes);
    loaded.set(hash, found);
    return found;
  };
}
