/** TensorFlow.js, for whoever imports "#tfjs" in a page (package.json); in Node that is server/numerics/tfjs-in-node.ts. */
export * from "@tensorflow/tfjs";
export { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
