/**
 * Beside the WebAssembly: the library's native build, which an operator may install (npm package onnxruntime-node); without it the
 * WebAssembly again with its graph optimisation off, so that nothing is fused, folded or laid out anew.
 */
import type { StartRuntime } from "../runtime-description.ts";
import { createOnnxRuntime, type OnnxLibrary, onnxRuntimeOn } from "./onnx-runtime.ts";

/** A name that no bundler follows: it need not be there. */
const NATIVE_PACKAGE: string = "onnxruntime-node";

export const start: StartRuntime = async (_backend, assets) => {
  const native = await nativeLibrary();
  if (native !== null)
    return onnxRuntimeOn({ library: native, backend: "cpu", options: { executionProviders: ["cpu"] } });
  return createOnnxRuntime(assets, { graphOptimizationLevel: "disabled" });
};

async function nativeLibrary(): Promise<OnnxLibrary | null> {
  try {
    return await import(/* @vite-ignore */ NATIVE_PACKAGE);
  } catch {
    return null;
  }
}
