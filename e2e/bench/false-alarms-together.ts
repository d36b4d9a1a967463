/**
 * Well-conditioned and ill-conditioned models at once in one crowd of honest tabs on all back-ends: what one job says of a volunteer, the
 * others believe. Part of `npm run bench -- false-alarms`.
 */
import { assetsInNode } from "../../server/numerics/runtime-assets.ts";
import { unpackFormat } from "../../shared/compute/model-bundle.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { startRuntimes } from "../../shared/compute/runtimes/start-runtimes.ts";
import { startTrustedRuntimes } from "../../shared/compute/runtimes/start-trusted.ts";
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { TabFaults } from "../crowd/tab-faults.ts";
import { volunteerName } from "../crowd/tab-names.ts";
import { runAll } from "../proofs/scenarios/mnist-base.ts";
import { withKnownOutputs } from "../proofs/simulator/known-outputs.ts";
import type { JobsRun } from "../proofs/simulator/run-jobs.ts";
import type { Backend } from "./backends.ts";
import { comparedJob, K, STRAGGLERS, slowTab } from "./false-alarms-jobs.ts";
import { illConditionedModels, WIDTH } from "./ill-conditioned-models.ts";
import type { InferenceCase } from "./inference-case.ts";
import { loadOnce } from "./job-world.ts";
import { type JobEnded, runTogether } from "./jobs-together.ts";
import type { Column, FurtherTable } from "./measurement.ts";
import { ModelTurns, type Turn, type TurnModel } from "./model-turns.ts";

const TABS_PER_BACKEND = 3;
const JOBS_AT_ONCE = 4;
const QUERIES_OF_ILL = 2_000;
/** Of the batches; the other half is shared by the well-conditioned models, most of it by the smallest. */
const SHARE_OF_ILL = 0.5;
const ILL = "ill-conditioned";

export interface TogetherAsked {
  readonly seed: number;
  /** Of models that are not refused: at least so many. */
  readonly batches: number;
  readonly cases: readonly InferenceCase[];
  /** The first so many of the thirty. */
  readonly illModels: number;
  readonly queriesOfIll?: number;
  readonly progress: (line: string) => void;
}

export async function falseAlarmsTogether(asked: TogetherAsked, backends: readonly Backend[]): Promise<FurtherTable> {
  const { seed, progress, batches } = asked;
  const models = [...wellConditioned(asked.cases), ...illConditioned(asked)];
  const inTabs = startRuntimes("wasm", assetsInNode);
  const { first, second, tab } = startTrustedRuntimes(assetsInNode);
  const computed = new Batches();
  const turns = new ModelTurns({
    models,
    settingsOf: ({ queries }) => comparedJob(queries.shape[0]!),
    batches,
    batchesOf: (model) => computed.ofAll(model),
  });
  const crowd: { readonly backend: Backend; readonly load: JobsRun["load"] }[] = [];
  for (const backend of backends) {
    progress(`${models.length} models on ${backend.name}`);
    // ONNX files run on WebAssembly, whatever a tab has.
    const load = (bytes: Uint8Array) => (unpackFormat(bytes) === "onnx" ? inTabs.load(bytes) : backend.load(bytes));
    const known = await allKnown(models, load, (model, loaded) => computed.counting(backend, model, loaded));
    crowd.push({ backend, load: loadOnce(load, known) });
  }
  const ended: JobEnded<Turn>[] = [];
  const volunteers = await runTogether<Turn>({
    seed,
    atOnce: JOBS_AT_ONCE,
    tabs: crowd.flatMap(({ backend: { name: backend }, load }): TabFaults[] =>
      Array.from({ length: TABS_PER_BACKEND }, () => slowTab(backend, load)),
    ),
    load: loadOnce(first.load, await allKnown(models, first.load)),
    loadSecond: loadOnce(second.load),
    loadAsTabs: loadOnce(tab.load, await allKnown(models, tab.load)),
    next: () => turns.next(),
    onEnd: (job) => {
      ended.push(job);
      turns.ended(job.asked, job.fate);
      progress(`together: ${turns.compared()} of ${batches} batches; ${job.asked.model.name}: ${job.fate}`);
    },
  });
  const groups = groupsOf(models, turns);
  const rows = groups.flatMap(({ group, own }) =>
    backends.map((backend, b) => {
      const names = volunteersOf(b);
      const jobs = ended.filter(({ asked }) => own.includes(asked.model));
      const audits = jobs.flatMap(({ audits }) => names.flatMap((name) => audits.get(name) ?? []));
      const sum = (key: "rows" | "failed") => audits.reduce((total, each) => total + each[key], 0);
      const isNamed = ({ volunteerId, quarantine }: VolunteerView) =>
        names.includes(volunteerId) && jobs.some(({ jobId }) => jobId === quarantine?.jobId);
      return {
        ...{ group, models: own.length, jobs: jobs.filter(({ fate }) => fate !== "refused").length },
        ...{ backend: backend.name, batches: own.reduce((total, model) => total + computed.of(backend, model), 0) },
        ...{ auditedRows: sum("rows"), failedRows: sum("failed"), quarantined: volunteers.filter(isNamed).length },
      };
    }),
  );
  const quarantined = volunteers.filter(({ quarantine }) => quarantine !== null).length;
  const last =
    `${turns.compared()} honest batches of models that are compared, ${quarantined} of ${volunteers.length} volunteers quarantined; ` +
    `at first ${turns.fates()}.`;
  return { name: "together", title: TITLE, columns: COLUMNS, rows, notes: [...NOTES, last] };
}

