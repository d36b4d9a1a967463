/** One runtime out of two: each model goes to the library that its format is for. */
import { formatOfBundle } from "./model-bundle.ts";
import type { ModelRuntime } from "./model-runtime.ts";

/**
 * @param tfjs for Layers and Graph models; it names the back-end
 * @param onnx is asked for once, when the first ONNX model comes: its library is large
 */
export function runtimeByFormat(tfjs: ModelRuntime, onnx: () => Promise<ModelRuntime>): ModelRuntime {
  let started: Promise<ModelRuntime> | null = null;
  return {
    backend: tfjs.backend,
    async load(bundle) {
      if (formatOfBundle(bundle) !== "onnx") return tfjs.load(bundle);
      started ??= onnx();
      // A download that failed may go well the next time.
      started.catch(() => {
        started = null;
      });
      return (await started).load(bundle);
    },
  };
}
