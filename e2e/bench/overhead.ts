/**
 * What coding and checking cost the coordinator, beside what the work itself costs the tabs:
 *
 *     npm run bench -- overhead [--runs N] [--only PART-OF-A-MODEL] [--seed N] [--json FILE]
 *
 * A coordinator as operators run it, in a process of its own; twelve honest volunteers in this one, over real sockets, at default settings.
 * Counted is all processor time of the coordinator's process, of its threads and of the processes that run models, from a job's submission
 * until its receipt is signed; and of the tabs the time within the model alone. Ratios of processor time do not depend on what else the
 * machine does, but for its caches.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assetsInNode } from "../../server/numerics/runtime-assets.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { startRuntimes } from "../../shared/compute/runtimes/start-runtimes.ts";
import { encodeNpy, type NpyArray } from "../../shared/protocol/npy.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { startProcess } from "../coordinators/coordinator-process.ts";
import { openAnsweringVolunteer } from "../crowd/answering-volunteer.ts";
import { testSetNamed } from "../datasets/fetch.ts";
import { drawSymbols } from "../demo/onnx/drawn-symbols.ts";
import { bundleOf, MODEL_FOLDERS, modelFilesOf } from "../models/model-files.ts";
import { SYMBOL_SIDE, symbolModel } from "../models/symbol-model.ts";
import { comingAgain } from "../proofs/attacks/attacked-coordinator.ts";
import { countFlag } from "./flags.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { processTreeCpuMs } from "./process-tree-cpu.ts";
import { settingsUsed } from "./settings-used.ts";

const TABS = 12;
const RUNS = 5;
const GOAL = 0.1;
export const SYMBOLS = "symbols (ONNX)";
const SYMBOLS_DRAW = 1;
const CONNECT_MS_MAX = 60_000;
const LOOK_MS = 50;

interface Setting {
  readonly model: string;
  readonly queries: number;
}

/** The largest model is a hundred times as slow as the smallest: fewer rows are as well timed. */
const SETTINGS: readonly Setting[] = [
  { model: "mnist-mlp", queries: 3_000 },
  { model: "mnist-cnn", queries: 3_000 },
  { model: "cifar-resnet", queries: 1_600 },
  { model: SYMBOLS, queries: 300 },
];
/** Of volunteers without a record, and of the same ones once they have one. */
const JOBS = ["newcomers", "known"] as const;

export interface OverheadOptions extends MeasureOptions {
  readonly settings?: readonly Setting[];
  readonly runs?: number;
}

export async function run({ seed, progress, flags = {}, ...options }: OverheadOptions): Promise<Measurement> {
  const runs = options.runs ?? countFlag(flags, "runs") ?? RUNS;
  const settings = (options.settings ?? SETTINGS).filter(({ model }) => model.includes(flags.only ?? ""));
  const costs = new Map<string, JobCost[][]>(settings.map(({ model }) => [model, []]));
  // One run of each after the other, so that a machine that is slower for a while is slower for all.
  for (let n = 0; n < runs; n++) {
    for (const { model, queries } of settings) {
      progress(`${model}, ${queries} queries, run ${n + 1} of ${runs}`);
      costs.get(model)!.push(await costsOf(await workOf(model, queries, seed + n, progress)));
    }
  }
  const rows = settings.flatMap(({ model, queries }) =>
    JOBS.map((volunteers, j) => {
      const own = costs.get(model)!.map((jobs) => jobs[j]!);
      return { model, volunteers, queries, runs, ...over(own) };
    }),
  );
  return { name: overhead.name, title: overhead.title, columns: COLUMNS, rows, notes: NOTES, set: OVERHEAD_SET };
}

export interface Work {
  readonly files: readonly { readonly name: string; readonly data: Uint8Array<ArrayBuffer> }[];
  readonly bundle: Uint8Array;
  readonly queries: NpyArray;
}

export async function workOf(
  name: string,
  count: number,
  seed: number,
  progress: (line: string) => void,
): Promise<Work> {
  if (name === SYMBOLS) {
    const { served } = await symbolModel(progress);
    const { pixels } = drawSymbols(count, SYMBOL_SIDE, randomAt(seed, SYMBOLS_DRAW));
    const queries = { dtype: "U8", shape: [count, 1, SYMBOL_SIDE, SYMBOL_SIDE], data: pixels.slice() } as const;
    return { files: [{ name: "symbols.onnx", data: served }], bundle: packOnnx(served), queries };
  }
  const folder = MODEL_FOLDERS[name as keyof typeof MODEL_FOLDERS];
  const set = await testSetNamed(name.startsWith("mnist") ? "mnist" : "cifar", progress);
  const shape = [count, set.rows, set.columns, set.channels];
  const data = set.images.slice(
    0,
    shape.reduce((size, side) => size * side, 1),
  );
  const files = (await modelFilesOf(folder)).map(({ name, bytes }) => ({ name, data: bytes }));
  return { files, bundle: await bundleOf(folder), queries: { dtype: "U8", shape, data } };
}

/** Each volunteer is at an address of its own. */
export const OVERHEAD_SET = settingsUsed([{}], { PARITAB_TRUST_LOOPBACK: "1" });

interface JobCost {
  readonly tabSeconds: number;
  /** Of a tab, a row that it computes. */
  readonly msPerRow: number;
  /** Of the queries, rows that the coordinator recomputed. */
  readonly auditShare: number;
  /** Of the coordinator, a query. */
  readonly coordinatorMsPerQuery: number;
  /** The coordinator's over the tabs'. */
  readonly share: number;
}

