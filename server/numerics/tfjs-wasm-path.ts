import { createRequire } from "node:module";
import { dirname, sep } from "node:path";

/** Folder, with its trailing separator, where tfjs finds its .wasm files in Node: the `wasmPath` of createTfjsRuntime. */
export function wasmPathForNode(): string {
  const require = createRequire(import.meta.url);
  return dirname(require.resolve("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm")) + sep;
}
