/**
 * What coding and checking cost by themselves: the same iterations without any injected delay, the twelve tabs on worker
 * threads (one a core), the master on the main thread, everything measured by the wall clock.
 */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { predictCost } from "../../server/coded/core/run-cost.ts";
import type { RunProduct } from "../../server/coded/core/run-events.ts";
import { RoundsEngine } from "../../server/coded/engine/rounds-engine.ts";
import { RegressionNumerics, type TrainingJob } from "../../server/kinds/regression/engine/regression-engine.ts";
import { secretRandom } from "../../server/numerics/secret-random.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import { type BenchScheme, benchPlan, ITERATIONS, OPTIMIZER } from "./avcc-cases.ts";
import type { BenchData } from "./avcc-data.ts";
import type { Column } from "./measurement.ts";

interface ThreadMatrix {
  /** Shared memory: handing it to a thread copies nothing. */
  readonly entries: Uint32Array;
  readonly height: number;
  readonly columns: number;
}

export interface TabThreadData {
  readonly shards: readonly {
    readonly shardIndex: number;
    readonly forward: ThreadMatrix;
    readonly backward: ThreadMatrix;
  }[];
  /** One entry: the round that is open. */
  readonly roundNow: Int32Array;
}
export interface ToThread {
  readonly round: number;
  readonly product: RunProduct;
  readonly vector: Uint32Array;
}
export interface ToMain {
  readonly round: number;
  readonly shardIndex: number;
  readonly residues: Uint32Array;
}

export interface ThreadFigures {
  readonly scheme: BenchScheme;
  /** Median, wall clock */
  readonly iterationMs: number;
  readonly quantizeMs: number;
  readonly verifyMs: number;
  readonly decodeMs: number;
  readonly linkUpdateMs: number;
  /** Once: parities and keys */
  readonly encodeOnceMs: number;
  /** Quantizing, checking and decoding, of the iteration, in percent. */
  readonly sharePercent: number;
  /** The same with the one-time encoding spread over the 50 iterations. */
  readonly shareWithEncodePercent: number;
  /** Multiplications of checks over those that they check, in percent. */
  readonly checkPercent: number;
}

export const THREAD_COLUMNS: readonly Column[] = [
  { key: "scheme", title: "scheme" },
  { key: "iterationMs", title: "iteration ms", digits: 1 },
  { key: "quantizeMs", title: "quantize ms", digits: 2 },
  { key: "verifyMs", title: "verify ms", digits: 2 },
  { key: "decodeMs", title: "decode ms", digits: 2 },
  { key: "linkUpdateMs", title: "link+update ms", digits: 2 },
  { key: "encodeOnceMs", title: "encode once ms", digits: 0 },
  { key: "sharePercent", title: "share %", digits: 1 },
  { key: "shareWithEncodePercent", title: "with encode/50 %", digits: 1 },
  { key: "checkPercent", title: "checks/checked %", digits: 2 },
];

export async function threadFigures(scheme: BenchScheme, data: BenchData): Promise<ThreadFigures> {
  const plan = benchPlan(scheme, { stragglers: 1, liars: 1 });
  const kernels = await createWasmKernels();
  const { features, labels } = data;
  const job = { plan, kind: "logistic" as const, features, labels, optimizer: OPTIMIZER };
  const numericsOf = (job: TrainingJob) => new RegressionNumerics(job, data.prepared);
  const engine = new RoundsEngine(numericsOf, kernels, secretRandom);
  engine.prepare(job, null);
  const code = { generation: 1, blockCount: plan.blockCount, maskCount: 0 };
  const indices = Array.from({ length: plan.shardCount }, (_, i) => i);
  const encodeBegunMs = performance.now();
  const encoded = await engine.shardsOf(code, indices);
  const encodeOnceMs = performance.now() - encodeBegunMs;

  const shapes = engine.shapesOf(1);
  const roundNow = new Int32Array(new SharedArrayBuffer(4));
  const threadCount = Math.min(availableParallelism(), plan.shardCount);
  const tabs = new TabThreads(
    Array.from({ length: threadCount }, (_, t) => ({
      roundNow,
      shards: encoded
        .filter((_, i) => i % threadCount === t)
        .map(({ shardIndex, forward, backward }) => ({
          shardIndex,
          forward: { entries: shared(forward), ...shapes.forward },
          backward: { entries: shared(backward!), ...shapes.backward! },
        })),
    })),
    roundNow,
  );
  try {
    await tabs.ready();
    return { scheme, encodeOnceMs, ...(await timeIterations(scheme, engine, tabs, encodeOnceMs, data)) };
  } finally {
    await tabs.close();
    kernels.dispose();
  }
}

