/** Where model runtimes find the files that they fetch, in Node. A runtime that is not named here looks beside its own script. */
import { createRequire } from "node:module";
import type { RuntimeAssets } from "../../shared/compute/runtimes/runtime-description.ts";

const TFJS_WASM_FILES = [
  "tfjs-backend-wasm.wasm",
  "tfjs-backend-wasm-simd.wasm",
  "tfjs-backend-wasm-threaded-simd.wasm",
];

/** Paths of the .wasm files of tfjs, by their names. */
export function tfjsWasmFiles(): RuntimeAssets {
  const { resolve } = createRequire(import.meta.url);
  return Object.fromEntries(
    TFJS_WASM_FILES.map((name) => [name, resolve(`@tensorflow/tfjs-backend-wasm/dist/${name}`)]),
  );
}

export async function assetsInNode(runtimeName: string): Promise<RuntimeAssets> {
  return runtimeName === "tfjs" ? tfjsWasmFiles() : {};
}
