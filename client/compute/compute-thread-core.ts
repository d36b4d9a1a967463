/**
 * The compute thread without its thread: back-end, models and shards that it holds, one task after the other. The production
 * entry (compute-thread.ts) exposes it as it is.
 */
import {
  type CalibrationReport,
  type ComputeTask,
  type ComputeThreadApi,
  isOnWebAssembly,
  MODEL_LOAD,
  type ModelChoice,
} from "../../shared/compute/compute-thread-api.ts";
import type { FieldCandidate } from "../../shared/compute/field/pick-field-kernels.ts";
import { createPlainKernels } from "../../shared/compute/field/plain-kernels.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import {
  BACKEND_NAMES,
  type BackendName,
  type LoadedModel,
  type ModelRuntime,
} from "../../shared/compute/model-runtime.ts";
import { RUNTIMES } from "../../shared/compute/runtimes/runtimes.ts";
import { startRuntimes } from "../../shared/compute/runtimes/start-runtimes.ts";
import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import { TAB_MODEL_CACHE_BYTES_MAX, TAB_SHARD_CACHE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { createByteCappedCache } from "./byte-capped-cache.ts";
import { calibrate } from "./calibrate.ts";
import { hasGraphicsCard } from "./has-graphics-card.ts";
import { createHeldShards } from "./held-shards.ts";
import { knownAnswer } from "./known-answer.ts";
import { type CandidateSearch, createCandidateSearch } from "./model-candidates.ts";
import { type Candidate, chooseBackend } from "./model-trial.ts";
import { assetsInBrowser } from "./runtime-assets.ts";

/** What this browser multiplies shards with, the faster one first: plain JavaScript is for machines without WASM SIMD, or room in it. */
const fieldCandidates: readonly FieldCandidate[] = [
  { backend: "wasm", create: createWasmKernels },
  { backend: "plain", create: async () => createPlainKernels() },
];

/** A model that this thread holds; until its first batch maybe on several back-ends. */
interface HeldModel {
  backend: BackendName;
  model: LoadedModel;
  /** Not tried yet. */
  others: readonly Candidate[];
}

function dispose({ model, others }: HeldModel): void {
  model.dispose();
  for (const other of others) if (typeof other.model !== "string") other.model.dispose();
}

/** @param search where else than on its own back-end it could compute a model */
export function createComputeThread(search: CandidateSearch = createCandidateSearch()): ComputeThreadApi {
  const models = createByteCappedCache<HeldModel>(TAB_MODEL_CACHE_BYTES_MAX, dispose);
  const shards = createHeldShards({
    candidates: fieldCandidates,
    bytesMax: TAB_SHARD_CACHE_BYTES_MAX,
    nowMs: () => performance.now(),
  });
  let runtime: ModelRuntime | null = null;
  let processors: ModelRuntime | null = null;
  let forcedBackend: BackendName | null = null;
  /** What spoke against each back-end at the start. */
  const problems = new Map<BackendName, string | null>();
  /** What models failed with on back-ends of their own, by "model back-end". */
  const failures = new Map<string, string>();

  // Calls arrive while others wait inside the library; taking turns keeps a model from being disposed in mid-run.
  const inTurn = createTurnQueue();

  function started(): ModelRuntime {
    if (runtime === null) throw new Error("compute thread: expected start() before anything else");
    return runtime;
  }

  /** For models that the usual back-end is not asked for. */
  function processor(): ModelRuntime {
    processors ??= startRuntimes("wasm", assetsInBrowser);
    return processors;
  }

  /** [PC7] With its first rows. @returns null where there is no choice, or there was one before */
  async function chosen(
    held: HeldModel,
    { modelSha256, rows, rowCount, isProbe }: ComputeTask,
  ): Promise<ModelChoice | null> {
    if (isProbe || held.others.length === 0) return null;
    const { backend, model, others } = held;
    held.others = [];
    const nowMs = () => performance.now();
    const trial = { modelSha256, base: { backend, model }, others, forced: forcedBackend, nowMs };
    const best = await chooseBackend(trial, rows, rowCount);
    held.backend = best.backend;
    held.model = best.model;
    return best.choice;
  }

  /** A batch may be too large for a card on which a few rows went well. [PC7] Whoever adds the model again goes on without that back-end. */
  async function orLetGo<T>({ backend }: HeldModel, modelSha256: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (backend !== started().backend) {
        failures.set(`${modelSha256} ${backend}`, error instanceof Error ? error.message : String(error));
        models.drop(modelSha256);
      }
      throw error;
    }
  }

  return {
    start: (forced, lifeLockName) =>
      inTurn(async (): Promise<CalibrationReport> => {
        if (lifeLockName !== undefined) await holdLifeLock(lifeLockName);
        models.clear();
        const own = BACKEND_NAMES.find((name) => name === forced);
        const candidates = own === undefined ? BACKEND_NAMES : [own];
        forcedBackend = forced;
        const chosen = await calibrate(candidates, await knownAnswer(), {
          createRuntime: (backend) => startRuntimes(backend, assetsInBrowser),
          // Whoever forces it means it.
          whyNot: (backend) =>
            backend === "webgl" && own === undefined && !hasGraphicsCard() ? "this device has no graphics card" : null,
          mayBeWanted: (backend) => RUNTIMES.some(({ perModel = [] }) => perModel.includes(backend)),
          nowMs: () => performance.now(),
        });
        runtime = chosen.runtime;
        for (const { backend, problem } of chosen.report.candidates) problems.set(backend, problem);
        return chosen.report;
      }),

    holdsModel: async (sha256) => models.has(sha256),

    addModel: (sha256, bundle, aside = []) =>
      inTurn(async () => {
        if (models.has(sha256)) return;
        const start = performance.now();
        const usual = started().backend;
        // [PC13] Only that code computes this model, on whatever the tab has.
        if (isOnWebAssembly(sha256)) {
          const model = await (usual === "wasm" ? started().load(bundle) : search.onWebAssembly(bundle));
          return models.set(sha256, { backend: "wasm", model, others: [] }, bundle.length);
        }
        // [PC11] The coordinator does not ask a card for this model.
        const isAside = aside.includes(usual);
        const backend = isAside ? "wasm" : usual;
        const model = await (isAside ? processor() : started()).load(bundle);
        const others = await search.candidatesFor(bundle, model.facts, {
          ...{ usual: backend, forced: isAside ? null : forcedBackend, aside },
          whyNotBefore: (one) => failures.get(`${sha256} ${one}`) ?? problems.get(one) ?? null,
        });
        // For whoever looks at the page's performance, the demo among them.
        performance.measure(MODEL_LOAD, { start, end: performance.now() });
        models.set(sha256, { backend, model, others }, bundle.length);
      }),

    dropModel: (sha256) => inTurn(async () => models.drop(sha256)),

    run: (task) =>
      inTurn(async () => {
        const held = models.get(task.modelSha256);
        if (held === undefined) throw new Error(`compute thread: model ${task.modelSha256.slice(0, 12)} is not held`);
        const choice = await chosen(held, task);
        const { model, backend } = held;
        const startedMs = performance.now();
        if (task.isProbe) {
          const profiled = await orLetGo(held, task.modelSha256, model.runProfiled(task.rows, task.rowCount));
          return { ...profiled, computeMs: performance.now() - startedMs, backend };
        }
        const outputs = await orLetGo(held, task.modelSha256, model.run(task.rows, task.rowCount));
        return { outputs, computeMs: performance.now() - startedMs, backend, ...(choice === null ? {} : { choice }) };
      }),

    holdsShard: async (sha256) => shards.holds(sha256),
    addShard: (sha256, frame) => inTurn(() => shards.add(sha256, frame)),
    multiply: (task) => inTurn(() => shards.multiply(task)),
  };
}

/**
 * Takes a Web Lock and never gives it back: the browser does so when the thread ends, whatever ended it, and whoever
 * waits for the lock learns it at once. (A Comlink call to a dead thread never settles.)
 */
function holdLifeLock(name: string): Promise<void> {
  return new Promise((taken) => {
    const holdForever = () => {
      taken();
      return new Promise<never>(() => undefined);
    };
    // Without the lock the thread works all the same; its end is then noticed by deadlines alone.
    navigator.locks.request(name, holdForever).catch(() => taken());
  });
}
