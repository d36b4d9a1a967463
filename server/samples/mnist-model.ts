import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { packTfjs } from "../../shared/compute/runtimes/tfjs/pack-tfjs.ts";
import { MNIST_MODEL_FILES } from "./mnist.ts";

/** The sample model as a bundle: 784 pixels, each 0 to 1, to 10 logits. */
export async function loadMnistModel(): Promise<Uint8Array> {
  const weights = MNIST_MODEL_FILES.weights.map(async ({ name, path }) => ({ name, bytes: await readFile(path) }));
  return packTfjs(await readFile(MNIST_MODEL_FILES.modelJson), await Promise.all(weights));
}

/** K of the parity model that comes with the sample model. */
export const MNIST_PARITY_QUERIES = 8;

/** The sample model's parity model as a bundle: the sum of MNIST_PARITY_QUERIES images to the sum of their logits. */
export async function loadMnistParityModel(): Promise<Uint8Array> {
  const read = (name: string) =>
    readFile(fileURLToPath(new URL(`./mnist-mlp-parity-${MNIST_PARITY_QUERIES}/${name}`, import.meta.url)));
  return packTfjs(await read("model.json"), [{ name: "weights.bin", bytes: await read("weights.bin") }]);
}
