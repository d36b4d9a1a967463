/** The thread of one coded run's engine. What it hands out moves to the other side without a copy. */
import { parentPort, workerData } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { createWasmKernels } from "../../../shared/compute/field/wasm-kernels.ts";
import { secretRandom } from "../../numerics/secret-random.ts";
import { type EngineModule, engineHere } from "./coded-engine.ts";

const { numericsOf } = (await import(workerData.module as string)) as Pick<EngineModule, "numericsOf">;
const engine = engineHere(numericsOf, await createWasmKernels(), secretRandom);

const inThread: typeof engine = {
  ...engine,
  encodeShards: async (code, shardIndices) => {
    const shards = await engine.encodeShards(code, shardIndices);
    return Comlink.transfer(
      shards,
      shards.map(({ frame }) => frame.buffer as ArrayBuffer),
    );
  },
};

Comlink.expose(inThread, nodeEndpoint(parentPort!));
