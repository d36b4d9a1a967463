/**
 * The WebAssembly that tabs have; beside it kernels that are plain JavaScript, which sum in another order and without fused multiply-adds. Their
 * convolutions are computed faster, to the same last bit.
 */
import type { StartTrusted } from "../start-trusted.ts";
import { quickenConvolutions } from "./quick-convolutions.ts";
import { start } from "./start-tfjs.ts";
import { createTfjsRuntime } from "./tfjs-runtime.ts";

export const trusted: StartTrusted = {
  first: (assets) => start("wasm", assets),
  async second() {
    const runtime = await createTfjsRuntime("cpu");
    await quickenConvolutions();
    return runtime;
  },
  tabs: (assets) => start("wasm", assets),
};
