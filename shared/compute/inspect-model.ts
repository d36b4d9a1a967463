/** What a model is and costs, found out before anything of it is allocated or run. */
import { unpackFormat } from "./model-bundle.ts";
import { factsOfBundle } from "./model-facts.ts";
import type { ModelFacts } from "./model-runtime.ts";
import { runtimeOfFormat } from "./runtimes/runtimes.ts";

/**
 * @param bundle a packed model (model-bundle.ts)
 * @throws ModelError where the model holds a layer or op that is not on the allow-list, has other than one input and one
 *   output, dimensions beyond the batch that are not fixed, weights that do not fit its topology, rows that depend on each
 *   other, or exceeds a limit (limits.ts, MODEL_*)
 */
export async function inspectModel(bundle: Uint8Array): Promise<ModelFacts> {
  return factsOfBundle(await runtimeOfFormat(unpackFormat(bundle)).loadFormat(), bundle);
}
