/** A thread that runs a model on this computer for a while, as a tab would: one core of WebAssembly. */
import type { LoadedModel } from "../../../shared/compute/model-runtime.ts";
import { startRuntimes } from "../../../shared/compute/runtimes/start-runtimes.ts";
import { assetsInNode } from "../../numerics/runtime-assets.ts";

/** Its model comes once, before all runs. */
export type HomeWork = { readonly bundle: Uint8Array } | { readonly ms: number; readonly rowsAtOnce: number };

/** @returns milliseconds a row of each run, in the order in which they ran; nothing of a model that is loaded */
export default async function homeWork(work: HomeWork): Promise<number[]> {
  if ("bundle" in work) {
    model = await startRuntimes("wasm", assetsInNode).load(work.bundle);
    return [];
  }
  return rowTimes(model!, work.ms, work.rowsAtOnce);
}

let model: LoadedModel | null = null;

/** Rows of zeros: what a row holds changes nothing of the time that it takes. */
async function rowTimes(loaded: LoadedModel, ms: number, rowsAtOnce: number): Promise<number[]> {
  const rows = new Float32Array(rowsAtOnce * loaded.facts.inputSize);
  const times: number[] = [];
  const endMs = performance.now() + ms;
  do {
    const startMs = performance.now();
    await loaded.run(rows, rowsAtOnce);
    times.push((performance.now() - startMs) / rowsAtOnce);
  } while (performance.now() < endMs);
  return times;
}
