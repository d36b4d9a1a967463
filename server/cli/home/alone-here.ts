/** What a job would take on this computer alone: its model runs here for about a second, on one core and then on all of them. */
import { availableParallelism, freemem } from "node:os";
import { Piscina } from "piscina";
import {
  ALL_CORES_MS,
  aloneOfRuns,
  HOME_ROWS_AT_ONCE_MAX,
  needsAllCores,
  ONE_CORE_MS,
} from "../../../shared/kinds/home-times.ts";
import type { Alone } from "../../../shared/protocol/estimate-api.ts";
import { HOME_TRIAL_MS_MAX, HOME_TRIAL_THREADS_MAX } from "../../../shared/protocol/limits.ts";
import { processRoomOf, rowsAtOnce, runBytes } from "../../trusted/model-cost.ts";
import type { HomeModel } from "./home-model.ts";
import type { HomeWork } from "./home-thread.ts";

/** The share of the free memory that the trial may take. */
const MEMORY_SHARE = 0.5;

export interface AloneOptions {
  readonly signal: AbortSignal;
  /** Cores of this computer. */
  readonly cores?: number;
  readonly msMax?: number;
}

/**
 * @param rowCount of the whole job, in rows of this model
 * @returns a text: why it could not be measured
 * @throws the signal's reason
 */
export async function aloneHere(
  model: HomeModel,
  rowCount: number,
  { signal, cores = availableParallelism(), msMax = HOME_TRIAL_MS_MAX }: AloneOptions,
): Promise<Alone | string> {
  const threads = new HomeThreads();
  const late = AbortSignal.timeout(msMax);
  try {
    return await measured(threads, model, rowCount, cores, AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return `it was not done here within ${msMax / 1_000} s`;
    return `the model does not run here: ${(error as Error).message}`;
  } finally {
    await threads.close();
  }
}

async function measured(
  threads: HomeThreads,
  model: HomeModel,
  rowCount: number,
  cores: number,
  signal: AbortSignal,
): Promise<Alone> {
  const sizes = { ...processRoomOf(model.bundle), facts: model.facts };
  const atOnce = Math.min(rowCount, HOME_ROWS_AT_ONCE_MAX, rowsAtOnce({ ...sizes, implementation: "tab" }));
  const timed = async (count: number, ms: number) => {
    await threads.load(count, model.bundle, signal);
    // The first run makes the library set up what others find ready.
    await threads.run(0, atOnce, signal);
    return threads.run(ms, atOnce, signal);
  };
  const runs = { rowCount, cores, by: "WebAssembly", onOne: await timed(1, ONE_CORE_MS) };
  const fitting = Math.floor((freemem() * MEMORY_SHARE) / runBytes(sizes, atOnce));
  const count = Math.min(cores, fitting, HOME_TRIAL_THREADS_MAX);
  if (count <= 1 || !needsAllCores(runs)) return aloneOfRuns({ ...runs, onAll: null });
  return aloneOfRuns({ ...runs, onAll: { threads: count, times: await timed(count, ALL_CORES_MS) } });
}

/** Each has the model, and all run at the same time. */
class HomeThreads {
  #pools: Piscina<HomeWork, number[]>[] = [];

  /** So many have it from then on. */
  async load(count: number, bundle: Uint8Array, signal: AbortSignal): Promise<void> {
    const more = Array.from({ length: count - this.#pools.length }, poolOfOne);
    this.#pools.push(...more);
    await Promise.all(more.map((pool) => pool.run({ bundle }, { signal })));
  }

  /** @returns milliseconds a row, of each run of each of them */
  async run(ms: number, rowsAtOnce: number, signal: AbortSignal): Promise<number[]> {
    return (await Promise.all(this.#pools.map((pool) => pool.run({ ms, rowsAtOnce }, { signal })))).flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }
}

function poolOfOne(): Piscina<HomeWork, number[]> {
  return new Piscina<HomeWork, number[]>({
    filename: new URL("./home-thread.mjs", import.meta.url).href,
    execArgv: [],
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 1,
  });
}
