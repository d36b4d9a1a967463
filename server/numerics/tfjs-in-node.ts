/**
 * TensorFlow.js, for whoever imports "#tfjs" in Node (package.json). Its files are CommonJS, several megabytes of it. Imported as modules they are
 * first gone through for what they export, which takes as long as all the rest of the start of a process that runs models.
 */
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);
const tf: typeof import("@tensorflow/tfjs") = load("@tensorflow/tfjs");
const wasm: typeof import("@tensorflow/tfjs-backend-wasm") = load("@tensorflow/tfjs-backend-wasm");

export const {
  backend,
  concat,
  enableProdMode,
  engine,
  env,
  GraphModel,
  getBackend,
  getKernel,
  LayersModel,
  loadGraphModel,
  loadLayersModel,
  profile,
  registerKernel,
  removeBackend,
  setBackend,
  split,
  Tensor,
  tensor,
  tidy,
  unregisterKernel,
} = tf;
export const backend_util: typeof import("@tensorflow/tfjs").backend_util = tf.backend_util;
export const io: typeof import("@tensorflow/tfjs").io = tf.io;
export const { setWasmPaths } = wasm;
