/** A model as people have it: files, of which one tells the runtime that reads them. */
import type { ByteSpace } from "./byte-space.ts";
import { ModelError } from "./errors.ts";
import type { ModelFileRules, RuntimeDescription, SourceFile } from "./runtimes/runtime-description.ts";
import { RUNTIMES } from "./runtimes/runtimes.ts";

export interface MainFile {
  readonly runtime: RuntimeDescription;
  /** Its place among the names. */
  readonly place: number;
}

/** @returns which file is the main one of which runtime, or what was expected, in words */
export function mainFileAmong(names: readonly string[]): MainFile | { readonly expected: string } {
  const found = RUNTIMES.map((runtime) => ({ runtime, places: placesOfMain(runtime, names) }));
  const [first, ...more] = found.flatMap(({ runtime, places }) =>
    places.length === 0 ? [] : [{ runtime, place: places[0]!, isOne: places.length === 1 }],
  );
  if (first === undefined) return { expected: anyMainFile() };
  const alone = [first, ...more].find(({ runtime }) => !runtime.files.takesOthers);
  if (alone !== undefined && names.length > 1) return { expected: `${alone.runtime.files.main} alone` };
  return more.length === 0 && first.isOne ? first : { expected: "the files of one model" };
}

/** Of a model whose main file may have any name there must be one. */
function placesOfMain({ files }: RuntimeDescription, names: readonly string[]): number[] {
  const places = names.flatMap((name, place) => (isMain(files, name) ? [place] : []));
  return files.mainName === null ? places : places.slice(0, 1);
}

/** @returns the bundle, of which nothing is joined yet @throws ModelError where these are the files of no model */
export async function packModelFiles(files: readonly SourceFile[]): Promise<ByteSpace> {
  const found = mainFileAmong(files.map(({ name }) => name));
  if ("expected" in found) {
    throw new ModelError(`model files: expected ${found.expected}, got ${listOf(files)}`);
  }
  const format = await found.runtime.loadFormat();
  const main = files[found.place]!;
  return format.pack(
    main,
    files.filter((file) => file !== main),
  );
}

/** The main files of all runtimes, in words: "a file named model.json, or one .onnx file" */
export function anyMainFile(): string {
  return RUNTIMES.map(({ files }) => files.main).join(", or ");
}

/** What all runtimes ask for, in words. */
export function anyModel(): string {
  return RUNTIMES.map(({ files }) => files.model).join(", or ");
}

/** @param name a file's name, folders and all */
export function isMain({ mainName, mainExtension }: ModelFileRules, name: string): boolean {
  if (mainName === null) return name.toLowerCase().endsWith(mainExtension);
  return name === mainName || name.endsWith(`/${mainName}`);
}

/** Does some runtime read a model from a file of that name? @param name folders and all */
export function isMainOfAny(name: string): boolean {
  return RUNTIMES.some(({ files }) => isMain(files, name));
}

export function listOf(files: readonly { readonly name: string }[]): string {
  return (files.map(({ name }) => name).join(", ") || "no file").slice(0, 200);
}
