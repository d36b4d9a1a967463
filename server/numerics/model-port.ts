/** A task on a thread hands rows of its model through a port to the main thread, which has them computed where models run. */
import type { MessagePort } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { inspectModel } from "../../shared/compute/inspect-model.ts";
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import type { TrustedModelRows } from "./numerics-references.ts";

export type RunRows = TrustedModelRows["run"];

/** Of models that tasks of this thread asked for, by hash, the least recently used first. */
const factsKnown = new Map<string, Promise<ModelFacts>>();
const FACTS_KNOWN_MAX = 64;

/** In the main thread: answers what a task asks. */
export function serveRows(port: MessagePort, run: RunRows): void {
  Comlink.expose(run, nodeEndpoint(port));
}

/** In the thread of a task. */
export async function modelBehind(port: MessagePort, sha256: string, bundle: Uint8Array): Promise<TrustedModelRows> {
  const facts = factsKnown.get(sha256) ?? inspectModel(bundle);
  factsKnown.delete(sha256);
  factsKnown.set(sha256, facts);
  if (factsKnown.size > FACTS_KNOWN_MAX) factsKnown.delete(factsKnown.keys().next().value!);
  const run = Comlink.wrap<RunRows>(nodeEndpoint(port));
  return { facts: await facts, run: (rows, rowCount, said) => run(rows, rowCount, said) };
}