/** Of each of JOBS, on a coordinator of their own. */
async function costsOf({ files, bundle, queries }: Work): Promise<JobCost[]> {
  const model = await startRuntimes("wasm", assetsInNode).load(bundle);
  const tabs = new ComputingTabs(model);
  // The first run of a model compiles it: as the coordinator's own processes, it is warm before anybody counts.
  await tabs.answer(new Float32Array(model.facts.inputSize), 1);
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-overhead-"));
  // All volunteers come from this machine.
  const environment = { PARITAB_LOG_LEVEL: "silent", PARITAB_TRUST_LOOPBACK: "1" };
  const coordinator = await startProcess({ dataDirectory, environment, flags: ["--allow-faults"] });
  const volunteers = await Promise.all(
    Array.from({ length: TABS }, (_, tab) =>
      comingAgain(() =>
        openAnsweringVolunteer(
          coordinator.url,
          `tab ${tab}`,
          (_, rows, rowCount) => tabs.answer(rows, rowCount),
          "wasm",
        ),
      ),
    ),
  );
  try {
    const client = createParitabClient({ baseUrl: coordinator.url });
    await allThere(client, TABS);
    const { modelSha256 } = await client.uploadModel(files);
    const { tensorSha256: queriesSha256 } = await client.uploadTensor(encodeNpy(queries));
    const source = { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 / 255 } as const;
    const costs: JobCost[] = [];
    for (const _ of JOBS) {
      tabs.taken();
      const beforeMs = processTreeCpuMs(coordinator.pid);
      const { jobId } = await client.submit({ kind: "inference", source });
      for await (const job of client.watch(jobId)) if (job.state === "failed") throw new Error(`bench: ${job.error}`);
      await client.signedReceipt(jobId);
      const coordinatorMs = processTreeCpuMs(coordinator.pid) - beforeMs;
      const { cpuMs, rows } = tabs.taken();
      const { auditedRows, queryCount } = await client.inferenceJob(jobId);
      costs.push({
        tabSeconds: cpuMs / 1e3,
        msPerRow: cpuMs / rows,
        auditShare: auditedRows / queryCount,
        coordinatorMsPerQuery: coordinatorMs / queryCount,
        share: coordinatorMs / cpuMs,
      });
    }
    return costs;
  } finally {
    for (const volunteer of volunteers) volunteer.stop();
    await coordinator.end("SIGTERM");
    await rm(dataDirectory, { recursive: true, force: true });
    model.dispose();
  }
}

/** @throws Error where they are not within CONNECT_MS_MAX */
export async function allThere(client: ParitabClient, tabs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < CONNECT_MS_MAX; waitedMs += LOOK_MS) {
    const ready = (await client.sessions()).filter(({ state }) => state === "idle" || state === "working");
    if (ready.length === tabs) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`overhead: expected ${tabs} tabs within ${CONNECT_MS_MAX} ms`);
}

/** One model for all tabs, one batch at a time, and the processor time within it. */
class ComputingTabs {
  readonly #model: LoadedModel;
  #cpuMs = 0;
  #rows = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(model: LoadedModel) {
    this.#model = model;
  }

  answer(rows: Float32Array, rowCount: number): Promise<Float32Array> {
    const computed = this.#last.then(async () => {
      const before = process.cpuUsage();
      const outputs = await this.#model.run(rows, rowCount);
      const { user, system } = process.cpuUsage(before);
      this.#cpuMs += (user + system) / 1e3;
      this.#rows += rowCount;
      return outputs;
    });
    this.#last = computed.catch(() => {});
    return computed;
  }

  /** Since this was asked last. */
  taken(): { cpuMs: number; rows: number } {
    const taken = { cpuMs: this.#cpuMs, rows: this.#rows };
    [this.#cpuMs, this.#rows] = [0, 0];
    return taken;
  }
}

/** Means over runs, with half of the 95 % interval of the share. */
function over(costs: readonly JobCost[]) {
  const mean = (key: keyof JobCost) => meanInterval(costs.map((cost) => cost[key])).mean!;
  const { halfWidth } = meanInterval(costs.map(({ share }) => share));
  const share = mean("share");
  return {
    msPerRow: mean("msPerRow"),
    tabSeconds: mean("tabSeconds"),
    auditShare: mean("auditShare"),
    coordinatorMsPerQuery: mean("coordinatorMsPerQuery"),
    share,
    shareHalfWidth: halfWidth,
    kept: share < GOAL ? "yes" : "NO",
  };
}

const COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "msPerRow", title: "ms a row", digits: 3 },
  { key: "volunteers", title: "volunteers" },
  { key: "queries", title: "queries" },
  { key: "tabSeconds", title: "tabs s", digits: 2 },
  { key: "auditShare", title: "audited rows", digits: 3 },
  { key: "coordinatorMsPerQuery", title: "coordinator, ms a query", digits: 3 },
  { key: "share", title: "coordinator / tabs", digits: 3 },
  { key: "shareHalfWidth", title: "±", digits: 3 },
  { key: "kept", title: `below ${GOAL}` },
];

const NOTES = [
  "Processor time. coordinator: its process, threads and the processes that run models, from submission to signed receipt: the trial, grouping,",
  "encoding, audits, decoding, sockets, database, receipt. tabs: the model alone. known: the second job of the same volunteers, whose records are",
  `long. ${TABS} volunteers over sockets, default settings, nobody late or lying. ±: half of the 95 % interval over the runs.`,
];

export const overhead: Measurer = {
  name: "overhead",
  title: "All processor time of the coordinator, at default settings, as a share of what the tabs compute",
  flags: ["runs", "only"],
  run,
};
