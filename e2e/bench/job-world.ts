/** A model and its queries as jobs for the real coordinator in this process, where the model's answers are known already. */

import { createHash } from "node:crypto";
import {
  type AllTasks,
  type KindsExecutor,
  NUMERICS_TASKS,
  type TaskInputs,
  type TaskName,
} from "../../server/kinds/numerics-tasks.ts";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { createTfjsRuntime } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { withKnownOutputs } from "../proofs/simulator/known-outputs.ts";
import type { JobsRun } from "../proofs/simulator/run-jobs.ts";
import type { InferenceCase } from "./inference-case.ts";

export interface JobWorld {
  readonly inferenceCase: InferenceCase;
  /** What every run of these queries has in common. */
  readonly common: Pick<JobsRun, "bundle" | "load" | "queries">;
  /**
   * Queries in the order that they are grouped in, by crowd, how many they are, and K: slow to find, and the same for all that is compared. It takes no
   * virtual time and no draw of the executor's, so that a row does not depend on which rows came before it.
   */
  withKnownOrders(executor: KindsExecutor, crowd: number): KindsExecutor;
}

export async function jobWorld(inferenceCase: InferenceCase): Promise<JobWorld> {
  const runtime = await createTfjsRuntime("wasm", tfjsWasmFiles());
  const { model, bundle, queries, outputs, count } = inferenceCase;
  const load = loadOnce((bytes) => runtime.load(bytes), [[bundle, withKnownOutputs(model, queries, outputs)]]);
  const known = new Map<string, Promise<unknown>>();
  const context = (crowd: number) => ({ secretRandom: simulationRandom(crowd), model: async () => model });
  return {
    inferenceCase,
    common: { bundle, load, queries: { dtype: "F32", shape: [count, ...model.facts.inputShape], data: queries } },
    withKnownOrders: (executor, crowd) => ({
      async run<T extends TaskName>(task: T, input: AllTasks[T]["input"]): Promise<AllTasks[T]["output"]> {
        if (task !== "order" && task !== "features") return executor.run(task, input);
        const { queryCount } = input as TaskInputs["order"] | TaskInputs["features"];
        const groupSize = task === "order" ? (input as TaskInputs["order"]).groupSize : "";
        const key = `${crowd} ${task} ${queryCount} ${groupSize}`;
        const found = known.get(key) ?? NUMERICS_TASKS[task as T](input, context(crowd));
        known.set(key, found);
        return (await found) as AllTasks[T]["output"];
      },
      close: () => executor.close(),
    }),
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
