/** ONNX files on onnxruntime-web: on WebAssembly, one core; in tabs on WebGPU where a model is right and faster there. */
import { MODEL_BYTES_MAX, TRUSTED_PROCESS_LARGE_BYTES_MAX } from "../../../protocol/limits.ts";
import { loadedOnce, type RuntimeDescription } from "../runtime-description.ts";

export const onnx: RuntimeDescription = {
  name: "onnx",
  library: "onnxruntime-web 1.30.0, one thread",
  formats: ["onnx"],
  files: {
    model: "an .onnx file",
    main: "one .onnx file",
    mainName: null,
    mainExtension: ".onnx",
    mainBytesMax: MODEL_BYTES_MAX,
    takesOthers: true,
  },
  backends: ["wasm"],
  perModel: ["webgpu"],
  memorySlack: 2,
  // As they came, and beside the file in the heap of the library, which packs some for its kernels. Measured at 256, 512 and 992 MiB: 2.6.
  weightCopies: 3,
  processBytesMax: TRUSTED_PROCESS_LARGE_BYTES_MAX,
  // The same library with nothing fused. Measured on the symbols: 1.3 times.
  secondSlowness: 2,
  loadFormat: loadedOnce(async () => (await import("./onnx-format.ts")).onnxFormat),
  hub: {
    places: ["model.onnx", "onnx/model.onnx"],
    export: "`optimum-cli export onnx --model FOLDER OUT` makes an .onnx file of a PyTorch one",
    loadEditor: loadedOnce(async () => {
      const [{ onnxEditor }, { withPooling }] = await Promise.all([import("./edit-onnx.ts"), import("./pool-onnx.ts")]);
      return { ...onnxEditor, withPooling };
    }),
  },
};
