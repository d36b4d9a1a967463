/** A thread that plays several tabs: holds their shards, multiplies when told, and stops when the round is over. */
import { parentPort, workerData } from "node:worker_threads";
import type { FieldMatrix } from "../../shared/compute/field/field-kernels.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import type { TabThreadData, ToMain, ToThread } from "./avcc-threads.ts";

const { shards, roundNow } = workerData as TabThreadData;
const port = parentPort!;
const kernels = await createWasmKernels();
const held = new Map<number, { forward: FieldMatrix; backward: FieldMatrix }>();
for (const { shardIndex, forward, backward } of shards) {
  held.set(shardIndex, {
    forward: kernels.loadMatrix(forward.entries, forward.height, forward.columns),
    backward: kernels.loadMatrix(backward.entries, backward.height, backward.columns),
  });
}

port.on("message", async ({ round, product, vector }: ToThread) => {
  for (const [shardIndex, matrices] of held) {
    if (Atomics.load(roundNow, 0) !== round) return;
    const residues = await matrices[product].matVec(vector);
    port.postMessage({ round, shardIndex, residues } satisfies ToMain);
  }
});
port.postMessage({ round: 0, shardIndex: -1, residues: new Uint32Array(0) } satisfies ToMain);
