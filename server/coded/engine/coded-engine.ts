/**
 * The engine of one coded run as the shell sees it: the verbs of RoundsEngine, asynchronous, carried out in the order in which
 * they were called; here, or in a thread of its own (spawn-engine.ts).
 */
import type { FieldKernels } from "../../../shared/compute/field/field-kernels.ts";
import { createTurnQueue } from "../../../shared/control/turn-queue.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import type { EngineJob, KindNumerics } from "./kind-numerics.ts";
import { RoundsEngine } from "./rounds-engine.ts";

const VERBS = [
  "prepare",
  "encodeShards",
  "releaseCode",
  "broadcast",
  "verify",
  "decode",
  "link",
  "update",
  "standing",
  "checkpoint",
  "digests",
  "restore",
  "evaluation",
] as const satisfies readonly (keyof RoundsEngine)[];

export type EngineVerb = (typeof VERBS)[number];

export type CodedEngine = {
  readonly [V in EngineVerb]: (...args: Parameters<RoundsEngine[V]>) => Promise<Awaited<ReturnType<RoundsEngine[V]>>>;
} & {
  /** Lets everything go; calls under way may never settle. */
  close(): Promise<void>;
};

/** A kind's numerics, and the module that exports the same `numericsOf`, which a thread loads. */
export interface EngineModule {
  readonly url: string;
  readonly numericsOf: (job: EngineJob) => KindNumerics;
}

/** Each call of the engine goes through one function. */
export function engineThrough(
  call: (verb: EngineVerb, args: readonly unknown[]) => Promise<unknown>,
  close: () => Promise<void>,
): CodedEngine {
  const verbs = VERBS.map((verb) => [verb, (...args: unknown[]) => call(verb, args)]);
  return { ...Object.fromEntries(verbs), close } as CodedEngine;
}

/** In the calling thread. @param secretRandom cryptographic, but in simulations */
export function engineHere(
  numericsOf: EngineModule["numericsOf"],
  kernels: FieldKernels,
  secretRandom: RandomSource,
): CodedEngine {
  const engine = new RoundsEngine(numericsOf, kernels, secretRandom);
  // Encoding waits for kernels: taking turns keeps the order of the calls.
  const inTurn = createTurnQueue();
  return engineThrough(
    (verb, args) => inTurn(() => (engine[verb] as (...args: readonly unknown[]) => unknown)(...args)),
    async () => kernels.dispose(),
  );
}