function wellConditioned(cases: readonly InferenceCase[]): TurnModel[] {
  const shares = cases.map((_, i) => (i === 0 ? 1 : 0.1));
  const sum = shares.reduce((total, share) => total + share, 0);
  return cases.map(({ modelName: name, bundle, queries: data, count, model }, i) => ({
    ...{ name, group: name, bundle, share: (1 - SHARE_OF_ILL) * (shares[i]! / sum) },
    queries: { dtype: "F32", shape: [count, ...model.facts.inputShape], data },
  }));
}

function illConditioned({ seed, illModels, queriesOfIll = QUERIES_OF_ILL }: TogetherAsked): TurnModel[] {
  const random = simulationRandom(seed);
  const data = Float32Array.from({ length: queriesOfIll * WIDTH }, () => random.uniform());
  const queries = { dtype: "F32", shape: [queriesOfIll, WIDTH], data } as const;
  const models = illConditionedModels(seed).slice(0, illModels);
  return models.map((model) => ({ ...model, queries, group: ILL, share: SHARE_OF_ILL }));
}

/** Every model with its answers to all of its queries: those are looked up, and what is new (mixtures, shifted inputs) is computed. */
async function allKnown(
  models: readonly TurnModel[],
  load: JobsRun["load"],
  around: (model: TurnModel, loaded: LoadedModel) => LoadedModel = (_, loaded) => loaded,
): Promise<(readonly [Uint8Array, LoadedModel])[]> {
  const known: (readonly [Uint8Array, LoadedModel])[] = [];
  for (const model of models) {
    const [loaded, rows] = [await load(model.bundle), model.queries.data as Float32Array];
    const outputs = await runAll(loaded, rows, model.queries.shape[0]!);
    known.push([model.bundle, around(model, withKnownOutputs(loaded, rows, outputs))]);
  }
  return known;
}

/** Batches that tabs computed, by back-end and model. */
class Batches {
  readonly #counts = new Map<TurnModel, Map<string, number>>();

  counting({ name }: Backend, model: TurnModel, loaded: LoadedModel): LoadedModel {
    const counts = this.#counts.get(model) ?? new Map<string, number>();
    this.#counts.set(model, counts);
    return {
      ...loaded,
      run(rows, rowCount) {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return loaded.run(rows, rowCount);
      },
    };
  }

  of({ name }: Backend, model: TurnModel): number {
    return this.#counts.get(model)?.get(name) ?? 0;
  }

  ofAll(model: TurnModel): number {
    return [...(this.#counts.get(model)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }
}

/** Rows of the table: what is refused is apart, for nothing is compared there. */
function groupsOf(models: readonly TurnModel[], turns: ModelTurns): { group: string; own: TurnModel[] }[] {
  const labelOf = (model: TurnModel) =>
    turns.isRefused(model) ? `${model.group}, refused, then unchecked` : model.group;
  const labels = [...new Set(models.map(labelOf))];
  return labels.map((group) => ({ group, own: models.filter((model) => labelOf(model) === group) }));
}

/** As simulated tabs call themselves. */
function volunteersOf(backend: number): string[] {
  return Array.from({ length: TABS_PER_BACKEND }, (_, n) => volunteerName(backend * TABS_PER_BACKEND + n));
}

const TITLE = "Well-conditioned and ill-conditioned models at once in one crowd: is anybody quarantined?";

const COLUMNS: readonly Column[] = [
  { key: "group", title: "models" },
  { key: "models", title: "how many" },
  { key: "jobs", title: "jobs" },
  { key: "backend", title: "back-end" },
  { key: "batches", title: "batches" },
  { key: "auditedRows", title: "audited rows" },
  { key: "failedRows", title: "failed" },
  { key: "quarantined", title: "quarantined" },
];

const NOTES = [
  `K = ${K}, S = ${STRAGGLERS}, batches of some four rows, half of them computed by the coordinator too, ${JOBS_AT_ONCE} jobs at once, ${TABS_PER_BACKEND} tabs a back-end, whose records all jobs share.`,
];
