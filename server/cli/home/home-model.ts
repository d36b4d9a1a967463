/** A model on this computer, packed and looked through as the coordinator would do it, before anything is sent. */
import { inMemory } from "../../../shared/compute/byte-space.ts";
import { ModelError } from "../../../shared/compute/errors.ts";
import { inspectModel } from "../../../shared/compute/inspect-model.ts";
import { packModelFiles } from "../../../shared/compute/model-files.ts";
import type { ModelFacts } from "../../../shared/compute/model-runtime.ts";
import { selectOutput } from "../../../shared/compute/select-output.ts";
import { HOME_TRIAL_MODEL_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { ModelFile } from "../../../shared/sdk/run-inference.ts";

export interface HomeModel {
  readonly bundle: Uint8Array;
  readonly facts: ModelFacts;
}

/** A model that could be submitted, and is not read here. */
export class LargeHereError extends ModelError {
  constructor(bytes: number) {
    super(`a model of ${bytes} bytes, more than ${HOME_TRIAL_MODEL_BYTES_MAX}, is not tried here`);
  }
}

/**
 * @param output a name or a place; undefined: the only one
 * @throws LargeHereError; ModelError where it is none that could be submitted
 */
export async function homeModel(files: readonly ModelFile[], output: string | number | undefined): Promise<HomeModel> {
  const bytes = files.reduce((sum, { data }) => sum + (data instanceof Blob ? data.size : data.length), 0);
  if (bytes > HOME_TRIAL_MODEL_BYTES_MAX) throw new LargeHereError(bytes);
  const read = files.map(async ({ name, data }) => ({ name, bytes: await bytesOf(data) }));
  return ofBundle(inMemory(await packModelFiles(await Promise.all(read))), output);
}

/** The same of one that is packed. */
export async function ofBundle(packed: Uint8Array, output: string | number | undefined): Promise<HomeModel> {
  const bundle = await selectOutput(packed, output);
  return { bundle, facts: await inspectModel(bundle) };
}

async function bytesOf(data: ModelFile["data"]): Promise<Uint8Array> {
  return data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data;
}
