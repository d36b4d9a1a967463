/** `.npz` archives whose model nobody has seen yet: rows of numbers, or an array for each input of the model under the inputs' names. */
import { readFile } from "node:fs/promises";
import { arraysByInput, type NamedInput, npyShape } from "../../../shared/inputs/inputs-by-name.ts";
import { arrayNames, arrayOfNpz, onlyName, requireNamed } from "../../../shared/inputs/npz.ts";
import { Problems } from "../../../shared/inputs/problems.ts";
import { requireFitNpy } from "./fit-npy.ts";
import { unreadable } from "./model-folder.ts";
import { npyRows, type Rows } from "./read-rows.ts";

/** Every array of an archive, unpacked. */
export interface ArchiveArrays {
  /** Of the archive. */
  readonly path: string;
  readonly byName: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** FILE.npz:NAME is one array of it, and no archive. */
export const isArchive = (path: string): boolean => path.toLowerCase().endsWith(".npz");

/** @throws InputError with each array that cannot be read */
export async function readArchive(path: string): Promise<ArchiveArrays> {
  const archive = new Uint8Array(await readFile(path).catch((error: Error) => unreadable(path, error)));
  const byName = new Map<string, Uint8Array<ArrayBuffer>>();
  const problems = new Problems();
  for (const name of arrayNames(archive, path)) {
    await problems.attempt(() => {
      const bytes = arrayOfNpz(archive, name, path);
      npyShape(bytes, inWords(path, name));
      byName.set(name, bytes);
    });
  }
  problems.throwIfAny();
  return { path, byName };
}

/** @throws InputError with each that is missing or does not fit */
export async function inputsIn(
  { path, byName }: ArchiveArrays,
  inputs: readonly NamedInput[],
): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const arrays = await arraysByInput(inputs, (name) => ({ bytes: arrayNamed(name), what: inWords(path, name) }));
  const problems = new Problems();
  for (const { name } of inputs) await problems.attempt(() => requireFitNpy(arrayNamed(name), inWords(path, name)));
  problems.throwIfAny();
  return arrays;

  function arrayNamed(name: string): Uint8Array<ArrayBuffer> {
    requireNamed(name, [...byName.keys()], path);
    return byName.get(name)!;
  }
}

/** @throws InputError that says which arrays there are to choose from, where there are several */
export async function rowsIn({ path, byName }: ArchiveArrays): Promise<Rows> {
  return npyRows(byName.get(onlyName([...byName.keys()], path))!, path);
}

const inWords = (path: string, name: string) => `${path}: "${name}"`;
