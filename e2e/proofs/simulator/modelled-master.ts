/** A gradient job's master that runs for real, here, and takes modelled time: what its own thread would take. */
import { type GradientMaster, localMaster } from "../../../server/coded/engine/coded-engine.ts";
import { createPlainKernels } from "../../../shared/compute/field/plain-kernels.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Modelled milliseconds; a verification is much shorter than an encoding. */
const CALL_MS = { prepare: 5, encodeShards: 4, short: 0.2 };

export function modelledMaster(clock: VirtualClock, secretRandom: RandomSource): GradientMaster {
  const master = localMaster(createPlainKernels(), secretRandom);
  let freeAtMs = 0;
  let isClosed = false;
  const taking = async <T>(ms: number, work: Promise<T>): Promise<T> => {
    freeAtMs = Math.max(freeAtMs, clock.nowMs()) + ms;
    const waitMs = freeAtMs - clock.nowMs();
    const value = await work;
    await clock.sleep(waitMs);
    // The thread has ended: whoever waits for it never hears of it.
    if (isClosed) return new Promise<T>(() => {});
    return value;
  };
  return {
    prepare: (job) => taking(CALL_MS.prepare, master.prepare(job)),
    encodeShards: (code, indices) => taking(CALL_MS.encodeShards, master.encodeShards(code, indices)),
    releaseCode: (generation) => taking(CALL_MS.short, master.releaseCode(generation)),
    broadcast: (product) => taking(CALL_MS.short, master.broadcast(product)),
    verify: (generation, product, result) => taking(CALL_MS.short, master.verify(generation, product, result)),
    decode: (generation, product, results, believes) =>
      taking(CALL_MS.short, master.decode(generation, product, results, believes)),
    link: () => taking(CALL_MS.short, master.link()),
    update: () => taking(CALL_MS.short, master.update()),
    checkpoint: () => taking(CALL_MS.short, master.checkpoint()),
    restore: (weights) => taking(CALL_MS.short, master.restore(weights)),
    close: async () => {
      isClosed = true;
      await master.close();
    },
  };
}
