/** A gradient job's master in a thread of its own: encoding, checks and decoding never hold up the event loop. */
import { Worker } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import type { DecodeVerdict } from "../core/run-events.ts";
import type { GradientMaster } from "./coded-engine.ts";

export function spawnMaster(): GradientMaster {
  const worker = new Worker(new URL("./engine-thread.mjs", import.meta.url), { execArgv: [] });
  // A thread that has died answers nothing any more: whoever waits is told.
  let died: (error: Error) => void = () => {};
  const death = new Promise<never>((_, reject) => {
    died = reject;
  });
  death.catch(() => undefined);
  worker.on("error", (error) => died(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => died(new Error(`the thread of a gradient job ended (exit code ${code})`)));
  const remote = Comlink.wrap<GradientMaster>(nodeEndpoint(worker));
  const orDeath = <T>(answer: Promise<T>): Promise<T> => Promise.race([answer, death]);
  return {
    prepare: (job) => orDeath(remote.prepare(job)),
    encodeShards: (code, shardIndices) => orDeath(remote.encodeShards(code, shardIndices)),
    releaseCode: (generation) => orDeath(remote.releaseCode(generation)),
    broadcast: (product) => orDeath(remote.broadcast(product)),
    verify: (generation, product, result) => orDeath(remote.verify(generation, product, result)),
    decode: (generation, product, results, believes) =>
      orDeath<DecodeVerdict>(remote.decode(generation, product, results, believes) as Promise<DecodeVerdict>),
    link: () => orDeath(remote.link()),
    update: () => orDeath(remote.update()),
    checkpoint: () => orDeath(remote.checkpoint()),
    restore: (weights) => orDeath(remote.restore(weights)),
    close: async () => {
      await worker.terminate();
    },
  };
}
