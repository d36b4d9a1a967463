/**
 * A model on this computer, packed and looked through as the coordinator does it (server/intake), before anything is sent.
 * Loaded only when somebody wants a trial: it brings the model formats along.
 */
import { inspectModel } from "../../../../../shared/compute/inspect-model.ts";
import { packModel } from "../../../../../shared/compute/model-bundle.ts";
import type { ModelFacts } from "../../../../../shared/compute/model-runtime.ts";
import { packOnnx } from "../../../../../shared/compute/runtimes/onnx/pack-onnx.ts";
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
  const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());
  const onnx = files.find(({ name }) => /\.onnx$/i.test(name));
  if (onnx !== undefined) return modelFromBundle(packOnnx(await bytesOf(onnx)), output);
  const json = files.find(({ name }) => name === "model.json");
  if (json === undefined) throw new Error("model: expected a file named model.json, or an .onnx file");
  const weights = await Promise.all(
    files.filter((file) => file !== json).map(async (file) => ({ name: file.name, bytes: await bytesOf(file) })),
  );
  return modelFromBundle(packModel(await bytesOf(json), weights), output);
}

/** @throws ModelError as modelFromFiles */
export function modelFromBundle(packed: Uint8Array, output: string | number | undefined): LocalModel {
  const bundle = selectOutput(packed, output);
  return { bundle, facts: inspectModel(bundle) };
}
