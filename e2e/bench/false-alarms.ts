/**
 * Honest tabs on different back-ends round differently. Is one of them ever taken for a liar?
 *
 *     npm run bench -- false-alarms [--seed N] [--json FILE] [--batches N] [--together N] [--queries N] [--ill-queries N]
 *         [--only alone|together] [--no-browser]
 *
 * Every back-end answers every query once, really; these answers are replayed, and what is new (parities) is really computed by
 * the tab's own back-end, while the real coordinator audits with its own. webgl runs in Chromium. Each well-conditioned model alone first,
 * then all of them and thirty ill-conditioned ones at once.
 */

import { probedOn } from "../../server/kinds/inference/core/model-classes.ts";
import { type Tolerances, UNMEASURED_TOLERANCES } from "../../shared/verify/compare-rows.ts";
import { tolerancesFor } from "../../shared/verify/sensitivity.ts";
import type { TabFaults } from "../crowd/tab-faults.ts";
import { runAll } from "../proofs/scenarios/mnist-base.ts";
import { withKnownOutputs } from "../proofs/simulator/known-outputs.ts";
import { type JobsOutcome, runJobs } from "../proofs/simulator/run-jobs.ts";
import { type Backend, type Backends, openBackends } from "./backends.ts";
import { comparedJob, K, STRAGGLERS, slowTab } from "./false-alarms-jobs.ts";
import { falseAlarmsTogether } from "./false-alarms-together.ts";
import { countFlag } from "./flags.ts";
import { type InferenceCase, knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { jobWorld, loadOnce } from "./job-world.ts";
import type { Column, FurtherTable, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { settingsUsed } from "./settings-used.ts";

const TABS_PER_BACKEND = 3;
/** Batches of each model; the MLP alone makes the number that is promised. */
const BATCHES: Readonly<Record<string, number>> = { "mnist-mlp": 100_000, "fashion-cnn": 10_000 };
const BATCHES_TOGETHER = 100_000;
const ILL_MODELS = 30;
const QUERIES: Readonly<Record<string, number>> = { "mnist-mlp": 10_000, "fashion-cnn": 2_000 };
export const FALSE_ALARMS_SET = settingsUsed(Object.values(QUERIES).map(comparedJob));

export interface FalseAlarmsOptions extends MeasureOptions {
  /** Of each model, at least so many. */
  readonly batches?: number;
  readonly queries?: number;
  readonly models?: readonly string[];
  readonly withBrowser?: boolean;
  /** Of all models at once, at least so many. */
  readonly together?: number;
  readonly illModels?: number;
  readonly queriesOfIll?: number;
  readonly only?: "alone" | "together";
}

export async function run(options: FalseAlarmsOptions): Promise<Measurement> {
  const { seed, progress, models = Object.keys(BATCHES), withBrowser = true, only } = options;
  const backends = await openBackends({ withBrowser });
  const rows: Measurement["rows"][number][] = [];
  const cases: InferenceCase[] = [];
  const tables: FurtherTable[] = [];
  try {
    for (const known of knownCasesOf(["mnist", "fashion"])) {
      if (!models.includes(known.model)) continue;
      cases.push(await loadKnownCase(known, options.queries ?? QUERIES[known.model]!, progress));
    }
    if (only !== "together") for (const each of cases) rows.push(...(await rowsOf(each, backends, options)));
    if (only !== "alone") {
      const { together: batches = BATCHES_TOGETHER, illModels = ILL_MODELS, queriesOfIll } = options;
      const asked = {
        seed,
        progress,
        cases,
        batches,
        illModels,
        ...(queriesOfIll === undefined ? {} : { queriesOfIll }),
      };
      tables.push(await falseAlarmsTogether(asked, backends.all));
    }
  } finally {
    for (const { model } of cases) model.dispose();
    await backends.close();
  }
  const [table] = only === "together" ? tables : [];
  if (table !== undefined) return { ...table, name: falseAlarms.name };
  const batches = rows.reduce((sum, row) => sum + (row.batches as number), 0);
  const alarms = rows.reduce((sum, row) => sum + (row.quarantined as number), 0);
  const sum = `${batches} honest batches, ${alarms} volunteers quarantined.`;
  return {
    name: falseAlarms.name,
    title: falseAlarms.title,
    columns: COLUMNS,
    rows,
    notes: [...NOTES, sum],
    tables,
    set: FALSE_ALARMS_SET,
  };
}

async function rowsOf(
  inferenceCase: InferenceCase,
  { all }: Backends,
  { seed, progress, batches: asked }: FalseAlarmsOptions,
): Promise<Measurement["rows"]> {
  const { modelName, count } = inferenceCase;
  const wanted = asked ?? BATCHES[modelName]!;
  const recorded: Recorded[] = [];
  for (const backend of all) {
    progress(`${modelName}: ${count} queries on ${backend.name}`);
    recorded.push(await record(backend, inferenceCase));
  }
  const tabs = recorded.flatMap(({ backend: { name: backend }, load }): TabFaults[] =>
    Array.from({ length: TABS_PER_BACKEND }, () => slowTab(backend, load)),
  );
  const world = await jobWorld(inferenceCase);
  let batches = 0;
  function* jobs() {
    do yield comparedJob(count);
    while (batches < wanted);
  }
  const outcome = await runJobs({
    seed,
    tabs,
    ...world.common,
    onJobEnd(all) {
      batches = all.reduce((sum, tab) => sum + tab.batches, 0);
      progress(`${modelName}: ${batches} of ${wanted} batches`);
    },
    jobs: jobs(),
  });
  const tolerances = tolerancesOf(outcome);
  return recorded.map(({ backend, largestDeviation }, b) => {
    const own = outcome.tabs.slice(b * TABS_PER_BACKEND, (b + 1) * TABS_PER_BACKEND);
    const names = new Set(own.map(({ volunteerId }) => volunteerId));
    const volunteers = outcome.volunteers.filter(({ volunteerId }) => names.has(volunteerId));
    const { precision = null } = outcome.sessions.find(({ volunteerId }) => names.has(volunteerId)) ?? {};
    return {
      model: modelName,
      backend: backend.name,
      tabs: TABS_PER_BACKEND,
      batches: own.reduce((sum, tab) => sum + tab.batches, 0),
      auditedRows: volunteers.reduce((sum, { auditsPassed }) => sum + auditsPassed, 0),
      failedAudits: volunteers.reduce((sum, { auditsFailed }) => sum + auditsFailed, 0),
      quarantined: volunteers.filter(({ quarantine }) => quarantine !== null).length,
      precision,
      tolerance: precision === null ? null : tolerances[probedOn(backend.name, precision)],
      largestDeviation,
    };
  });
}

/** The widest of its jobs, which the trial of each measured. */
function tolerancesOf({ jobs }: JobsOutcome): Tolerances {
  const deviation = Math.max(...jobs.map(({ view }) => view.sensitivity?.deviation ?? 0));
  return tolerancesFor({ rows: 0, rowsOnSecond: 0, deviation }) ?? UNMEASURED_TOLERANCES;
}

interface Recorded {
  readonly backend: Backend;
  readonly load: Backend["load"];
  /** Between its answers and the coordinator's, as a share of the row's rms. */
  readonly largestDeviation: number;
}

async function record(backend: Backend, { bundle, queries, outputs, count }: InferenceCase): Promise<Recorded> {
  const model = await backend.load(bundle);
  const own = await runAll(model, queries, count);
  const load = loadOnce((bytes) => backend.load(bytes), [[bundle, withKnownOutputs(model, queries, own)]]);
  return { backend, load, largestDeviation: largestDeviationOf(outputs, own, model.facts.outputSize) };
}

function largestDeviationOf(expected: Float32Array, got: Float32Array, outputSize: number): number {
  let largest = 0;
  for (let at = 0; at < expected.length; at += outputSize) {
    let [squares, difference] = [0, 0];
    for (let c = at; c < at + outputSize; c++) {
      squares += expected[c]! ** 2;
      difference = Math.max(difference, Math.abs(expected[c]! - got[c]!));
    }
    largest = Math.max(largest, difference / Math.sqrt(squares / outputSize));
  }
  return largest;
}

const COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "backend", title: "back-end" },
  { key: "tabs", title: "tabs" },
  { key: "batches", title: "batches" },
  { key: "auditedRows", title: "audited rows" },
  { key: "failedAudits", title: "failed" },
  { key: "quarantined", title: "quarantined" },
  { key: "precision", title: "measured as" },
  { key: "tolerance", title: "tolerance", digits: 6 },
  { key: "largestDeviation", title: "largest deviation", digits: 7 },
];

