/** TensorFlow.js models, Layers and Graph, on TensorFlow.js. */
import { MODEL_JSON_BYTES_MAX, TRUSTED_PROCESS_BYTES_MAX } from "../../../protocol/limits.ts";
import { loadedOnce, type RuntimeDescription } from "../runtime-description.ts";

export const tfjs: RuntimeDescription = {
  name: "tfjs",
  library: "@tensorflow/tfjs-backend-wasm 4.22.0, one thread",
  formats: ["layers-model", "graph-model"],
  files: {
    model: "a TensorFlow.js model (model.json and its weight files)",
    main: "a file named model.json",
    mainName: "model.json",
    mainExtension: ".json",
    mainBytesMax: MODEL_JSON_BYTES_MAX,
    takesOthers: true,
  },
  backends: ["webgl", "wasm", "cpu"],
  perModel: ["wasm", "webgl", "webgpu"],
  memorySlack: 1.25,
  // As they came, unpacked, decoded, in the heap of the back-end, and packed for its kernels.
  weightCopies: 5,
  processBytesMax: TRUSTED_PROCESS_BYTES_MAX,
  // JavaScript.
  secondSlowness: 8,
  loadFormat: loadedOnce(async () => (await import("./tfjs-format.ts")).tfjsFormat),
};
