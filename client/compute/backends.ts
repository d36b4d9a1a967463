/** The back-ends of this browser: their .wasm files are assets of our own origin. */
import wasmUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import type { ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { createTfjsRuntime, releaseTfjsBackend } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import type { CalibrationTools } from "./calibrate.ts";

const wasmPath = {
  "tfjs-backend-wasm.wasm": wasmUrl,
  "tfjs-backend-wasm-simd.wasm": wasmSimdUrl,
  // The library wants three names; the runtime never takes the threaded build.
  "tfjs-backend-wasm-threaded-simd.wasm": wasmSimdUrl,
};

export const tfjsTools: CalibrationTools = {
  createRuntime: (backend) => createTfjsRuntime(backend, { wasmPath }),
  release: releaseTfjsBackend,
  nowMs: () => performance.now(),
};

/** The library for ONNX models, 14 MB that are fetched when the first such model comes. */
export async function startOnnx(): Promise<ModelRuntime> {
  const [{ createOnnxRuntime }, { default: wasmUrl }] = await Promise.all([
    import("../../shared/compute/runtimes/onnx/onnx-runtime.ts"),
    import("onnxruntime-web/ort-wasm-simd-threaded.wasm?url"),
  ]);
  return createOnnxRuntime({ wasmUrl });
}
