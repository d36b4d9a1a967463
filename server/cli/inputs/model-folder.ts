/** A model as its files: the main one, and those that it names. Nothing else of a folder is looked at, and large ones stay on the disk. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { ByteSpace } from "../../../shared/compute/byte-space.ts";
import { conversionOf } from "../../../shared/compute/foreign-models.ts";
import { anyMainFile, isMain } from "../../../shared/compute/model-files.ts";
import type { RuntimeDescription } from "../../../shared/compute/runtimes/runtime-description.ts";
import { RUNTIMES } from "../../../shared/compute/runtimes/runtimes.ts";
import { companionsOf } from "../../../shared/hub/companions-of.ts";
import type { HubFile } from "../../../shared/hub/hub-place.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { fileSpace } from "../../file-space.ts";

/**
 * @param path of a model's main file, or of the folder that holds it
 * @throws InputError where a file is missing, or the main one names one outside its folder
 */
export async function readModel(path: string): Promise<HubFile[]> {
  const { main, beside } = await readMain(path);
  const others = beside.map(async ({ name, path }) => ({ name, data: await bytesOf(path) }));
  return [main, ...(await Promise.all(others))];
}

/** As readModel, of the main file alone. beside: the files that it names, which may be large, and where they lie. */
export async function readMain(path: string): Promise<{ main: HubFile; beside: { name: string; path: string }[] }> {
  const { runtime, mainPath } = await mainFileAt(path);
  const main = await bytesOf(mainPath);
  const names = await companionsOf(runtime, main, mainPath);
  for (const name of names) {
    if (name.startsWith("/") || /(^|[/\\])\.\.([/\\]|$)|:/.test(name)) {
      throw new InputError(`${mainPath}: expected weight files inside its folder, got "${name.slice(0, 80)}"`);
    }
  }
  return {
    main: { name: runtime.files.mainName ?? basename(mainPath), data: main },
    beside: names.map((name) => ({ name, path: join(dirname(mainPath), name) })),
  };
}

/** A file that is named is known by its extension, one that is looked for by its name. */
async function mainFileAt(path: string): Promise<{ runtime: RuntimeDescription; mainPath: string }> {
  const isFolder = (await stat(path).catch((error: Error) => unreadable(path, error))).isDirectory();
  const names = isFolder ? (await readdir(path)).sort() : [];
  for (const runtime of RUNTIMES) {
    if (isFolder) {
      const name = names.find((name) => isMain(runtime.files, name));
      if (name !== undefined) return { runtime, mainPath: join(path, name) };
    } else if (extname(path).toLowerCase() === runtime.files.mainExtension) return { runtime, mainPath: path };
  }
  const conversion = isFolder ? null : conversionOf(path);
  if (conversion !== null) throw new InputError(`${path}: expected ${anyMainFile()}, got ${conversion}`);
  throw new InputError(
    `${path}: expected ${anyMainFile()}${isFolder ? " in this folder, got neither" : ", got another file"}`,
  );
}

function bytesOf(path: string): Promise<ByteSpace> {
  return fileSpace(path).catch((error: Error) => unreadable(path, error));
}

export function unreadable(path: string, error: Error): never {
  const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
  throw new InputError(isMissing ? `${path}: there is no such file` : `${path}: it cannot be read: ${error.message}`);
}
