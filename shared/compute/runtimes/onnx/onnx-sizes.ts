/**
 * Sizes of dimensions that an ONNX file leaves free (a sequence's length, a picture's height and width), as whoever submits it says them:
 * a file beside the model, { "sequence_length": 128 }. A job has one shape of row, so that it is known what a row costs.
 */
import { INPUT_SIZE_MAX } from "../../../protocol/limits.ts";
import { asInteger, fail, parseModelJson } from "../../model-json.ts";
import { INPUT_SIZES_FILE, type NamedFile } from "../runtime-description.ts";
import { FREE } from "./onnx-topology.ts";
import type { ValueInfo } from "./read-onnx.ts";

/** By the file's own name of a dimension, or by "input:axis". */
export type InputSizes = ReadonlyMap<string, number>;

export function isSizesFile({ name }: Pick<NamedFile, "name">): boolean {
  return name.split(/[/\\]/).at(-1) === INPUT_SIZES_FILE;
}

/** @throws ModelError where it is no such file */
export function readInputSizes({ bytes }: Pick<NamedFile, "bytes">): InputSizes {
  const entries = Object.entries(parseModelJson(bytes, INPUT_SIZES_FILE));
  return new Map(
    entries.map(([name, value]) => {
      const what = `${INPUT_SIZES_FILE}: '${name.slice(0, 80)}'`;
      const size = asInteger(value, 1, what);
      return [name, size <= INPUT_SIZE_MAX ? size : fail(what, `at most ${INPUT_SIZE_MAX}`, size)];
    }),
  );
}

/** What a free dimension is called where its size is said. */
export function sizeName({ name, dimensionNames }: Pick<ValueInfo, "name" | "dimensionNames">, axis: number): string {
  return dimensionNames[axis] || `${name}:${axis}`;
}

/**
 * Of an input's first dimension, which is the batch's unless its size is said: as "input:0", whatever it is called; or by its name, where
 * all that is said is that a row goes alone.
 * @throws ModelError where the file fixes another size
 */
export function saidFirst({ name, shape, dimensionNames }: ValueInfo, sizes: InputSizes): number | null {
  const length = shape?.[0];
  if (length === undefined) return null;
  const said = sizes.get(`${name}:0`);
  if (said !== undefined) return length === FREE || length === said ? said : fail(`input '${name}'`, `${length}`, said);
  return length === FREE && sizes.get(dimensionNames[0] ?? "") === 1 ? 1 : null;
}

/** The names of what an input leaves free beside its batch, each once. */
export function freeSizes(input: ValueInfo): string[] {
  const names = (input.shape ?? []).flatMap((length, axis) =>
    axis > 0 && length === FREE ? [sizeName(input, axis)] : [],
  );
  return [...new Set(names)];
}

/** The shape with these sizes in it; what they do not say stays free. */
export function sized(input: ValueInfo, shape: readonly number[], sizes: InputSizes): readonly number[] {
  return shape.map((length, axis) =>
    axis > 0 && length === FREE ? (sizes.get(sizeName(input, axis)) ?? FREE) : length,
  );
}
