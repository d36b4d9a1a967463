/** A coded run's engine in a thread of its own: encoding, checks and decoding never hold up the event loop. */
import { Worker } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { type CodedEngine, type EngineModule, engineThrough } from "./coded-engine.ts";

export function spawnEngine({ url }: Pick<EngineModule, "url">): CodedEngine {
  const workerData = { module: url };
  const worker = new Worker(new URL("./engine-thread.mjs", import.meta.url), { execArgv: [], workerData });
  // A thread that has died answers nothing any more: whoever waits is told.
  let died: (error: Error) => void = () => {};
  const death = new Promise<never>((_, reject) => {
    died = reject;
  });
  death.catch(() => undefined);
  worker.on("error", (error) => died(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => died(new Error(`the thread of a coded run ended (exit code ${code})`)));
  const remote = Comlink.wrap<Record<string, (...args: readonly unknown[]) => unknown>>(nodeEndpoint(worker));
  return engineThrough(
    (verb, args) => Promise.race([remote[verb]!(...args), death]),
    async () => {
      await worker.terminate();
    },
  );
}
