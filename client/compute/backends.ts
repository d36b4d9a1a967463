/** The back-ends of this browser: tfjs with its .wasm files as assets of our own origin. */
import wasmUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import { createTfjsRuntime, releaseTfjsBackend } from "../../shared/compute/tfjs-runtime.ts";
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
