/**
 * What coding and checking cost the coordinator, beside what the work itself costs the tabs:
 *
 *     npm run bench -- overhead [--seed N] [--json FILE] [--runs N]
 *
 * Default settings, honest tabs. Everything is really computed, by the same library in this process, one thing at a time, and its
 * processor time measured; delays are virtual and cost nothing. Virtual time is that of twelve tabs, each as fast as the one thread that the
 * coordinator has here. To see from which cost of a query on the goal is met, models are also computed several times over, by tabs and
 * coordinator alike. Of several runs the one with the median share is shown.
 */
import { assetsInNode } from "../../server/numerics/runtime-assets.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { startRuntimes } from "../../shared/compute/runtimes/start-runtimes.ts";
import type { NpyArray } from "../../shared/protocol/npy.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import { HONEST } from "../crowd/simulated-tab.ts";
import { drawSymbols } from "../demo/onnx/drawn-symbols.ts";
import { SYMBOL_SIDE, symbolModel } from "../models/symbol-model.ts";
import { TASK_MS, type TaskTimes } from "../proofs/simulator/modelled-executor.ts";
import { type JobsRun, runJobs } from "../proofs/simulator/run-jobs.ts";
import { countFlag } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { loadOnce } from "./job-world.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const TABS = 12;
const STRAGGLE_PROBABILITY = 0.05;
interface Setting {
  readonly model: string;
  readonly queries: number;
  /** Computed so many times over, each number of them a row. */
  readonly times: readonly number[];
}

/** The largest model is a hundred times as slow as the smallest: fewer rows are as well timed. */
const SETTINGS: readonly Setting[] = [
  { model: "mnist-mlp", queries: 10_000, times: [1] },
  { model: "mnist-cnn", queries: 10_000, times: [1, 16] },
  { model: "cifar-resnet", queries: 6_000, times: [1, 4] },
  { model: "symbols (ONNX)", queries: 6_000, times: [1] },
];
const SYMBOLS_DRAW = 1;
/** Of volunteers without a record, and of the same ones once they have one. */
const JOBS = ["newcomers", "known"] as const;
const TIMED_ROWS = 20;
/** Virtual, of a round. */
const DECODE_MS = 4;
const GOAL = 0.1;
const RUNS = 1;

export interface OverheadOptions extends MeasureOptions {
  readonly settings?: readonly Setting[];
  readonly runs?: number;
}

export async function run({ seed, progress, settings = SETTINGS, runs = RUNS }: OverheadOptions): Promise<Measurement> {
  const rows: Measurement["rows"][number][] = [];
  for (const { model, queries, times } of settings) {
    const work = await workOf(model, queries, seed, progress);
    for (const timesOver of times) {
      const costs: JobCost[][] = [];
      for (let n = 0; n < runs; n++) {
        progress(`${model} ${timesOver} times over, ${queries} queries, run ${n + 1} of ${runs}`);
        costs.push(await costsOf(work, timesOver, seed + n));
      }
      JOBS.forEach((volunteers, j) => {
        rows.push({ model, times: timesOver, volunteers, queries, ...typical(costs.map((jobs) => jobs[j]!)) });
      });
    }
  }
  const notes = [...NOTES, ...JOBS.map((volunteers) => breakEven(volunteers, rows))];
  return { name: overhead.name, title: overhead.title, columns: COLUMNS, rows, notes };
}

interface Work {
  readonly bundle: Uint8Array;
  /** count x input shape */
  readonly queries: NpyArray;
  readonly count: number;
}

async function workOf(name: string, count: number, seed: number, progress: (line: string) => void): Promise<Work> {
  const known = knownCasesOf(["mnist", "cifar"]).find(({ model }) => model === name);
  if (known !== undefined) {
    const { bundle, queries, model } = await loadKnownCase(known, count, progress);
    const shape = [count, ...model.facts.inputShape];
    model.dispose();
    return { bundle, count, queries: { dtype: "F32", shape, data: queries } };
  }
  const { served } = await symbolModel(progress);
  const { pixels } = drawSymbols(count, SYMBOL_SIDE, randomAt(seed, SYMBOLS_DRAW));
  const shape = [count, 1, SYMBOL_SIDE, SYMBOL_SIDE];
  return { bundle: packOnnx(served), count, queries: { dtype: "U8", shape, data: pixels } };
}

/** From which cost of a query on the goal was met, and up to which it was not. */
function breakEven(volunteers: string, rows: Measurement["rows"]): string {
  const own = rows.filter((row) => row.volunteers === volunteers);
  const costs = (kept: string) => own.filter((row) => row.kept === kept).map(({ msPerRow }) => msPerRow as number);
  const failed = Math.max(0, ...costs("NO"));
  const met = Math.min(...costs("yes").filter((ms) => ms > failed));
  const where = Number.isFinite(met) ? `met from ${met.toFixed(2)} ms a row on` : "not met";
  return `${volunteers}: below ${GOAL} is ${where}; missed up to ${failed.toFixed(2)} ms.`;
}

interface JobCost {
  /** Rows of a batch. */
  readonly batch: number;
  readonly tabSeconds: number;
  /** Of a tab, a row that it computes. */
  readonly msPerRow: number;
  readonly auditShare: number;
  /** Shares of the tabs' seconds. */
  readonly byTask: Readonly<Record<string, number>>;
  readonly share: number;
}

