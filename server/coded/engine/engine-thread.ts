/** The thread of one gradient job's master. What it hands out moves to the other side without a copy. */
import { parentPort } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { createWasmKernels } from "../../../shared/compute/field/wasm-kernels.ts";
import { secretRandom } from "../../numerics/secret-random.ts";
import { type GradientMaster, localMaster } from "./coded-engine.ts";

const master = localMaster(await createWasmKernels(), secretRandom);

const inThread: GradientMaster = {
  ...master,
  encodeShards: async (code, shardIndices) => {
    const shards = await master.encodeShards(code, shardIndices);
    return Comlink.transfer(
      shards,
      shards.map(({ frame }) => frame.buffer as ArrayBuffer),
    );
  },
};

Comlink.expose(inThread, nodeEndpoint(parentPort!));
