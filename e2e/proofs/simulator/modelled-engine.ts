/** A coded run's engine that runs for real, here, and takes modelled time: what its own thread would take. */
import {
  type CodedEngine,
  type EngineModule,
  type EngineVerb,
  engineHere,
  engineThrough,
} from "../../../server/coded/engine/coded-engine.ts";
import { createPlainKernels } from "../../../shared/compute/field/plain-kernels.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import type { VirtualClock } from "../../crowd/virtual-clock.ts";

/** Modelled milliseconds; a verification is much shorter than an encoding. */
const CALL_MS: Partial<Record<EngineVerb, number>> = { prepare: 5, encodeShards: 4 };
const SHORT_CALL_MS = 0.2;

export function modelledEngine(
  { numericsOf }: EngineModule,
  clock: VirtualClock,
  secretRandom: RandomSource,
): CodedEngine {
  const engine = engineHere(numericsOf, createPlainKernels(), secretRandom);
  let freeAtMs = 0;
  let isClosed = false;
  return engineThrough(
    async (verb, args) => {
      const call = (engine[verb] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
      freeAtMs = Math.max(freeAtMs, clock.nowMs()) + (CALL_MS[verb] ?? SHORT_CALL_MS);
      const waitMs = freeAtMs - clock.nowMs();
      const value = await call;
      await clock.sleep(waitMs);
      // The thread has ended: whoever waits for it never hears of it.
      if (isClosed) return new Promise(() => {});
      return value;
    },
    async () => {
      isClosed = true;
      await engine.close();
    },
  );
}