/** The run with the median share. */
function typical(costs: readonly JobCost[]): JobCost & { kept: string } {
  const sorted = costs.toSorted((a, b) => a.share - b.share);
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  return { ...middle, kept: middle.share < GOAL ? "yes" : "NO" };
}

/** Of each of JOBS. */
async function costsOf({ bundle, queries, count }: Work, times: number, seed: number): Promise<JobCost[]> {
  const runtime = startRuntimes("wasm", assetsInNode);
  const loadModel = loadOnce(async (bytes) => timesOver(await runtime.load(bytes), times));
  const clock = new SectionClock();
  const spentMs: Record<string, number>[] = [];
  const loadForTab: JobsRun["load"] = async (bytes) => {
    const loaded = await loadModel(bytes);
    return { ...loaded, run: (rows, rowCount) => clock.time("tabs", () => loaded.run(rows, rowCount)) };
  };
  const msPerRow = await msPerRowOf(await loadModel(bundle));
  const { jobs } = await runJobs({
    seed,
    bundle,
    load: loadModel,
    queries,
    taskMs: taskMsOf(msPerRow),
    tabs: Array.from({ length: TABS }, () => ({
      ...HONEST,
      straggleProbability: STRAGGLE_PROBABILITY,
      computeTime: { fixedMs: 0, rowMs: msPerRow, factors: [], draw: 0 },
      load: loadForTab,
    })),
    jobs: JOBS.map(() => ({})),
    aroundTask: (task, work) => clock.time(task, work),
    onJobEnd: () => spentMs.push(clock.taken()),
  });
  (await loadModel(bundle)).dispose();
  return jobs.map(({ view, tabRows }, j): JobCost => {
    const { tabs, features = 0, order = 0, ...tasks } = spentMs[j]!;
    const spent = Object.entries({ grouping: features + order, ...tasks });
    const byTask = Object.fromEntries(spent.map(([task, ms]) => [task, ms / tabs!]));
    return {
      batch: Math.ceil(view.queryCount / view.queriesPerGroup / view.roundCount),
      tabSeconds: tabs! / 1e3,
      msPerRow: tabs! / tabRows,
      auditShare: view.auditedRows / count,
      byTask,
      share: Object.values(byTask).reduce((sum, value) => sum + value, 0),
    };
  });
}

/** Of a model that is warm. */
async function msPerRowOf(model: LoadedModel): Promise<number> {
  const inputs = new Float32Array(TIMED_ROWS * model.facts.inputSize);
  await model.run(inputs, TIMED_ROWS);
  const start = process.cpuUsage();
  await model.run(inputs, TIMED_ROWS);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e3 / TIMED_ROWS;
}

/** Two rows an audit, alone; what does not depend on the model is what it was measured to be. */
function taskMsOf(msPerRow: number): TaskTimes {
  return { ...TASK_MS, audit: 2 * msPerRow, decode: DECODE_MS };
}

function timesOver(model: LoadedModel, times: number): LoadedModel {
  return {
    ...model,
    async run(rows, rowCount) {
      for (let n = 1; n < times; n++) await model.run(rows, rowCount);
      return model.run(rows, rowCount);
    },
  };
}

/**
 * Processor milliseconds by section, of all threads: what else runs on this machine is not in them. One section at a time, so
 * that none is charged for another.
 */
class SectionClock {
  #spentMs: Record<string, number> = {};
  #last: Promise<unknown> = Promise.resolve();

  time<T>(section: string, work: () => Promise<T>): Promise<T> {
    const timed = this.#last.then(async () => {
      const start = process.cpuUsage();
      try {
        return await work();
      } finally {
        const { user, system } = process.cpuUsage(start);
        this.#spentMs[section] = (this.#spentMs[section] ?? 0) + (user + system) / 1e3;
      }
    });
    this.#last = timed.catch(() => {});
    return timed;
  }

  /** What was spent since this was last asked. */
  taken(): Record<string, number> {
    const spent = this.#spentMs;
    this.#spentMs = {};
    return spent;
  }
}

const COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "times", title: "times" },
  { key: "msPerRow", title: "ms a row", digits: 3 },
  { key: "batch", title: "batch" },
  { key: "volunteers", title: "volunteers" },
  { key: "queries", title: "queries" },
  { key: "tabSeconds", title: "tabs s", digits: 2 },
  { key: "auditShare", title: "audited rows", digits: 3 },
  { key: "share", title: "coordinator / tabs", digits: 3 },
  { key: "kept", title: `below ${GOAL}` },
  { key: "byTask", title: "of it", digits: 3 },
];

const NOTES = [
  "Shares of the processor seconds that tabs compute. coordinator: grouping (finding out once which queries are alike), encoding, audits,",
  "decoding with its comparison of estimates and the audits of what they suspect, recomputing at the job's end. times: the model computed so",
  "often over, by tabs and coordinator alike. known: the second job of the same volunteers, whose records are long. Newcomers are audited",
  "until each has passed 41 rows: of a short job that is much, of all that they will ever do it is nothing.",
];

export const overhead: Measurer = {
  name: "overhead",
  title: "What coding and checking cost the coordinator, at default settings, as a share of what the tabs compute",
  flags: ["runs"],
  run: (options) => run({ ...options, runs: countFlag(options.flags ?? {}, "runs") ?? RUNS }),
};
