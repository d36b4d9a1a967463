/**
 * What coding and checking cost the coordinator, beside what the work itself costs the tabs:
 *
 *     npm run bench -- overhead [--seed N] [--json FILE]
 *
 * Default settings, honest tabs. Everything is really computed, by the same tfjs wasm in this process, one thing at a time, and its
 * processor time measured; delays are virtual and cost nothing. Of several runs the one with the median share is shown.
 */
import { wasmPathForNode } from "../../server/numerics/tfjs-wasm-path.ts";
import { createTfjsRuntime } from "../../shared/compute/tfjs-runtime.ts";
import { type JobsRun, runJobs } from "../simulator/run-jobs.ts";
import { HONEST } from "../simulator/simulated-tab.ts";
import { type InferenceCase, knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { loadOnce } from "./job-world.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const TABS = 12;
const STRAGGLE_PROBABILITY = 0.05;
/** The larger model is a hundred times as slow: fewer rows are as well timed. */
const QUERIES: Readonly<Record<string, number>> = { "mnist-mlp": 10_000, "mnist-cnn": 4_000, "cifar-resnet": 800 };
/** Groups a round, and so rows a batch. At least one row of a batch is recomputed, which of the default ten is a tenth. */
const BATCHES = [10, 40];
/** Of volunteers without a record, and of the same ones once they have one. */
const JOBS = ["newcomers", "known"] as const;
const GOAL = 0.1;
const RUNS = 3;

export interface OverheadOptions extends MeasureOptions {
  readonly queries?: Readonly<Record<string, number>>;
  readonly runs?: number;
}

export async function run({ seed, progress, queries = QUERIES, runs = RUNS }: OverheadOptions): Promise<Measurement> {
  const rows: Measurement["rows"][number][] = [];
  for (const known of knownCasesOf(["mnist", "cifar"])) {
    const limit = queries[known.model];
    if (limit === undefined) continue;
    const inferenceCase = await loadKnownCase(known, limit, progress);
    for (const batch of BATCHES) {
      const costs: JobCost[][] = [];
      for (let n = 0; n < runs; n++) {
        progress(`${known.model}, ${limit} queries, ${batch} rows a batch, run ${n + 1} of ${runs}`);
        costs.push(await costsOf(inferenceCase, batch, seed + n));
      }
      JOBS.forEach((volunteers, j) => {
        rows.push({ model: known.model, batch, volunteers, queries: limit, ...typical(costs.map((jobs) => jobs[j]!)) });
      });
    }
    inferenceCase.model.dispose();
  }
  return { name: overhead.name, title: overhead.title, columns: COLUMNS, rows, notes: NOTES };
}

interface JobCost {
  readonly tabSeconds: number;
  readonly auditShare: number;
  /** Shares of the tabs' seconds. */
  readonly byTask: Readonly<Record<string, number>>;
  readonly share: number;
  readonly grouping: number;
}

/** The run with the median share. */
function typical(costs: readonly JobCost[]): JobCost & { kept: string; largest: number } {
  const sorted = costs.toSorted((a, b) => a.share - b.share);
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  return { ...middle, largest: sorted.at(-1)!.share, kept: middle.share < GOAL ? "yes" : "NO" };
}

/** Of each of JOBS. */
async function costsOf(
  { model, bundle, queries, count }: InferenceCase,
  groupsPerRound: number,
  seed: number,
): Promise<JobCost[]> {
  const runtime = await createTfjsRuntime("wasm", { wasmPath: wasmPathForNode() });
  const loadModel = loadOnce((bytes) => runtime.load(bytes));
  const clock = new SectionClock();
  const spentMs: Record<string, number>[] = [];
  const loadForTab: JobsRun["load"] = async (bytes) => {
    const loaded = await loadModel(bytes);
    return { ...loaded, run: (rows, rowCount) => clock.time("tabs", () => loaded.run(rows, rowCount)) };
  };
  const { jobs } = await runJobs({
    seed,
    bundle,
    load: loadModel,
    queries: { dtype: "F32", shape: [count, ...model.facts.inputShape], data: queries },
    tabs: Array.from({ length: TABS }, () => ({
      ...HONEST,
      straggleProbability: STRAGGLE_PROBABILITY,
      load: loadForTab,
    })),
    jobs: JOBS.map(() => ({ groupsPerRound })),
    aroundTask: (task, work) => clock.time(task, work),
    onJobEnd: () => spentMs.push(clock.taken()),
  });
  return jobs.map(({ view }, j): JobCost => {
    const { tabs, ...tasks } = spentMs[j]!;
    const spent = Object.fromEntries(Object.entries(tasks).map(([task, ms]) => [task, ms / tabs!]));
    const { features = 0, order = 0, ...others } = spent;
    const share = Object.values(others).reduce((sum, value) => sum + value, 0);
    const [tabSeconds, auditShare] = [tabs! / 1e3, view.auditedRows / count];
    return { tabSeconds, auditShare, byTask: others, share, grouping: features + order };
  });
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
  { key: "batch", title: "batch" },
  { key: "volunteers", title: "volunteers" },
  { key: "queries", title: "queries" },
  { key: "tabSeconds", title: "tabs s", digits: 2 },
  { key: "auditShare", title: "audited rows", digits: 3 },
  { key: "share", title: "coordinator / tabs", digits: 3 },
  { key: "largest", title: `largest of ${RUNS}`, digits: 3 },
  { key: "kept", title: `below ${GOAL}` },
  { key: "grouping", title: "grouping", digits: 3 },
  { key: "byTask", title: "of it", digits: 3 },
];

const NOTES = [
  "Shares of the processor seconds that tabs compute. coordinator: encoding, audits, decoding with its comparison of estimates, and audits at the",
  "job's end. grouping: finding out once which queries are alike. known: the second job of the same volunteers, whose records are long.",
];

export const overhead: Measurer = {
  name: "overhead",
  title: "What coding and checking cost the coordinator, at default settings, as a share of what the tabs compute",
  run: (options) => run(options),
};
