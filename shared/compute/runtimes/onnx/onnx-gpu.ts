/** ONNX bundles on graphics cards: the library's native WebGPU provider, in browsers alone. A file of its own, for it is another 27 MB of WebAssembly. */
import * as ort from "onnxruntime-web/webgpu";
import type { ModelRuntime } from "../../model-runtime.ts";
import type { RuntimeAssets } from "../runtime-description.ts";
import { onnxRuntimeOn } from "./onnx-runtime.ts";

/** The file that the library fetches. */
const ONNX_GPU_WASM_FILE = "ort-wasm-simd-threaded.asyncify.wasm";

/** @throws Error where the browser gives no adapter */
export async function createOnnxGpuRuntime({ [ONNX_GPU_WASM_FILE]: wasmUrl }: RuntimeAssets): Promise<ModelRuntime> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  if (wasmUrl !== undefined) ort.env.wasm.wasmPaths = { wasm: wasmUrl };
  return onnxRuntimeOn({ library: ort, backend: "webgpu", options: { executionProviders: ["webgpu"] } });
}
