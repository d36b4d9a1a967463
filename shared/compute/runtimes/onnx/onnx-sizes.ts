/** Sizes of dimensions that an ONNX file leaves free: what they are called, and the shapes that they make. */
import { fail } from "../../model-json.ts";
import type { InputSizes } from "../input-sizes.ts";
import { FREE } from "./onnx-topology.ts";
import type { ValueInfo } from "./read-onnx.ts";

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
