/**
 * Where model runtimes find the files that they fetch, in a browser: assets of our own origin, which the build names. A runtime
 * that fetches nothing is not named here.
 */
import type { RuntimeAssets } from "../../shared/compute/runtimes/runtime-description.ts";

const ASSETS: Readonly<Record<string, () => Promise<RuntimeAssets>>> = {
  async tfjs() {
    const [{ default: plain }, { default: simd }] = await Promise.all([
      import("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url"),
      import("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url"),
    ]);
    // The library wants three names; the runtime never takes the threaded build.
    return {
      "tfjs-backend-wasm.wasm": plain,
      "tfjs-backend-wasm-simd.wasm": simd,
      "tfjs-backend-wasm-threaded-simd.wasm": simd,
    };
  },
  async onnx() {
    const [{ default: wasm }, { default: gpu }] = await Promise.all([
      import("onnxruntime-web/ort-wasm-simd-threaded.wasm?url"),
      import("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url"),
    ]);
    return { "ort-wasm-simd-threaded.wasm": wasm, "ort-wasm-simd-threaded.asyncify.wasm": gpu };
  },
};

export async function assetsInBrowser(runtimeName: string): Promise<RuntimeAssets> {
  return (await ASSETS[runtimeName]?.()) ?? {};
}

/** The one that nearly all browsers take. */
export const usualAsset = (assets: RuntimeAssets): string | undefined => assets["tfjs-backend-wasm-simd.wasm"];
