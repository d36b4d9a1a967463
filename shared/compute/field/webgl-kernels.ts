/** The field kernels on a graphics card, through WebGL2. Browsers alone; in a worker too, by OffscreenCanvas. */
import { FieldError } from "../../field/field-error.ts";
import type { FieldKernels } from "./field-kernels.ts";
import { createGpuKernels } from "./gpu-kernels.ts";
import { WebglDevice } from "./webgl-device.ts";

/** @throws FieldError where there is no WebGL2 */
export function createWebglKernels(): FieldKernels {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2", { antialias: false, depth: false });
  if (gl === null) throw new FieldError("webgl: expected a WebGL2 context, got none");
  return createGpuKernels(new WebglDevice(gl));
}
