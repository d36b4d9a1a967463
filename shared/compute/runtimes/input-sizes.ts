/**
 * Sizes of dimensions that a model's files leave free (a sequence's length, a picture's height and width), as whoever submits it says them:
 * a file beside the model, { "sequence_length": 128 }. A job has one shape of row, so that it is known what a row costs.
 */
import { INPUT_SIZE_MAX } from "../../protocol/limits.ts";
import { ModelError } from "../errors.ts";
import { asInteger, fail, parseModelJson, sentenceWith } from "../model-json.ts";
import { INPUT_SIZES_FILE, type SourceFile } from "./runtime-description.ts";

/** By the file's own name of a dimension, or by "input:axis". */
export type InputSizes = ReadonlyMap<string, number>;

/** @throws ModelError where it is no such file */
export function readInputSizes({ bytes }: Pick<SourceFile, "bytes">): InputSizes {
  const entries = Object.entries(parseModelJson(bytes, INPUT_SIZES_FILE));
  return new Map(
    entries.map(([name, value]) => {
      const what = `${INPUT_SIZES_FILE}: '${name.slice(0, 80)}'`;
      const size = asInteger(value, 1, what);
      return [name, size <= INPUT_SIZE_MAX ? size : fail(what, `at most ${INPUT_SIZE_MAX}`, size)];
    }),
  );
}

/**
 * @param input as people are told of it
 * @param names of the dimensions whose size nobody said
 * @param got the shape that it has
 * @param hint behind the flags
 * @throws ModelError that says how sizes are said
 */
export function failUnsized(input: string, names: readonly string[], got: string, hint = ""): never {
  const flags = names.map((one) => `--size ${one}=N`).join(" ");
  const file = `{${names.map((one) => `"${one}": N`).join(", ")}}`;
  const toDo = `submit it with ${flags}${hint}; over HTTP and on the dashboard with a file input-sizes.json beside it: ${file}`;
  throw new ModelError(
    sentenceWith(input, `a size for ${names.map((one) => `'${one}'`).join(", ")}`, got, toDo),
    names,
  );
}
