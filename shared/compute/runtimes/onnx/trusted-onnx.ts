/**
 * The library's native build, which an operator may install beside the WebAssembly: it computes a row in a fifth of the processor time. The
 * second implementation is what tabs have then, so that a trial sees by how much the two differ. Without it, or with a model that is not
 * for it, the first is what tabs have, and the second that with its graph optimisation off, so that nothing is fused, folded or laid out
 * anew.
 */
import { unpackModel } from "../../model-bundle.ts";
import type { ModelRuntime } from "../../model-runtime.ts";
import type { StartTrusted } from "../start-trusted.ts";
import { nativeOnnx } from "./native-onnx.ts";
import { createOnnxRuntime, type OnnxLibrary, onnxRuntimeOn } from "./onnx-runtime.ts";
import { readOnnxTopology } from "./onnx-topology.ts";

/** Some processors' native kernels for bytes let sums saturate, which WebAssembly's do not: honest tabs would differ by more than rounding. */
const IN_BYTES = /Quantize|Integer|^Q(Linear|Gemm|Attention)/;

export const trusted: StartTrusted = trustedOnnx(async () => (await nativeOnnx()).library);

/** @param findNative the library's native build; null: it is not there */
export function trustedOnnx(findNative: () => Promise<OnnxLibrary | null>): StartTrusted {
  return {
    async first(assets) {
      const native = await nativeRuntime(findNative);
      const wasm = createOnnxRuntime(assets);
      if (native === null) return wasm;
      return {
        ...native,
        async load(bundle, options) {
          if (!isInFloats(bundle)) return wasm.load(bundle, options);
          // What neither takes is refused in the words of the WebAssembly.
          return native.load(bundle, options).catch(() => wasm.load(bundle, options));
        },
      };
    },
    async second(assets) {
      const native = await nativeRuntime(findNative);
      const plain = createOnnxRuntime(assets, { graphOptimizationLevel: "disabled" });
      if (native === null) return plain;
      const wasm = createOnnxRuntime(assets);
      return {
        ...wasm,
        async load(bundle, options) {
          const isFirstNative = isInFloats(bundle) && (await takes(native, bundle));
          return (isFirstNative ? wasm : plain).load(bundle, options);
        },
      };
    },
    tabs: async (assets) => createOnnxRuntime(assets),
  };
}

function isInFloats(bundle: Uint8Array): boolean {
  return !readOnnxTopology(unpackModel(bundle).modelTopology).nodes.some(({ op }) => IN_BYTES.test(op));
}

async function takes(runtime: ModelRuntime, bundle: Uint8Array): Promise<boolean> {
  try {
    (await runtime.load(bundle, { triesRow: false })).dispose();
    return true;
  } catch {
    return false;
  }
}

/** @returns null: the library's native build is not there */
export async function nativeRuntime(findNative: () => Promise<OnnxLibrary | null>): Promise<ModelRuntime | null> {
  const library = await findNative();
  // One thread: pieces of several models share the processor already, and further threads would spin while they wait for each other.
  const options = { executionProviders: ["cpu"], intraOpNumThreads: 1, interOpNumThreads: 1 };
  return library && onnxRuntimeOn({ library, backend: "cpu", options, takesWeightsApart: true });
}
