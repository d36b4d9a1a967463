/** The back-ends that tabs compute on, as they really round: tfjs wasm and cpu in this process, webgl and webgpu in Chromium. */
import type { Browser, Page } from "playwright";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import type { LoadedModel, ModelFacts } from "../../shared/compute/model-runtime.ts";
import { createTfjsRuntime } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import { launchChromium } from "../crowd/browser/browser.ts";
import type { PageOptions } from "./backend-page.ts";
import { bundleForPage } from "./page-bundle.ts";

export interface Backend {
  readonly name: "wasm" | "cpu" | "webgl" | "webgl, 16 bits" | "webgpu";
  load(bundle: Uint8Array): Promise<LoadedModel>;
}

export interface Backends {
  readonly all: readonly Backend[];
  close(): Promise<void>;
}

export interface BackendWishes {
  /** false: only those that need none */
  readonly withBrowser: boolean;
  /** With a browser: also those that a tab computes single models on, webgpu. */
  readonly withPerModel?: boolean;
}

export async function openBackends({ withBrowser, withPerModel = false }: BackendWishes): Promise<Backends> {
  const wasm = await createTfjsRuntime("wasm", tfjsWasmFiles());
  const cpu = await createTfjsRuntime("cpu");
  const inProcess: Backend[] = [
    { name: "wasm", load: (bundle) => wasm.load(bundle) },
    { name: "cpu", load: (bundle) => cpu.load(bundle) },
  ];
  if (!withBrowser) return { all: inProcess, close: async () => {} };
  const browser = await launchChromium(3);
  const [script, page, halves, gpu] = [
    await bundleForPage("backend-page.ts"),
    await browser.newPage(),
    await browser.newPage(),
    await browser.newPage(),
  ];
  // Blank pages have no WebGPU, pages of this machine do.
  await gpu.route("http://localhost/", (route) => route.fulfill({ contentType: "text/html", body: "" }));
  await gpu.goto("http://localhost/");
  // A page each: what its textures hold is settled once for all of its models.
  for (const each of [page, halves, gpu]) await each.addScriptTag({ content: script });
  const perModel: Backend[] = [{ name: "webgpu", load: (bundle) => loadIn(gpu, bundle, { backend: "webgpu" }) }];
  return {
    all: [
      ...inProcess,
      { name: "webgl", load: (bundle) => loadIn(page, bundle, {}) },
      { name: "webgl, 16 bits", load: (bundle) => loadIn(halves, bundle, { storesHalves: true }) },
      ...(withPerModel ? perModel : []),
    ],
    close: () => (browser as Browser).close(),
  };
}

/** @returns the number that the page knows the model by. Calls are text: a function would carry names of its compiler's. */
export async function loadInPageOf(page: Page, bundle: Uint8Array, options: PageOptions) {
  const call = `loadInPage("${base64Of(bundle)}", ${JSON.stringify(options)})`;
  return (await page.evaluate(call)) as { place: number; facts: ModelFacts };
}

export function base64Of({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

async function loadIn(page: Page, bundle: Uint8Array, options: PageOptions): Promise<LoadedModel> {
  const { place, facts } = await loadInPageOf(page, bundle, options);
  const run = async (rows: Float32Array, rowCount: number): Promise<Float32Array> => {
    const text = (await page.evaluate(`runInPage(${place}, "${base64Of(rows)}", ${rowCount})`)) as string;
    return new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
  };
  return {
    facts,
    run,
    runProfiled: async (rows, rowCount) => ({ outputs: await run(rows, rowCount), kernels: [] }),
    dispose() {},
  };
}