const NOTES = [
  `K = ${K}, S = ${STRAGGLERS}, batches of some four rows, one crowd of all back-ends, one job after another, each strict, with a bound of one wrong answer a job:`,
  "of half of its rows the coordinator says the answer, too. audited rows: of the volunteer's record. Tolerance: of jobs whose trial found most. Deviation: of answers to all queries, from the coordinator's tfjs wasm, the largest difference over the row's rms.",
  "webgl is Chromium's, without a graphics card where the machine has none; with 16 bits every weight and activation is stored in half precision.",
];

export const falseAlarms: Measurer = {
  name: "false-alarms",
  title: "Honest tabs on different back-ends: is anybody quarantined?",
  flags: ["batches", "together", "queries", "ill-queries", "only"],
  switches: ["no-browser"],
  run: (options) => {
    const { flags = {} } = options;
    const [batches, together, only] = [countFlag(flags, "batches"), countFlag(flags, "together"), flags.only];
    const [queries, queriesOfIll] = [countFlag(flags, "queries"), countFlag(flags, "ill-queries")];
    if (only !== undefined && only !== "alone" && only !== "together")
      throw new Error(`--only: expected alone or together, got "${only}"`);
    return run({
      ...options,
      withBrowser: flags["no-browser"] === undefined,
      ...(batches === undefined ? {} : { batches }),
      ...(together === undefined ? {} : { together }),
      ...(queries === undefined ? {} : { queries }),
      ...(queriesOfIll === undefined ? {} : { queriesOfIll }),
      ...(only === undefined ? {} : { only }),
    });
  },
};
