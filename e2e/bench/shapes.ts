/**
 * Models of common shapes: 500 photographs as JPEG through nsfwjs's MobileNetV2 as its package ships it, and through torchvision's MobileNetV3
 * with random weights as a Hugging Face folder, the labels beside those of a straight script; and an encoder of MiniLM-L6's size, for size
 * and speed:
 *
 *     npm run build && npm run bench -- shapes [--pictures N] [--texts N] [--json FILE]
 *
 * Real coordinator and tabs, whose volunteers have a record from a job on digits before. Each row goes out once (S = E = 0); what is computed
 * beside, rows whose answers are known and second opinions, is counted apart from the form in which a row travels.
 */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { hubPlace } from "../../server/hub/hub-folder.ts";
import { prepareModel } from "../../server/intake/prepare-model.ts";
import { argmax } from "../../server/kinds/inference/engine/argmax.ts";
import { inMemory } from "../../shared/compute/byte-space.ts";
import { onnx } from "../../shared/compute/runtimes/onnx/onnx.ts";
import type { NamedFile } from "../../shared/compute/runtimes/runtime-description.ts";
import { sentFiles } from "../../shared/hub/hub-place.ts";
import { pictureModel } from "../../shared/hub/picture-model.ts";
import { Problems } from "../../shared/inputs/problems.ts";
import { encodeNpy, parseNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { testSetNamed } from "../datasets/fetch.ts";
import { npmPackage } from "../models/zoo/npm-package.ts";
import { runDirectly } from "../models/zoo/run-directly.ts";
import { ZOO, type ZooModel, zooFiles } from "../models/zoo/zoo-models.ts";
import { cli } from "../specs/terminal/fake-terminal.ts";
import { type CoordinatorWithTabs, coordinatorWithTabs } from "./coordinator-with-tabs.ts";
import { countFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { type SpentSoFar, spentByTabs, spentMeanwhile } from "./spent-by-tabs.ts";
import { travelledBytes } from "./travelled-bytes.ts";

const MODELS = fileURLToPath(new URL("../../build/models", import.meta.url));
const SCRIPTS = fileURLToPath(new URL("../models", import.meta.url));
const PICTURES = 500;
const TEXTS = 256;
const LENGTH = 64;
const VECTOR = 384;
const VOCABULARY = 30_522;
const TABS = 4;
const PYTHONS = ["python3", "/usr/bin/python3"];
/** Of a picture: its bytes as the model takes them. */
const PICTURE_BYTES = 224 * 224 * 3;
const LABELS = 10;
/** Numbers of a row on the way back. */
const FLOAT_BYTES = 4;
const SIDE = 224;
const NSFW_LABELS = 5;
/** Digits for which volunteers get a record: some 75 batches a tab, of which a row each is recomputed. */
const DIGITS = 3_000;

type Row = Record<string, string | number | null>;

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const python = PYTHONS.find((one) => spawnSync(one, ["-c", "import torchvision, onnxruntime, PIL"]).status === 0);
  if (python === undefined)
    throw new Error("shapes: expected a python3 with torchvision and onnxruntime (Debian has both)");
  const folder = await mkdtemp(join(tmpdir(), "paritab-shapes-"));
  const pictures = join(folder, "pictures");
  await writePictures(pictures, countFlag(flags, "pictures") ?? PICTURES, progress);
  progress("Making the models");
  runScript(python, "export_shapes.py", [pictures]);
  const world = await coordinatorWithTabs("shapes", TABS, seed);
  try {
    progress("Digits, for a record");
    await withRecords(world);
    progress("Pictures through MobileNetV3");
    const rows: Row[] = [await ofPictures(world, python, pictures, folder)];
    progress("Pictures through nsfwjs");
    rows.push(await ofNsfw(world, pictures, progress));
    progress("Texts through an encoder of MiniLM-L6's size");
    rows.push(await ofTexts(world, python, countFlag(flags, "texts") ?? TEXTS, seed));
    return { name: shapes.name, title: shapes.title, columns: COLUMNS, rows, notes: NOTES };
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Photographs of CIFAR-10's test set at four times their size. */
async function writePictures(folder: string, count: number, progress: (line: string) => void): Promise<void> {
  await mkdir(folder);
  const { images, rows, columns, channels } = await testSetNamed("cifar", progress);
  const each = rows * columns * channels;
  for (let i = 0; i < count; i++) {
    const raw = Buffer.from(images.subarray(i * each, (i + 1) * each));
    const picture = sharp(raw, { raw: { width: columns, height: rows, channels: 3 } }).resize(columns * 4, rows * 4);
    await picture.jpeg({ quality: 90 }).toFile(join(folder, `${String(i).padStart(4, "0")}.jpg`));
  }
}

async function withRecords({ client }: CoordinatorWithTabs): Promise<void> {
  const { jobId } = await client.submit({
    ...{ kind: "inference", queriesPerGroup: 1, stragglers: 0, liars: 0 },
    source: { kind: "sample", sample: "mnist", queryCount: DIGITS },
  });
  await jobDone(client, jobId);
}

async function jobDone(client: ParitabClient, jobId: string): Promise<void> {
  let job = await client.inferenceJob(jobId);
  while (job.finishedMs === null) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    job = await client.inferenceJob(jobId);
  }
  if (job.state !== "done") throw new Error(`shapes: expected answers, got ${job.state}: ${job.error}`);
}

function runScript(python: string, name: string, args: readonly string[], input = ""): string {
  const script = join(SCRIPTS, name);
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], {
    encoding: "utf8",
    input,
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`${name}: expected an answer, got: ${stderr.slice(-400)}`);
  return stdout;
}

const ONCE = ["--queries-per-group", "4", "--stragglers", "0", "--liars", "0"];

async function ofPictures(
  { url, crowd, client }: CoordinatorWithTabs,
  python: string,
  pictures: string,
  folder: string,
) {
  const model = join(MODELS, "mobilenet-v3");
  const direct = JSON.parse(runScript(python, "direct_pictures.py", [join(model, "model.onnx"), pictures])) as {
    labels: Record<string, number>;
    msPerRow: number;
  };
  const out = join(folder, "labels.csv");
  const environment = { PARITAB_URL: url, XDG_CONFIG_HOME: folder };
  const before = await spentByTabs({ crowd, client });
  const { code, said } = await cli(["submit", "--model", model, "--images", pictures, "--out", out, ...ONCE], {
    environment,
  });
  if (code !== 0) throw new Error(`shapes: paritab submit: ${said}`);
  const after = await spentByTabs({ crowd, client });
  const [head, ...lines] = (await readFile(out, "utf8")).trim().split("\n");
  const [file, label] = ["file", "label"].map((name) => head!.split(",").indexOf(name)) as [number, number];
  const got = new Map(
    lines.map((line) => line.split(",")).map((cells) => [cells[file]!.split("/").at(-1)!, cells[label]!]),
  );
  const names = Object.entries(direct.labels);
  const same = names.filter(([name, at]) => got.get(name) === `kind ${at}`).length;
  const problems = new Problems();
  const changed = await pictureModel(await hubPlace(model), problems);
  problems.throwIfAny();
  const sent = await prepared(
    changed!
      .files({ frame: changed!.plan.size!, showsInside: false })
      .map(({ name, data }) => ({ name, bytes: inMemory(data) })),
  );
  return {
    model: "MobileNetV3 small, 224 x 224",
    megabytes: (await readFile(join(model, "model.onnx"))).length / 1e6,
    rows: names.length,
    kinds: new Set(Object.values(direct.labels)).size,
    same: same / names.length,
    ...moved(before, after, { rows: names.length, ...sent, plainDown: PICTURE_BYTES, plainUp: LABELS * FLOAT_BYTES }),
    msPerRowDirect: direct.msPerRow,
  };
}

/** As its package ships it: layers of tfjs, weights of 8 bits. A straight script decodes the same files, and runs tfjs in this process. */
async function ofNsfw({ client, crowd }: CoordinatorWithTabs, pictures: string, progress: (line: string) => void) {
  const { name, megabytes, models } = ZOO.find((one) => one.name.startsWith("nsfwjs@"))!;
  const model = models.find(({ path }) => path.includes("mobilenet_v2/")) as ZooModel;
  const files = await zooFiles(await npmPackage(name, megabytes, progress), model);
  const names = (await readdir(pictures)).sort();
  const pixels = new Uint8Array(names.length * PICTURE_BYTES);
  for (const [i, one] of names.entries()) {
    const raw = await sharp(join(pictures, one)).resize(SIDE, SIDE, { fit: "fill" }).removeAlpha().raw().toBuffer();
    pixels.set(raw, i * PICTURE_BYTES);
  }
  const { modelSha256 } = await client.uploadModel(
    files.map(({ name, bytes }) => ({ name, data: new Uint8Array(bytes) })),
  );
  const npy = encodeNpy({ dtype: "U8", shape: [names.length, SIDE, SIDE, 3], data: pixels });
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(npy));
  const before = await spentByTabs({ crowd, client });
  const { jobId } = await client.submit({
    ...{ kind: "inference", name: "nsfwjs", queriesPerGroup: 4, stragglers: 0, liars: 0 },
    source: { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 / 255 },
  });
  await jobDone(client, jobId);
  const after = await spentByTabs({ crowd, client });
  const got = parseNpy(await client.answersFile(jobId, "npy")).data as Float32Array;
  const rows = Float32Array.from(pixels, (level) => level * (1 / 255));
  const direct = await runDirectly(model, files, { shape: [SIDE, SIDE, 3], rows, isWhole: false });
  const labels = labelsOf(direct.outputs, NSFW_LABELS);
  const sent = await prepared(files);
  const same = labelsOf(got, NSFW_LABELS).filter((label, i) => label === labels[i]).length;
  return {
    model: "nsfwjs MobileNetV2, 224 x 224",
    megabytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6,
    rows: names.length,
    kinds: new Set(labels).size,
    same: same / names.length,
    ...moved(before, after, {
      rows: names.length,
      ...sent,
      plainDown: PICTURE_BYTES,
      plainUp: NSFW_LABELS * FLOAT_BYTES,
    }),
    msPerRowDirect: direct.msPerRow,
  };
}

