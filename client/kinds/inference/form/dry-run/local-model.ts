/**
 * A model on this computer, packed and looked through as the coordinator does it (server/intake), before anything is sent.
 * Loaded only when somebody wants a trial: it brings the model formats along.
 */
import { inMemory } from "../../../../../shared/compute/byte-space.ts";
import { inspectModel } from "../../../../../shared/compute/inspect-model.ts";
import { packModelFiles } from "../../../../../shared/compute/model-files.ts";
import type { ModelFacts } from "../../../../../shared/compute/model-runtime.ts";
import { selectOutput } from "../../../../../shared/compute/select-output.ts";

export interface LocalModel {
  /** With the one output that the job is about. */
  readonly bundle: Uint8Array;
  readonly facts: ModelFacts;
}

/**
 * @param output a name or a place; undefined: the only one
 * @throws ModelError that says what was expected and what came
 */
export async function modelFromFiles(files: readonly File[], output: string | number | undefined): Promise<LocalModel> {
  const read = files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }));
  return modelFromBundle(inMemory(await packModelFiles(await Promise.all(read))), output);
}

/** @throws ModelError as modelFromFiles */
export async function modelFromBundle(packed: Uint8Array, output: string | number | undefined): Promise<LocalModel> {
  const bundle = await selectOutput(packed, output);
  return { bundle, facts: await inspectModel(bundle) };
}
