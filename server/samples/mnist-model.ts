import { readFile } from "node:fs/promises";
import { packModel } from "../../shared/compute/model-bundle.ts";
import { MNIST_MODEL_FILES } from "./mnist.ts";

/** The sample model as a bundle: 784 pixels, each 0 to 1, to 10 logits. */
export async function loadMnistModel(): Promise<Uint8Array> {
  const weights = MNIST_MODEL_FILES.weights.map(async ({ name, path }) => ({ name, bytes: await readFile(path) }));
  return packModel(await readFile(MNIST_MODEL_FILES.modelJson), await Promise.all(weights));
}
