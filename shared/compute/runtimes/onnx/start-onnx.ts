import type { StartRuntime } from "../runtime-description.ts";
import { createOnnxRuntime } from "./onnx-runtime.ts";

export const start: StartRuntime = async (backend, assets) => {
  if (backend !== "webgpu") return createOnnxRuntime(assets);
  return (await import("./onnx-gpu.ts")).createOnnxGpuRuntime(assets);
};
