/** The model runtimes. To add one: a folder with its description, and a line here. */
import { fail } from "../model-json.ts";
import { onnx } from "./onnx/onnx.ts";
import type { RuntimeDescription } from "./runtime-description.ts";
import { tfjs } from "./tfjs/tfjs.ts";

export const RUNTIMES: readonly RuntimeDescription[] = [tfjs, onnx];

/** @throws ModelError where no runtime reads it */
export function runtimeOfFormat(format: string): RuntimeDescription {
  const formats = () => RUNTIMES.flatMap((runtime) => runtime.formats).join(", ");
  return (
    RUNTIMES.find((runtime) => runtime.formats.includes(format)) ??
    fail("model bundle: format", `one of ${formats()}`, format)
  );
}
