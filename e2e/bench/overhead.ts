/**
 * What coding and checking cost the coordinator, beside what the work itself costs the tabs:
 *
 *     npm run bench -- overhead [--seed N] [--json FILE]
 *
 * Default settings, honest tabs. Everything is really computed, by the same tfjs wasm in this process, one thing at a time, and
 * timed; delays are virtual and cost nothing.
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
/** Of volunteers without a record, and of the same ones once they have one. */
const JOBS = ["newcomers", "known"] as const;
const GOAL = 0.1;

export interface OverheadOptions extends MeasureOptions {
  readonly queries?: Readonly<Record<string, number>>;
}

export async function run({ seed, progress, queries = QUERIES }: OverheadOptions): Promise<Measurement> {
  const rows: Measurement["rows"][number][] = [];
  for (const known of knownCasesOf(["mnist", "cifar"])) {
    const limit = queries[known.model];
    if (limit === undefined) continue;
    progress(`${known.model}, ${limit} queries`);
    const inferenceCase = await loadKnownCase(known, limit, progress);
    rows.push(...(await rowsOf(inferenceCase, seed)));
    inferenceCase.model.dispose();
  }
  return { name: overhead.name, title: overhead.title, columns: COLUMNS, rows, notes: NOTES };
}

async function rowsOf({ modelName, model, bundle, queries, count }: InferenceCase, seed: number) {
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
    jobs: JOBS.map(() => ({})),
    aroundTask: (task, work) => clock.time(task, work),
    onJobEnd: () => spentMs.push(clock.taken()),
  });
  return jobs.map(({ view }, j): Measurement["rows"][number] => {
    const { tabs, ...tasks } = spentMs[j]!;
    const spent = Object.fromEntries(Object.entries(tasks).map(([task, ms]) => [task, ms / tabs!]));
    const { features = 0, order = 0, ...others } = spent;
    const share = Object.values(others).reduce((sum, value) => sum + value, 0);
    return {
      model: modelName,
      volunteers: JOBS[j]!,
      queries: count,
      tabSeconds: tabs! / 1e3,
      auditShare: view.auditedRows / count,
      byTask: others,
      share,
      kept: share < GOAL ? "yes" : "NO",
      grouping: features + order,
    };
  });
}

/** Real milliseconds by section. One section at a time, so that none is charged for another. */
class SectionClock {
  #spentMs: Record<string, number> = {};
  #last: Promise<unknown> = Promise.resolve();

  time<T>(section: string, work: () => Promise<T>): Promise<T> {
    const timed = this.#last.then(async () => {
      const startMs = performance.now();
      try {
        return await work();
      } finally {
        this.#spentMs[section] = (this.#spentMs[section] ?? 0) + performance.now() - startMs;
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
  { key: "volunteers", title: "volunteers" },
  { key: "queries", title: "queries" },
  { key: "tabSeconds", title: "tabs s", digits: 2 },
  { key: "auditShare", title: "audited rows", digits: 3 },
  { key: "share", title: "coordinator / tabs", digits: 3 },
  { key: "kept", title: `below ${GOAL}` },
  { key: "grouping", title: "grouping", digits: 3 },
  { key: "byTask", title: "of it", digits: 3 },
];

const NOTES = [
  "Shares of the seconds that tabs compute. coordinator: encoding, audits, decoding with its comparison of estimates, and audits at the",
  "job's end. grouping: finding out once which queries are alike. known: the second job of the same volunteers, whose records are long.",
];

export const overhead: Measurer = {
  name: "overhead",
  title: "What coding and checking cost the coordinator, at default settings, as a share of what the tabs compute",
  run: (options) => run(options),
};
