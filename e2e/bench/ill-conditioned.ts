/**
 * Thirty ill-conditioned models on honest tabs of every back-end: what becomes of each, and is anybody honest quarantined?
 *
 *     npm run bench -- ill-conditioned [--seed N] [--json FILE] [--models N] [--no-browser]
 *
 * Every tab really computes, on its own back-end; the real coordinator tries, audits and confirms on tfjs wasm and cpu. webgl runs in Chromium.
 */
import { rowsJob } from "../../server/kinds/inference/rows/core/rows-job.ts";
import { assetsInNode } from "../../server/numerics/runtime-assets.ts";
import { unpackFormat } from "../../shared/compute/model-bundle.ts";
import type { ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { startRuntimes } from "../../shared/compute/runtimes/start-runtimes.ts";
import { startTrustedRuntimes } from "../../shared/compute/runtimes/start-trusted.ts";
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE, rowDeviation } from "../../shared/verify/compare-rows.ts";
import { HONEST, type TabFaults } from "../crowd/tab-faults.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import { type Backend, openBackends } from "./backends.ts";
import { countFlag } from "./flags.ts";
import { type IllConditioned, illConditionedModels, WIDTH } from "./ill-conditioned-models.ts";
import { loadOnce } from "./job-world.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { settingsUsed } from "./settings-used.ts";

const TABS_PER_BACKEND = 2;
const QUERIES = 80;
const JOB = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 } as const;

export const ILL_CONDITIONED_SET = settingsUsed([JOB]);

export interface IllConditionedOptions extends MeasureOptions {
  /** The first so many. */
  readonly models?: number;
  readonly withBrowser?: boolean;
}

export async function run(options: IllConditionedOptions): Promise<Measurement> {
  const { seed, progress, withBrowser = true } = options;
  const backends = await openBackends({ withBrowser });
  const runtimes = { ...startTrustedRuntimes(assetsInNode), inTabs: startRuntimes("wasm", assetsInNode) };
  const random = simulationRandom(seed);
  const queries = Float32Array.from({ length: QUERIES * WIDTH }, () => random.uniform());
  const rows: Measurement["rows"][number][] = [];
  try {
    for (const model of illConditionedModels(seed).slice(0, options.models)) {
      const row = await rowOf(model, queries, seed, backends.all, runtimes);
      progress(`${model.name}: ${row.fate}`);
      rows.push(row);
    }
  } finally {
    await backends.close();
  }
  const named = rows.reduce((sum, { quarantined }) => sum + (quarantined as number), 0);
  const sum = `${rows.length} models, ${named} honest tabs quarantined.`;
  return {
    name: illConditioned.name,
    title: illConditioned.title,
    columns: COLUMNS,
    rows,
    notes: [...NOTES, sum],
    set: ILL_CONDITIONED_SET,
  };
}

async function rowOf(
  { name, bundle }: IllConditioned,
  queries: Float32Array,
  seed: number,
  backends: readonly Backend[],
  { first, second, inTabs }: Readonly<Record<"first" | "second" | "inTabs", ModelRuntime>>,
): Promise<Measurement["rows"][number]> {
  // ONNX files run on WebAssembly, whatever a tab has.
  const isForAll = unpackFormat(bundle) === "onnx";
  const loadOf = (backend: Backend) => (bytes: Uint8Array) =>
    unpackFormat(bytes) === "onnx" ? inTabs.load(bytes) : backend.load(bytes);
  const load = loadOnce((bytes) => first.load(bytes));
  const loads = backends.map((backend) => loadOnce(loadOf(backend)));
  const own = await (await load(bundle)).run(queries, QUERIES);
  let namedBefore = 0;
  for (const [b, backend] of backends.entries()) {
    const answers = await (await loads[b]!(bundle)).run(queries, QUERIES);
    const isHalf = backend.name === "webgl, 16 bits" && !isForAll;
    if (differs(own, answers, PRECISION_TOLERANCE[isHalf ? "float16" : "float32"])) namedBefore += TABS_PER_BACKEND;
  }
  const tabs = loads.flatMap((own): TabFaults[] =>
    Array.from({ length: TABS_PER_BACKEND }, () => ({ ...HONEST, load: own })),
  );
  const common = { seed, tabs, load, loadSecond: loadOnce((bytes) => second.load(bytes)), bundle };
  const submitted = async (ifUnstable: "refuse" | "unchecked") => {
    let suspended = "";
    const outcome = await runJobs({
      ...common,
      queries: { dtype: "F32", shape: [QUERIES, WIDTH], data: queries },
      jobs: [{ ...JOB, ifUnstable }],
      observe: async (shell, jobId) => {
        const reason = rowsJob(shell.state, jobId)?.stored.suspended?.reason;
        if (reason === undefined || suspended !== "") return;
        suspended = reason;
        await shell.cancel(jobId);
      },
    });
    const { view } = outcome.jobs[0]!;
    const quarantined = outcome.volunteers.filter(({ quarantine }) => quarantine !== null).length;
    return { view, quarantined, suspended };
  };
  try {
    const { view, quarantined, suspended } = await submitted("refuse");
    const fate = suspended === "" ? view.state : "suspended";
    return { name, ...figuresOf(view), namedBefore, fate, quarantined, sentence: suspended };
  } catch (error) {
    const [, sentence] = /expected the job to be accepted, got the model: (.*?)\. Rescale/.exec(String(error)) ?? [];
    if (sentence === undefined) throw error;
    const { view, quarantined } = await submitted("unchecked");
    return { name, ...figuresOf(view), namedBefore, fate: "refused", quarantined, sentence };
  }
}

function figuresOf({ sensitivity }: InferenceJobView): { deviation: string; tolerance: string } {
  const tolerance = sensitivity?.tolerance;
  const half = tolerance?.float16 == null ? "no half precision" : `half ${tolerance.float16}`;
  return {
    deviation: sensitivity === undefined ? "" : sensitivity.deviation.toExponential(1),
    tolerance: tolerance == null ? "none" : `${tolerance.float32.toExponential(1)}, ${half}`,
  };
}

/** Does a row of them differ by more? */
function differs(expected: Float32Array, got: Float32Array, tolerance: number): boolean {
  const width = expected.length / QUERIES;
  for (let at = 0; at < expected.length; at += width) {
    if (rowDeviation(expected.subarray(at, at + width), got.subarray(at, at + width)) > tolerance) return true;
  }
  return false;
}

const COLUMNS: readonly Column[] = [
  { key: "name", title: "model" },
  { key: "deviation", title: "rounding changes a row by" },
  { key: "tolerance", title: "compared within" },
  { key: "namedBefore", title: "of 8 honest tabs one row too far off for the old rule" },
  { key: "fate", title: "fate" },
  { key: "quarantined", title: "honest tabs quarantined" },
  { key: "sentence", title: "its submitter reads" },
];

const NOTES = [
  `${QUERIES} queries, K = 4, S = 1, exact; two tabs a back-end: wasm, cpu, webgl, webgl with 16-bit textures. What is refused is submitted once more,`,
  'with "ifUnstable": "unchecked". The old rule: one run of the coordinator within 1e-3 (5e-2 for half precision) of each row.',
];

export const illConditioned: Measurer = {
  name: "ill-conditioned",
  title: "Thirty ill-conditioned models on honest tabs: what becomes of them, and is anybody quarantined?",
  flags: ["models"],
  switches: ["no-browser"],
  run: (options) => {
    const { flags = {} } = options;
    const models = countFlag(flags, "models");
    return run({
      ...options,
      withBrowser: flags["no-browser"] === undefined,
      ...(models === undefined ? {} : { models }),
    });
  },
};
