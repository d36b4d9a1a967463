/** A model on this computer, packed and looked through as the coordinator would do it, before anything is sent. */
import { inMemory } from "../../../shared/compute/byte-space.ts";
import { inspectModel } from "../../../shared/compute/inspect-model.ts";
import { packModelFiles } from "../../../shared/compute/model-files.ts";
import type { ModelFacts } from "../../../shared/compute/model-runtime.ts";
import { selectOutput } from "../../../shared/compute/select-output.ts";
import type { ModelFile } from "../../../shared/sdk/run-inference.ts";

export interface HomeModel {
  readonly bundle: Uint8Array;
  readonly facts: ModelFacts;
}

/** @param output a name or a place; undefined: the only one @throws ModelError where it is none that could be submitted */
export async function homeModel(files: readonly ModelFile[], output: string | number | undefined): Promise<HomeModel> {
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
