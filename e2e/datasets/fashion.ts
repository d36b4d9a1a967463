/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf, arXiv 1708.07747; MIT licence): 28 x 28 grey pictures of ten kinds of clothes, from
 * Debian's package dataset-fashion-mnist.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readIdx } from "../../server/samples/idx.ts";
import { checkedBytes } from "./checked-bytes.ts";
import { DatasetError, type ImageSet } from "./image-set.ts";

const FOLDER = "/usr/share/datasets/fashion-mnist";
export const FASHION_PACKAGE = "dataset-fashion-mnist";

/** MD5 of the files as they are inside; Debian compresses them anew, so those of the .gz differ from the makers'. */
const FILES = {
  train: {
    images: { name: "train-images-idx3-ubyte", md5: "f4a8712d7a061bf5bd6d2ca38dc4d50a" },
    labels: { name: "train-labels-idx1-ubyte", md5: "9018921c3c673c538a1fc5bad174d6f9" },
  },
  test: {
    images: { name: "t10k-images-idx3-ubyte", md5: "8181f5470baa50b63fa0f6fddb340f0a" },
    labels: { name: "t10k-labels-idx1-ubyte", md5: "15d484375f8d13e6eb1aabb0c3f46965" },
  },
} as const;

/**
 * 60,000 (train) or 10,000 (test) images.
 * @throws DatasetError where the package is not installed, or its files are not the original ones
 */
export async function loadFashion(part: "train" | "test", folder = FOLDER): Promise<ImageSet> {
  const files = FILES[part];
  const [imageFile, labelFile] = await Promise.all([read(folder, files.images), read(folder, files.labels)]);
  const images = readIdx(imageFile, files.images.name);
  const [count, rows, columns] = images.shape as [number, number, number];
  const labels = readIdx(labelFile, files.labels.name).data;
  return { name: "fashion", images: images.data, labels, count, rows, columns, channels: 1 };
}

async function read(folder: string, { name, md5 }: { name: string; md5: string }): Promise<Uint8Array> {
  const path = join(folder, `${name}.gz`);
  const zipped = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new DatasetError(
      `fashion: expected ${path}, got no such file; it comes with \`apt-get install ${FASHION_PACKAGE}\``,
    );
  });
  return checkedBytes(gunzipSync(zipped), md5, `fashion: ${name}`);
}
