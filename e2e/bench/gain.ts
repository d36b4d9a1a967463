/**
 * Home gain: how many times as much one coordinator gets done with volunteers as its own processor would alone.
 *
 *     npm run bench -- gain [--strangers] [--rows N | --rows-each N] [--volunteers N,N,...] [--only MODEL] [--native] [--profile] [--seed N] [--json FILE]
 *
 * Processor time of a row at home, on one thread of the WebAssembly runtime that tabs have, over that of the whole coordinator for a final
 * answer: its process, its threads and the processes that run models, from submission to signed receipt. The volunteers of this process look
 * answers up, so that the machine is the coordinator's. Nothing is set: jobs are those of whoever types nothing, and all volunteers are at one
 * address, as those of a class are. --strangers puts each at an address of its own, as volunteers of the open web are. However large and fast a crowd is, no coordinator gives more. --profile runs each
 * model once more and says where the time of its main thread goes. --rows-each gives each volunteer as many rows of a job, however many there are: what a
 * batch costs is the same for whatever it holds, and of a job with few rows for each volunteer batches are small. --only takes a part of a model's
 * name, and where it is the whole name no other. --native asks for onnxruntime's native build, which the coordinator and home
 * then have alike (docs/run-a-coordinator.md, "ONNX rows, natively").
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assetsInNode } from "../../server/numerics/runtime-assets.ts";
import type { LoadedModel, ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { nativeOnnx } from "../../shared/compute/runtimes/onnx/native-onnx.ts";
import { nativeRuntime } from "../../shared/compute/runtimes/onnx/trusted-onnx.ts";
import { startRuntimes } from "../../shared/compute/runtimes/start-runtimes.ts";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { encodeNpy, type NpyArray } from "../../shared/protocol/npy.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { startProcess } from "../coordinators/coordinator-process.ts";
import { openAnsweringVolunteer } from "../crowd/answering-volunteer.ts";
import { rowKey } from "../crowd/fnv.ts";
import { comingAgain } from "../proofs/attacks/attacked-coordinator.ts";
import { countFlag, countsFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { allThere, SYMBOLS, type Work, workOf } from "./overhead.ts";
import { childrenCpuMs, livingChildrenCpuMs, mainThreadCpuMs, processTreeCpuMs } from "./process-tree-cpu.ts";
import { type ClockSpan, profileShares } from "./profile-shares.ts";
import { settingsUsed } from "./settings-used.ts";

const ROWS = 20_000;
const VOLUNTEERS = 16;
/** Rows that differ from each other; the job asks for each of them several times. */
const DISTINCT_ROWS = 2_000;
const SYMBOLS_DISTINCT_ROWS = 400;
/**
 * Jobs of the same volunteers one after the other: in the first they have no record, in the second they have one. By the last one V8 has compiled
 * most of what a coordinator runs, as in one that was not started a minute ago.
 */
const JOBS = 4;
const JOBS_TOLD: readonly number[] = [1, 2, JOBS];
/** What a profile says is told of these. */
const JOBS_PROFILED = 2;

const MODELS = ["cifar-resnet", SYMBOLS] as const;

/** Beside its source a job says nothing. */
const JOB: Partial<InferenceSubmission> = {};
/** All volunteers come from this machine. */
const STRANGERS = { PARITAB_TRUST_LOOPBACK: "1" } as const;

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const crowds = countsFlag(flags, "volunteers") ?? [VOLUNTEERS];
  const rowsEach = countFlag(flags, "rows-each");
  const native = flags.native === undefined ? null : await nativeHome();
  const rows: Measurement["rows"][number][] = [];
  const profiles: Measurement["rows"][number][] = [];
  const surroundings = flags.strangers === undefined ? {} : STRANGERS;
  const models = MODELS.filter((model) => model.includes(flags.only ?? "") && (native === null || model === SYMBOLS));
  const runs = models.flatMap((model) => crowds.map((volunteers) => ({ model, volunteers })));
  for (const { model, volunteers } of runs) {
    const rowCount = rowsEach === undefined ? (countFlag(flags, "rows") ?? ROWS) : rowsEach * volunteers;
    const distinct = Math.min(rowCount, model === SYMBOLS ? SYMBOLS_DISTINCT_ROWS : DISTINCT_ROWS);
    const work = await workOf(model, distinct, seed, progress);
    const known = await knownAnswers(work, native);
    const crowd = { work, known, surroundings, rowCount, volunteers };
    progress(`${model}: ${rowCount} rows, ${volunteers} volunteers; at home ${known.msPerRow.toFixed(2)} ms a row`);
    for (const row of (await gainsOf(crowd, JOBS, null)).rows.filter(({ job }) => JOBS_TOLD.includes(job))) {
      rows.push({ model, volunteers, rows: rowCount, ...row });
      progress(JSON.stringify(rows.at(-1)));
    }
    if (flags.profile !== undefined) profiles.push(...(await profileOf(model, crowd)));
    known.model.dispose();
  }
  const tables =
    profiles.length === 0
      ? []
      : [{ name: "profile", title: PROFILE_TITLE, columns: PROFILE_COLUMNS, rows: profiles, notes: PROFILE_NOTES }];
  const set = settingsUsed([JOB], surroundings);
  return { name: gain.name, title: gain.title, columns: COLUMNS, rows, notes: NOTES, tables, set };
}