async function timeIterations(
  scheme: BenchScheme,
  engine: RoundsEngine<TrainingJob>,
  tabs: TabThreads,
  encodeOnceMs: number,
  data: BenchData,
): Promise<Omit<ThreadFigures, "scheme" | "encodeOnceMs">> {
  const plan = benchPlan(scheme, { stragglers: 1, liars: 1 });
  const laps = { iteration: [] as number[], quantize: [] as number[], verify: [] as number[], decode: [] as number[] };
  const linkUpdate: number[] = [];
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const lap = { quantize: 0, verify: 0, decode: 0, linkUpdate: 0 };
    const timed = <T>(what: keyof typeof lap, work: () => T): T => {
      const begunMs = performance.now();
      const value = work();
      lap[what] += performance.now() - begunMs;
      return value;
    };
    const begunMs = performance.now();
    for (const product of ["forward", "backward"] as const) {
      const { residues } = timed("quantize", () => engine.vectorOf(product));
      const accept = (result: ToMain) => !plan.isVerified || timed("verify", () => engine.verify(1, product, result));
      const results = await tabs.multiply(product, residues, plan.resultsNeeded, accept);
      timed("decode", () => engine.decode(1, product, results, false));
      timed("linkUpdate", () => (product === "forward" ? engine.link() : engine.update()));
    }
    laps.iteration.push(performance.now() - begunMs);
    laps.quantize.push(lap.quantize);
    laps.verify.push(lap.verify);
    laps.decode.push(lap.decode);
    linkUpdate.push(lap.linkUpdate);
  }
  const [iterationMs, quantizeMs] = [medianOfSome(laps.iteration), medianOfSome(laps.quantize)];
  const [verifyMs, decodeMs] = [medianOfSome(laps.verify), medianOfSome(laps.decode)];
  const codingMs = quantizeMs + verifyMs + decodeMs;
  const { rows, columns } = data.features;
  const { verificationShare } = predictCost(plan, { rows, columns, classes: 1, iterations: ITERATIONS });
  return {
    iterationMs,
    quantizeMs,
    verifyMs,
    decodeMs,
    linkUpdateMs: medianOfSome(linkUpdate),
    sharePercent: (100 * codingMs) / iterationMs,
    shareWithEncodePercent: (100 * (codingMs + encodeOnceMs / ITERATIONS)) / (iterationMs + encodeOnceMs / ITERATIONS),
    checkPercent: 100 * verificationShare,
  };
}

/** Threads that hold the tabs' shards; a round ends, for all of them, when enough results are in. */
class TabThreads {
  readonly #workers: readonly Worker[];
  readonly #roundNow: Int32Array;
  #round = 0;
  #onResult: (result: ToMain) => void = () => {};
  readonly #ready: Promise<unknown>;
  #onFailure: (error: Error) => void = () => {};

  constructor(threads: readonly TabThreadData[], roundNow: Int32Array) {
    this.#roundNow = roundNow;
    this.#workers = threads.map(
      (workerData) => new Worker(new URL("./avcc-thread.mjs", import.meta.url), { workerData, execArgv: [] }),
    );
    this.#ready = Promise.all(
      this.#workers.map(
        (worker) =>
          new Promise((resolve, reject) => {
            worker.once("message", resolve);
            worker.once("error", reject);
          }),
      ),
    );
    for (const worker of this.#workers) worker.on("error", (error) => this.#onFailure(error as Error));
  }

  async ready(): Promise<void> {
    await this.#ready;
    for (const worker of this.#workers) worker.on("message", (result: ToMain) => this.#onResult(result));
  }

  multiply(
    product: RunProduct,
    residues: Uint32Array,
    needed: number,
    accept: (result: ToMain) => boolean,
  ): Promise<ToMain[]> {
    const round = ++this.#round;
    Atomics.store(this.#roundNow, 0, round);
    const vector = shared(residues);
    return new Promise((resolve, reject) => {
      const accepted: ToMain[] = [];
      this.#onFailure = reject;
      this.#onResult = (result) => {
        if (result.round !== round || accepted.length === needed || !accept(result)) return;
        accepted.push(result);
        if (accepted.length < needed) return;
        Atomics.store(this.#roundNow, 0, 0);
        resolve(accepted);
      };
      for (const worker of this.#workers) worker.postMessage({ round, product, vector } satisfies ToThread);
    });
  }

  async close(): Promise<void> {
    Atomics.store(this.#roundNow, 0, 0);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function shared(values: Uint32Array): Uint32Array {
  const copy = new Uint32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
