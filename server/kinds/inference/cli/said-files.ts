/** What flags say of a model, as files that go along with it: sizes that it leaves free, inputs that are the same for every row, where it is to end. */
import {
  INPUT_SIZES_FILE,
  INPUT_VALUES_FILE,
  MODEL_OUTPUTS_FILE,
} from "../../../../shared/compute/runtimes/runtime-description.ts";
import type { ModelFile } from "../../../../shared/sdk/run-inference.ts";
import { UsageError } from "../../../cli/exit-codes.ts";

/**
 * @param sizes like "sequence_length=128"
 * @param values like "sr=16000"
 * @param outputs names of values within the model
 * @returns no file where nothing is said
 * @throws UsageError
 */
export function saidFiles(
  sizes: readonly string[],
  values: readonly string[],
  outputs: readonly string[],
): ModelFile[] {
  const isSize = (size: number) => Number.isSafeInteger(size) && size >= 1;
  return [
    ...fileOf(INPUT_SIZES_FILE, sizes, isSize, "--size: expected a dimension and its size, like sequence_length=128"),
    ...fileOf(INPUT_VALUES_FILE, values, Number.isFinite, "--value: expected an input and its number, like sr=16000"),
    ...(outputs.length === 0 ? [] : [jsonFile(MODEL_OUTPUTS_FILE, { outputs })]),
  ];
}

function fileOf(
  name: string,
  texts: readonly string[],
  isTaken: (value: number) => boolean,
  expected: string,
): ModelFile[] {
  if (texts.length === 0) return [];
  const entries = texts.map((text) => {
    const at = text.lastIndexOf("=");
    const said = text.slice(at + 1);
    if (at < 1 || said.trim() === "" || !isTaken(Number(said))) throw new UsageError(`${expected}, got "${text}"`);
    return [text.slice(0, at), Number(said)] as const;
  });
  return [jsonFile(name, Object.fromEntries(entries))];
}

function jsonFile(name: string, value: object): ModelFile {
  return { name, data: new TextEncoder().encode(JSON.stringify(value)) };
}
