/** A model as its files: one .onnx file, or a tfjs model.json and the weight files that it names. Nothing else of the folder is looked at. */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../../shared/inputs/input-error.ts";
import type { ModelFile } from "../../../shared/sdk/paritab-client.ts";

const manifestSchema = z.object({ weightsManifest: z.array(z.object({ paths: z.array(z.string()) })) });

/**
 * @param path of an .onnx file, of a tfjs model's folder, or of its model.json
 * @throws InputError where a file is missing, or model.json names one outside its folder
 */
export async function readModel(path: string): Promise<ModelFile[]> {
  if (/\.onnx$/i.test(path)) return [{ name: basename(path), data: await bytesOf(path) }];
  const isFolder = (await stat(path).catch((error: Error) => unreadable(path, error))).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const jsonFile = isFolder ? join(path, "model.json") : path;
  const json = await bytesOf(jsonFile);
  const manifest = manifestSchema.safeParse(jsonOf(json, jsonFile));
  if (!manifest.success) {
    throw new InputError(`${jsonFile}: expected a tfjs model with a weightsManifest, got other JSON`);
  }
  const names = manifest.data.weightsManifest.flatMap(({ paths }) => paths);
  for (const name of names) {
    if (name.startsWith("/") || /(^|[/\\])\.\.([/\\]|$)|:/.test(name)) {
      throw new InputError(`${jsonFile}: expected weight files inside its folder, got "${name.slice(0, 80)}"`);
    }
  }
  const weights = names.map(async (name) => ({ name, data: await bytesOf(join(folder, name)) }));
  return [{ name: basename("model.json"), data: json }, ...(await Promise.all(weights))];
}

async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(path).catch((error: Error) => unreadable(path, error)));
}

function jsonOf(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new InputError(`${path}: expected JSON, got something else: ${(error as Error).message}`);
  }
}

export function unreadable(path: string, error: Error): never {
  const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
  throw new InputError(isMissing ? `${path}: there is no such file` : `${path}: it cannot be read: ${error.message}`);
}
