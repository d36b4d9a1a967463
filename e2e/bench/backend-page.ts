/** Runs in a page: models on the browser's own back-ends, for backends.ts, which bundles it. */
import * as tf from "@tensorflow/tfjs";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { createTfjsRuntime } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";

const models: LoadedModel[] = [];

/** @returns the number that the other functions know the model by, and its facts */
async function loadInPage(bundle: string, { storesHalves = false, wasm = null, backend = "webgl" }: PageOptions) {
  const assets = Object.fromEntries(Object.entries(wasm ?? {}).map(([name, bytes]) => [name, urlOf(bytes)]));
  const runtime = await createTfjsRuntime(wasm === null ? backend : "wasm", assets);
  // As on devices whose textures hold 16 bits: every weight and activation is stored so.
  if (wasm === null) tf.env().set("WEBGL_RENDER_FLOAT32_ENABLED", !storesHalves);
  const model = await runtime.load(bytesOf(bundle));
  return { place: models.push(model) - 1, facts: model.facts };
}

export interface PageOptions {
  /** webgl unless said otherwise. */
  readonly backend?: "webgl" | "webgpu";
  readonly storesHalves?: boolean;
  /** Instead of that: tfjs's WebAssembly files by name, in base64. */
  readonly wasm?: Readonly<Record<string, string>> | null;
}

/** The same rows again and again. @returns rows a second */
async function paceInPage(place: number, rows: string, rowCount: number, ms: number): Promise<number> {
  const batch = new Float32Array(bytesOf(rows).buffer);
  const startMs = performance.now();
  let count = 0;
  while (performance.now() - startMs < ms) {
    await models[place]!.run(batch, rowCount);
    count += rowCount;
  }
  return (count * 1e3) / (performance.now() - startMs);
}

function urlOf(base64: string): string {
  return URL.createObjectURL(new Blob([bytesOf(base64)], { type: "application/wasm" }));
}

async function runInPage(place: number, rows: string, rowCount: number): Promise<string> {
  const outputs = await models[place]!.run(new Float32Array(bytesOf(rows).buffer), rowCount);
  return textOf(new Uint8Array(outputs.buffer, outputs.byteOffset, outputs.byteLength));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const CHARACTERS_AT_A_TIME = 8_192;

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_A_TIME) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS_AT_A_TIME));
  }
  return btoa(text);
}

Object.assign(globalThis, { loadInPage, paceInPage, runInPage });