function labelsOf(outputs: Float32Array, width: number): number[] {
  return Array.from({ length: outputs.length / width }, (_, row) => argmax(outputs, row, width));
}

interface OfRows {
  readonly rows: number;
  /** Of a row. */
  readonly macs: number;
  readonly modelBytes: number;
  /** Smallest bytes of a row. */
  readonly plainDown: number;
  readonly plainUp: number;
}

/** Tabs of one browser keep models together: it came once. */
function moved(before: SpentSoFar, after: SpentSoFar, { rows, macs, modelBytes, plainDown, plainUp }: OfRows): Row {
  const spent = spentMeanwhile(before, after);
  if (spent.anew > 0) throw new Error(`shapes: expected the tabs to stay connected, but ${spent.anew} connected anew`);
  const computed = spent.macs / macs;
  const bytes = spent.bytes - modelBytes;
  const up = spent.upBytes;
  return {
    plainBytesPerRow: plainDown + plainUp,
    bytesPerRow: bytes / rows,
    computedPerRow: computed / rows,
    batchRows: computed / spent.batches,
    formShare: bytes / computed / (plainDown + plainUp),
    downShare: (bytes - up) / computed / plainDown,
    upShare: up / computed / plainUp,
    msPerRowTab: spent.ms / computed,
  };
}