interface Asked {
  readonly work: Work;
  readonly known: KnownAnswers;
  /** Of the coordinator. */
  readonly surroundings: Readonly<Record<string, string>>;
  readonly rowCount: number;
  readonly volunteers: number;
}

async function profileOf(model: string, asked: Asked): Promise<Measurement["rows"][number][]> {
  const directory = await mkdtemp(join(tmpdir(), "paritab-gain-profile-"));
  try {
    const { spans } = await gainsOf(asked, JOBS_PROFILED, directory);
    return (await profileShares(directory, spans)).map(({ part, share }) => ({
      model,
      volunteers: asked.volunteers,
      part,
      share,
    }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Of so many jobs, on a coordinator of their own. @param profiles a folder for what its threads did; null: none is kept */
async function gainsOf(
  { work, known, surroundings, rowCount, volunteers }: Asked,
  jobs: number,
  profiles: string | null,
) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-gain-"));
  const coordinator = await startProcess({
    dataDirectory,
    environment: { PARITAB_LOG_LEVEL: "silent", ...surroundings },
    nodeFlags: profiles === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`],
    flags: ["--allow-faults"],
  });
  let tabRows = 0;
  const answer = async (_model: string, rows: Float32Array, count: number) => {
    tabRows += count;
    return known.answers(rows, count);
  };
  const crowd = await Promise.all(
    Array.from({ length: volunteers }, (_, tab) =>
      comingAgain(() => openAnsweringVolunteer(coordinator.url, `tab ${tab}`, answer, "wasm")),
    ),
  );
  try {
    const client = createParitabClient({ baseUrl: coordinator.url });
    await allThere(client, volunteers);
    const { modelSha256 } = await client.uploadModel(work.files);
    const { tensorSha256: queriesSha256 } = await client.uploadTensor(encodeNpy(repeated(work.queries, rowCount)));
    const source = { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 / 255 } as const;
    const rows = [];
    const spans: ClockSpan[] = [];
    for (let job = 1; job <= jobs; job++) {
      // What the upload of a job let start is the job's.
      const earlyMs = job > 1 ? 0 : livingChildrenCpuMs(coordinator.pid);
      const beforeMs = processTreeCpuMs(coordinator.pid) - earlyMs;
      const [mainBeforeMs, modelsBeforeMs] = [
        mainThreadCpuMs(coordinator.pid),
        childrenCpuMs(coordinator.pid) - earlyMs,
      ];
      const fromMicros = microsNow();
      tabRows = 0;
      const { jobId } = await client.submit({ kind: "inference", source, ...JOB });
      for await (const job of client.watch(jobId)) if (job.state === "failed") throw new Error(`gain: ${job.error}`);
      await client.signedReceipt(jobId);
      const { auditedRows, finalCount, queryCount } = await client.inferenceJob(jobId);
      spans.push([fromMicros, microsNow()]);
      const coordinatorMsPerAnswer = (processTreeCpuMs(coordinator.pid) - beforeMs) / finalCount;
      rows.push({
        ...{ job, known: job > 1 ? "yes" : "no", homeMsPerRow: known.msPerRow, coordinatorMsPerAnswer },
        mainMsPerAnswer: (mainThreadCpuMs(coordinator.pid) - mainBeforeMs) / finalCount,
        modelsMsPerAnswer: (childrenCpuMs(coordinator.pid) - modelsBeforeMs) / finalCount,
        gain: known.msPerRow / coordinatorMsPerAnswer,
        nativeMsPerRow: known.nativeMsPerRow,
        gainOverNative: known.nativeMsPerRow === null ? null : known.nativeMsPerRow / coordinatorMsPerAnswer,
        trustedShare: auditedRows / queryCount,
        duplicateShare: tabRows / queryCount - 1,
        finalShare: finalCount / queryCount,
      });
    }
    return { rows, spans };
  } finally {
    for (const volunteer of crowd) volunteer.stop();
    await coordinator.end("SIGTERM");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** By the clock that V8's samples have. */
function microsNow(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

interface KnownAnswers {
  readonly model: LoadedModel;
  /** Processor time, once the model is warm. */
  readonly msPerRow: number;
  /** The same on the library's native build; null: it was not asked for. */
  readonly nativeMsPerRow: number | null;
  /** Looked up; what is no query, a mixture, is computed. */
  answers(rows: Float32Array, count: number): Promise<Float32Array>;
}

/** What a coordinator that finds the library computes rows with. @throws Error where it is not installed */
async function nativeHome(): Promise<ModelRuntime> {
  const { library, wanted, problem } = await nativeOnnx();
  const runtime = await nativeRuntime(async () => library);
  if (runtime !== null) return runtime;
  throw new Error(
    `--native: expected onnxruntime's native build, got none${problem === null ? "" : ` (${problem})`}: npm install --no-save --ignore-scripts ${wanted}`,
  );
}

/** Processor time of a row of that model, once it is warm. */
async function msPerRowOn(model: LoadedModel, inputs: Float32Array, count: number) {
  await model.run(inputs.slice(0, model.facts.inputSize), 1);
  const before = process.cpuUsage();
  const outputs = await model.run(inputs, count);
  const { user, system } = process.cpuUsage(before);
  return { outputs, msPerRow: (user + system) / 1e3 / count };
}

async function knownAnswers({ bundle, queries }: Work, native: ModelRuntime | null): Promise<KnownAnswers> {
  const model = await startRuntimes("wasm", assetsInNode).load(bundle);
  const { inputSize } = model.facts;
  const [count] = queries.shape as [number];
  const inputs = Float32Array.from(queries.data as Uint8Array, (pixel) => pixel / 255);
  const { outputs, msPerRow } = await msPerRowOn(model, inputs, count);
  const onNative = await native?.load(bundle);
  const nativeMsPerRow = onNative === undefined ? null : (await msPerRowOn(onNative, inputs, count)).msPerRow;
  onNative?.dispose();
  const width = outputs.length / count;
  const places = new Map(
    Array.from({ length: count }, (_, row) => [rowKey(inputs.subarray(row * inputSize, (row + 1) * inputSize)), row]),
  );
  return {
    model,
    ...{ msPerRow, nativeMsPerRow },
    async answers(rows, asked) {
      const found = Array.from({ length: asked }, (_, row) =>
        places.get(rowKey(rows.subarray(row * inputSize, (row + 1) * inputSize))),
      );
      if (found.includes(undefined)) return model.run(rows, asked);
      const answered = new Float32Array(asked * width);
      found.forEach((place, row) => {
        answered.set(outputs.subarray(place! * width, (place! + 1) * width), row * width);
      });
      return answered;
    },
  };
}

/** The same rows over and over. */
function repeated({ dtype, shape, data }: NpyArray, rows: number): NpyArray {
  const [count, ...rest] = shape as [number, ...number[]];
  const width = data.length / count;
  const all = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const from = (row % count) * width;
    all.set((data as Uint8Array).subarray(from, from + width), row * width);
  }
  return { dtype, shape: [rows, ...rest], data: all } as NpyArray;
}

const COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "volunteers", title: "volunteers" },
  { key: "rows", title: "rows" },
  { key: "job", title: "job" },
  { key: "known", title: "known" },
  { key: "homeMsPerRow", title: "at home, ms a row", digits: 3 },
  { key: "coordinatorMsPerAnswer", title: "coordinator, ms a final answer", digits: 3 },
  { key: "mainMsPerAnswer", title: "its main thread", digits: 3 },
  { key: "modelsMsPerAnswer", title: "models", digits: 3 },
  { key: "gain", title: "gain", digits: 1 },
  { key: "nativeMsPerRow", title: "at home natively, ms a row", digits: 3 },
  { key: "gainOverNative", title: "gain over that", digits: 1 },
  { key: "trustedShare", title: "trusted", digits: 4 },
  { key: "duplicateShare", title: "duplicates", digits: 4 },
  { key: "finalShare", title: "final", digits: 3 },
];

const NOTES = [
  "Processor time. at home: one thread of the same WebAssembly runtime. coordinator: its process, threads and the processes that run models, from",
  "submission to signed receipt, with the start of the process that an upload lets start. job: of the same volunteers on one coordinator, known from the",
  "second on. Later ones cost less because V8 has compiled what runs often. trusted:",
  "rows that the coordinator computed. models: the processes that run them, ended ones too, trials and checks; what is left are its other threads: numerics, those of",
  "V8 that compile and collect garbage, those that wait for files. duplicates: rows that volunteers computed beyond one for each query, mixtures too.",
  "natively: on the native build of the same library, one thread; the coordinator has it too then.",
  "Exact jobs that say nothing beside their source, batches as the scheduler sizes them, nobody late or lying. All volunteers are at one address;",
  "with --strangers each has its own (PARITAB_TRUST_LOOPBACK).",
];

const PROFILE_TITLE = "Where the coordinator's processor time goes";
const PROFILE_COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "volunteers", title: "volunteers" },
  { key: "part", title: "part" },
  { key: "share", title: "share", digits: 3 },
];
const PROFILE_NOTES = [
  "Samples of the main thread of the coordinator's process, from submission to signed receipt of both jobs, idle ones left out, by the file of the",
  "function that ran. What its other threads and the processes that run models spend is in the table above.",
];

export const gain: Measurer = {
  name: "gain",
  title: "Home gain: a row computed at home over the coordinator's whole processor time for a final answer",
  flags: ["rows", "rows-each", "volunteers", "only"],
  switches: ["native", "profile", "strangers"],
  run,
};
