/** Sizes that a model's file leaves open, as they are typed: what is wrong with them, and the file that says them. Pure. */
import { INPUT_SIZES_FILE } from "../../../../../shared/compute/runtimes/runtime-description.ts";
import { INPUT_SIZE_MAX } from "../../../../../shared/protocol/limits.ts";
import { sizesTexts as texts } from "./inputs-texts.ts";

/** By the names of the sizes, as typed. */
export type TypedSizes = Readonly<Record<string, string>>;

/** A model may call a size as every object has something called. */
export function typedFor(name: string, sizes: TypedSizes): string {
  return Object.hasOwn(sizes, name) ? sizes[name]! : "";
}

/** @returns null: nothing is wrong */
export function typedSizeProblem(name: string, sizes: TypedSizes): string | null {
  const text = typedFor(name, sizes).trim();
  const size = /^\d+$/.test(text) ? Number(text) : 0;
  return size >= 1 && size <= INPUT_SIZE_MAX ? null : texts.problem(name);
}

/**
 * @param names of the sizes that are open
 * @param said in a file of the submitter's own
 * @returns what stands beside the model; null: there is nothing to say, or not all is said
 */
export function sizesText(names: readonly string[], sizes: TypedSizes, said: object): string | null {
  if (names.length === 0 || names.some((name) => typedSizeProblem(name, sizes) !== null)) return null;
  return JSON.stringify({ ...said, ...Object.fromEntries(names.map((name) => [name, Number(typedFor(name, sizes))])) });
}

/** The same files with that one, in place of one of its name. */
export function withSizesFile(files: readonly File[], text: string | null): readonly File[] {
  if (text === null || files.length === 0) return files;
  return [...files.filter(({ name }) => name !== INPUT_SIZES_FILE), new File([text], INPUT_SIZES_FILE)];
}