async function prepared(files: readonly NamedFile[]) {
  const verdict = await prepareModel(files);
  if ("problem" in verdict) throw new Error(`shapes: ${verdict.problem}`);
  const { bundle, outputs } = verdict;
  return { macs: outputs[0].facts.macsPerQuery, modelBytes: await travelledBytes(inMemory(bundle)) };
}

async function ofTexts(
  { client, crowd }: CoordinatorWithTabs,
  python: string,
  count: number,
  seed: number,
): Promise<Row> {
  const random = simulationRandom(seed);
  const ids = Float32Array.from({ length: count * LENGTH }, () => 1_000 + random.integer(VOCABULARY - 1_000));
  const path = join(MODELS, "minilm-shape", "model.onnx");
  const main = await readFile(path);
  const { withPooling, withLength } = await onnx.hub!.loadEditor();
  const pooled = withPooling(main, { output: "last_hidden_state", mask: "attention_mask", pool: "mean", layers: [] });
  const files = [{ name: "model.onnx", data: pooled }, ...withLength(pooled, LENGTH)];
  const { modelSha256 } = await client.uploadModel(sentFiles(files));
  const sent = await prepared(files.map(({ name, data }) => ({ name, bytes: inMemory(data) })));
  const uploaded = async (data: Float32Array) => {
    const npy = encodeNpy({ dtype: "F32", shape: [count, LENGTH], data });
    return (await client.uploadTensor(new Uint8Array(npy))).tensorSha256;
  };
  const queriesSha256 = {
    input_ids: await uploaded(ids),
    attention_mask: await uploaded(new Float32Array(ids.length).fill(1)),
    token_type_ids: await uploaded(new Float32Array(ids.length)),
  };
  const before = await spentByTabs({ crowd, client });
  const startMs = performance.now();
  const { jobId } = await client.submit({
    ...{ kind: "inference", task: "regression", queriesPerGroup: 4, stragglers: 0, liars: 0 },
    source: { kind: "uploads", modelSha256, queriesSha256 },
  });
  await jobDone(client, jobId);
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await spentByTabs({ crowd, client });
  const got = parseNpy(await client.answersFile(jobId, "npy")).data as Float32Array;
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify([...ids.subarray(i * LENGTH, (i + 1) * LENGTH)]),
  );
  const directStartMs = performance.now();
  const direct = runScript(python, "direct_texts.py", [path], lines.join("\n")).trim().split("\n");
  const directMs = performance.now() - directStartMs;
  const cosines = direct.map((line, i) =>
    cosine(JSON.parse(line) as number[], got.subarray(i * VECTOR, (i + 1) * VECTOR)),
  );
  return {
    model: "encoder of 6 layers, 384 wide, 30,522 words, 64 tokens",
    megabytes: main.length / 1e6,
    rows: count,
    leastCosine: Math.min(...cosines),
    // The words need two bytes each; the mask and the types are the same for all.
    ...moved(before, after, { rows: count, ...sent, plainDown: LENGTH * 2, plainUp: VECTOR * FLOAT_BYTES }),
    msPerRowDirect: directMs / count,
    seconds,
  };
}

