/** Beside the WebAssembly: kernels that are plain JavaScript, which sum in another order and without fused multiply-adds. */
import type { StartRuntime } from "../runtime-description.ts";
import { createTfjsRuntime } from "./tfjs-runtime.ts";

export const start: StartRuntime = () => createTfjsRuntime("cpu");
