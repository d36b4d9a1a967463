/** The field kernels on a graphics card, through WebGPU. Browsers alone; in a worker too. */
import type { FieldKernels } from "./field-kernels.ts";
import { createGpuKernels } from "./gpu-kernels.ts";
import { openWebgpuDevice } from "./webgpu-device.ts";

/** @throws FieldError where there is no WebGPU */
export async function createWebgpuKernels(): Promise<FieldKernels> {
  return createGpuKernels(await openWebgpuDevice());
}
