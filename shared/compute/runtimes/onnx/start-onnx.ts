import type { StartRuntime } from "../runtime-description.ts";
import { createOnnxRuntime } from "./onnx-runtime.ts";

export const start: StartRuntime = async (_backend, assets) => createOnnxRuntime(assets);
