/** A model's folder as it lies on the Hugging Face Hub: the model, and the JSON files that say what comes before and after it. */
import { access, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import type { HubRules } from "../../shared/compute/runtimes/runtime-description.ts";
import type { HubPlace } from "../../shared/hub/hub-place.ts";
import { HUB_PLACES, HUB_RUNTIMES } from "../../shared/hub/hub-runtimes.ts";
import { InputError } from "../../shared/inputs/input-error.ts";
import { readModel, unreadable } from "../cli/inputs/model-folder.ts";

interface HubFolder {
  /** Where the JSON files are. */
  readonly folder: string;
  readonly mainPath: string;
  readonly hub: HubRules;
}

/**
 * @param path of the folder, or of a model's file in it
 * @throws InputError where there is no model that can be taken
 */
async function hubFolder(path: string): Promise<HubFolder> {
  const found = await stat(path).catch((error: Error) => unreadable(path, error));
  if (!found.isDirectory()) {
    const own = HUB_RUNTIMES.find(({ files }) => extname(path).toLowerCase() === files.mainExtension);
    if (own === undefined) {
      const expected = HUB_RUNTIMES.map(({ files }) => files.main).join(", or ");
      throw new InputError(`${path}: expected a Hugging Face folder, or ${expected} of one, got another file`);
    }
    return { folder: await folderOf(path), mainPath: path, hub: own.hub };
  }
  for (const { hub } of HUB_RUNTIMES) {
    for (const place of hub.places) {
      const mainPath = join(path, place);
      if (await isThere(mainPath)) return { folder: path, mainPath, hub };
    }
  }
  throw new InputError(await adviceFor(path));
}

/** Of ./resnet-50/onnx/model_fp16.onnx that is ./resnet-50: exporters put several files of one model there. */
async function folderOf(mainPath: string): Promise<string> {
  const beside = dirname(mainPath);
  return (await isThere(join(beside, "config.json"))) ? beside : dirname(beside);
}

async function adviceFor(path: string): Promise<string> {
  const names = await readdir(path, { recursive: true });
  const others = names.filter((name) => HUB_RUNTIMES.some(({ files }) => name.endsWith(files.mainExtension)));
  if (others.length > 0) {
    const list = others.sort().slice(0, 6).join(", ");
    return `${path}: expected ${HUB_PLACES}, got ${list}; name one of them: --model ${join(path, others[0]!)}`;
  }
  const weights = names.filter((name) => /\.(safetensors|bin|pt|pth|h5|msgpack)$/.test(name));
  const advice = weights.length === 0 ? "" : `; ${HUB_RUNTIMES.map(({ hub }) => hub.export).join("; ")}`;
  const got = (weights.length > 0 ? weights : names).sort().slice(0, 6).join(", ") || "an empty folder";
  return `${path}: expected ${HUB_PLACES}, got ${got}${advice}`;
}

/** The folder as whoever prepares pictures and texts reads it. What is wrong with its model is said once that is asked for. @param read of its model's files */
export async function hubPlace(path: string, read = readModel): Promise<HubPlace> {
  const found = await hubFolder(path).catch((error: unknown) => {
    if (error instanceof InputError) return error;
    throw error;
  });
  const folder = found instanceof InputError ? path : found.folder;
  return {
    name: basename(resolve(folder)).slice(0, 80) || "model",
    folder,
    where: (name) => join(folder, name),
    read: (name, bytesMax) => bytesAt(join(folder, name), bytesMax),
    async model() {
      if (found instanceof InputError) throw found;
      const { mainPath, hub } = found;
      const files = await read(mainPath);
      const within = relative(folder, mainPath);
      const mainName = hub.places.find((place) => dirname(place) === dirname(within)) ?? hub.places[0]!;
      return { mainPath: within, mainName, files, editor: await hub.loadEditor() };
    },
  };
}

async function bytesAt(path: string, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!(await isThere(path))) return null;
  const { size } = await stat(path);
  if (size > bytesMax) throw new InputError(`${path}: expected at most ${bytesMax} bytes, got ${size}`);
  return new Uint8Array(await readFile(path).catch((error: Error) => unreadable(path, error)));
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
