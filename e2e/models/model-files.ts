/** Trained models as folders of tfjs Layers files. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { packTfjs } from "../../shared/compute/runtimes/tfjs/pack-tfjs.ts";
import { createTfjsRuntime } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";

/** Folders of the models that come with the project. Each maps pixels / 255 to 10 logits. */
export const MODEL_FOLDERS = {
  "mnist-mlp": folder("../../server/samples/mnist-mlp"),
  "mnist-cnn": folder("./mnist-cnn"),
  "fashion-mlp": folder("./fashion-mlp"),
  "fashion-cnn": folder("./fashion-cnn"),
  "cifar-resnet": folder("./cifar-resnet"),
  "mnist-mlp-parity-8": folder("../../server/samples/mnist-mlp-parity-8"),
  "mnist-mlp-parity-12": folder("./mnist-mlp-parity-12"),
  "fashion-mlp-parity-8": folder("./fashion-mlp-parity-8"),
} as const;
export type ModelFolderName = keyof typeof MODEL_FOLDERS;

function folder(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** @param path with model.json and the weight files that it names. @throws Error or ModelError where they are not there */
export async function bundleOf(path: string): Promise<Uint8Array> {
  const [modelJson, ...weights] = await modelFilesOf(path);
  return packTfjs(modelJson!.bytes, weights);
}

/** model.json first, as a submitter uploads them. */
export async function modelFilesOf(path: string): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }[]> {
  const modelJson = await readFile(join(path, "model.json"));
  const { weightsManifest } = JSON.parse(modelJson.toString()) as { weightsManifest?: { paths: string[] }[] };
  const names = (weightsManifest ?? []).flatMap(({ paths }) => paths);
  const files = names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(path, name))) }));
  return [{ name: "model.json", bytes: new Uint8Array(modelJson) }, ...(await Promise.all(files))];
}

/** On tfjs wasm, as the coordinator runs it. */
export async function loadModel(path: string): Promise<LoadedModel> {
  const runtime = await createTfjsRuntime("wasm", tfjsWasmFiles());
  return runtime.load(await bundleOf(path));
}
