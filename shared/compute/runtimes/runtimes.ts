/** The model runtimes. To add one: a folder with its description, and a line here. */
import { ModelError } from "../errors.ts";
import { onnx } from "./onnx/onnx.ts";
import type { RuntimeDescription } from "./runtime-description.ts";
import { tfjs } from "./tfjs/tfjs.ts";

export const RUNTIMES: readonly RuntimeDescription[] = [tfjs, onnx];

/** What computes in tabs and here, of one build. */
export const LIBRARIES: readonly string[] = RUNTIMES.map(({ library }) => library);

/** @throws ModelError where no runtime reads it */
export function runtimeOfFormat(format: string): RuntimeDescription {
  const found = RUNTIMES.find(({ formats }) => formats.includes(format));
  if (found !== undefined) return found;
  const all = RUNTIMES.flatMap(({ formats }) => formats).join(", ");
  throw new ModelError(`model bundle: format: expected one of ${all}, got "${format.slice(0, 80)}"`);
}