function cosine(one: readonly number[], other: Float32Array): number {
  let [dot, a, b] = [0, 0, 0];
  for (const [i, value] of one.entries()) {
    dot += value * other[i]!;
    a += value * value;
    b += other[i]! * other[i]!;
  }
  return dot / Math.sqrt(a * b);
}

const COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "megabytes", title: "MB", digits: 1 },
  { key: "rows", title: "rows" },
  { key: "kinds", title: "different labels" },
  { key: "same", title: "same label", digits: 4 },
  { key: "leastCosine", title: "least cosine", digits: 7 },
  { key: "plainBytesPerRow", title: "smallest bytes of a row" },
  { key: "bytesPerRow", title: "bytes moved a row" },
  { key: "computedPerRow", title: "rows computed a row", digits: 3 },
  { key: "batchRows", title: "rows a batch", digits: 1 },
  { key: "formShare", title: "form / smallest", digits: 3 },
  { key: "downShare", title: "down alone", digits: 3 },
  { key: "upShare", title: "up alone", digits: 3 },
  { key: "msPerRowTab", title: "ms a row, tab", digits: 1 },
  { key: "msPerRowDirect", title: "direct", digits: 1 },
];
const NOTES = [
  "Bytes moved: down and up, of all tabs, without the model, which the browser is sent once. Smallest: pictures as bytes, words as two, answers as float32.",
  "Rows computed: those that were credited, with rows whose answers are known and second opinions. Form: bytes moved, over those and their smallest form.",
  "Direct: native onnxruntime, a row a call; of texts with the start of the script.",
];

export const shapes: Measurer = {
  name: "shapes",
  title: "Photographs and texts through models of common shapes, in real tabs",
  flags: ["pictures", "texts"],
  run,
};
