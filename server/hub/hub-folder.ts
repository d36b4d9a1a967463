/** A model's folder as it lies on the Hugging Face Hub: the model, and the JSON files that say what comes before and after it. */
import { access, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import type { HubRules } from "../../shared/compute/runtimes/runtime-description.ts";
import { RUNTIMES } from "../../shared/compute/runtimes/runtimes.ts";
import { InputError } from "../../shared/inputs/input-error.ts";
import { HUB_JSON_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { unreadable } from "../cli/inputs/model-folder.ts";

export interface HubFolder {
  /** Where the JSON files are. */
  readonly folder: string;
  readonly mainPath: string;
  readonly hub: HubRules;
}

const HUB_RUNTIMES = RUNTIMES.flatMap(({ hub, files }) => (hub === undefined ? [] : [{ hub, files }]));

/** Where models lie in such folders, in words. */
export const HUB_PLACES = HUB_RUNTIMES.flatMap(({ hub }) => hub.places).join(" or ");

/**
 * @param path of the folder, or of a model's file in it
 * @throws InputError where there is no model that can be taken
 */
export async function hubFolder(path: string): Promise<HubFolder> {
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

/**
 * @returns what the file holds; null where there is none
 * @throws InputError where it holds no JSON object
 */
export async function hubJson(folder: string, name: string): Promise<Readonly<Record<string, unknown>> | null> {
  const value = await parsedJson(folder, name);
  if (value === undefined) return null;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  const got = Array.isArray(value) ? "a list" : typeof value;
  throw new InputError(`${join(folder, name)}: expected a JSON object, got ${got}`);
}

/** As hubJson, of a list. */
export async function hubList(folder: string, name: string): Promise<readonly unknown[] | null> {
  const value = await parsedJson(folder, name);
  if (value === undefined) return null;
  if (Array.isArray(value)) return value;
  throw new InputError(`${join(folder, name)}: expected a JSON list, got ${typeof value}`);
}

/** As it lies there; null where there is none. */
export async function hubJsonBytes(folder: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const path = join(folder, name);
  if (!(await isThere(path))) return null;
  return new Uint8Array(await readFile(path).catch((error: Error) => unreadable(path, error)));
}

async function parsedJson(folder: string, name: string): Promise<unknown> {
  const path = join(folder, name);
  if (!(await isThere(path))) return undefined;
  const { size } = await stat(path);
  if (size > HUB_JSON_BYTES_MAX) {
    throw new InputError(`${path}: expected at most ${HUB_JSON_BYTES_MAX} bytes, got ${size}`);
  }
  const text = await readFile(path, "utf8").catch((error: Error) => unreadable(path, error));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: expected JSON, got something else (${(error as Error).message})`);
  }
}

/** The name of its jobs. */
export const hubName = ({ folder }: HubFolder) => basename(resolve(folder)).slice(0, 80) || "model";

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
