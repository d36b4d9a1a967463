/** What the tabs of a crowd fetch and how long models take to load in them, as the browser tells. */
import type { Page } from "playwright";
import { MODEL_LOAD } from "../../../shared/compute/compute-thread-api.ts";
import type { Crowd } from "../../crowd/browser/open-crowd.ts";

export interface Traffic {
  /** Fetches of pieces of the model, and what they brought. */
  readonly modelFetches: number;
  readonly modelBytes: number;
  /** The library for ONNX models, its scripts and WebAssembly. */
  readonly libraryBytes: number;
  /** Batches and answers: what went over HTTP besides, and over the socket. */
  readonly workBytes: number;
}

/** @returns what has come since it was last asked */
export async function watchTraffic(crowd: Crowd): Promise<(modelSha256: string) => Promise<Traffic>> {
  let fetched: { url: string; bytes: number }[] = [];
  let workBytes = await trafficBytesOf(crowd);
  crowd.tabs[0]!.page.context().on("requestfinished", (request) => {
    const entry = { url: request.url(), bytes: 0 };
    fetched.push(entry);
    request.sizes().then(
      ({ responseBodySize, requestBodySize }) => {
        // Of what lay in the cache the browser tells a size below 0: nothing, less the headers.
        entry.bytes = Math.max(0, responseBodySize) + requestBodySize;
      },
      () => undefined, // its page is gone
    );
  });
  return async (modelSha256) => {
    const seen = fetched;
    fetched = [];
    const latest = await trafficBytesOf(crowd);
    const library = /\/(ort-wasm|start-onnx|onnx-)[^/]*$/;
    const bytesOf = (entries: typeof seen) => entries.reduce((sum, { bytes }) => sum + bytes, 0);
    const ofModel = seen.filter(({ url }) => new URL(url).pathname.startsWith(`/blobs/${modelSha256}/`));
    const modelBytes = bytesOf(ofModel);
    const traffic = {
      modelFetches: ofModel.length,
      modelBytes,
      libraryBytes: bytesOf(seen.filter(({ url }) => library.test(new URL(url).pathname))),
      workBytes: Math.max(0, latest - workBytes - modelBytes),
    };
    workBytes = latest;
    return traffic;
  };
}

async function trafficBytesOf(crowd: Crowd): Promise<number> {
  const statuses = await crowd.status();
  return statuses.reduce((sum, status) => sum + (status?.trafficBytes ?? 0), 0);
}

/** Of each model that the tabs' compute threads have loaded since they were last asked; the probe's model is one of them. */
export async function modelLoadsMs(crowd: Crowd): Promise<number[]> {
  const each = await Promise.all(crowd.tabs.map(({ page }) => loadsIn(page)));
  return each.flat();
}

async function loadsIn(page: Page): Promise<number[]> {
  const script =
    `(() => { const all = performance.getEntriesByName(${JSON.stringify(MODEL_LOAD)}).map(({ duration }) => duration);` +
    ` performance.clearMeasures(${JSON.stringify(MODEL_LOAD)}); return all; })()`;
  const loads = await Promise.all(page.workers().map((worker) => worker.evaluate(script).catch(() => [])));
  return (loads as number[][]).flat();
}
