/**
 * Models of common shapes with random weights: 500 JPEGs through torchvision's MobileNetV3 as a Hugging Face folder, the labels beside those of
 * a straight script; and an encoder of MiniLM-L6's size, for size and speed:
 *
 *     npm run build && npm run bench -- shapes [--pictures N] [--texts N] [--json FILE]
 *
 * Real coordinator and tabs. Each row goes out once (S = E = 0), so that bytes a row are those of the form it travels in.
 */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { onnx } from "../../shared/compute/runtimes/onnx/onnx.ts";
import { encodeNpy, parseNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { loadMnistSet } from "../datasets/mnist.ts";
import { cli } from "../specs/terminal/fake-terminal.ts";
import { type CoordinatorWithTabs, coordinatorWithTabs } from "./coordinator-with-tabs.ts";
import { countFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const MODELS = fileURLToPath(new URL("../../build/models", import.meta.url));
const SCRIPTS = fileURLToPath(new URL("../models", import.meta.url));
const PICTURES = 500;
const TEXTS = 64;
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

type Row = Record<string, string | number | null>;

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const python = PYTHONS.find((one) => spawnSync(one, ["-c", "import torchvision, onnxruntime, PIL"]).status === 0);
  if (python === undefined)
    throw new Error("shapes: expected a python3 with torchvision and onnxruntime (Debian has both)");
  const folder = await mkdtemp(join(tmpdir(), "paritab-shapes-"));
  const pictures = join(folder, "pictures");
  await writePictures(pictures, countFlag(flags, "pictures") ?? PICTURES);
  progress("Making the models");
  runScript(python, "export_shapes.py", [pictures]);
  const world = await coordinatorWithTabs("shapes", TABS, seed);
  try {
    progress("Pictures through MobileNetV3");
    const rows: Row[] = [await ofPictures(world, python, pictures, folder)];
    progress("Texts through an encoder of MiniLM-L6's size");
    rows.push(await ofTexts(world, python, countFlag(flags, "texts") ?? TEXTS, seed));
    return { name: shapes.name, title: shapes.title, columns: COLUMNS, rows, notes: NOTES };
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Digits of MNIST's test set at four times their size, in a colour each. */
async function writePictures(folder: string, count: number): Promise<void> {
  await mkdir(folder);
  const { images } = await loadMnistSet("test");
  for (let i = 0; i < count; i++) {
    const raw = Buffer.from(images.subarray(i * 784, (i + 1) * 784));
    const tint = { r: 80 + ((i * 37) % 176), g: 80 + ((i * 91) % 176), b: 80 + ((i * 53) % 176) };
    const picture = sharp(raw, { raw: { width: 28, height: 28, channels: 1 } })
      .resize(112, 112)
      .toColourspace("srgb")
      .tint(tint);
    await picture.jpeg({ quality: 90 }).toFile(join(folder, `${String(i).padStart(4, "0")}.jpg`));
  }
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

async function ofPictures({ url, crowd }: CoordinatorWithTabs, python: string, pictures: string, folder: string) {
  const model = join(MODELS, "mobilenet-v3");
  const direct = JSON.parse(runScript(python, "direct_pictures.py", [join(model, "model.onnx"), pictures])) as {
    labels: Record<string, number>;
    msPerRow: number;
  };
  const out = join(folder, "labels.csv");
  const environment = { PARITAB_URL: url, XDG_CONFIG_HOME: folder };
  const before = await spent({ crowd });
  const { code, said } = await cli(["submit", "--model", model, "--images", pictures, "--out", out, ...ONCE], {
    environment,
  });
  if (code !== 0) throw new Error(`shapes: paritab submit: ${said}`);
  const after = await spent({ crowd });
  const [head, ...lines] = (await readFile(out, "utf8")).trim().split("\n");
  const [file, label] = ["file", "label"].map((name) => head!.split(",").indexOf(name)) as [number, number];
  const got = new Map(
    lines.map((line) => line.split(",")).map((cells) => [cells[file]!.split("/").at(-1)!, cells[label]!]),
  );
  const names = Object.entries(direct.labels);
  const same = names.filter(([name, at]) => got.get(name) === `kind ${at}`).length;
  const modelBytes = (await readFile(join(model, "model.onnx"))).length;
  return {
    model: "MobileNetV3 small, 224 x 224",
    megabytes: modelBytes / 1e6,
    rows: names.length,
    kinds: new Set(Object.values(direct.labels)).size,
    same: same / names.length,
    plainBytesPerRow: PICTURE_BYTES + LABELS * FLOAT_BYTES,
    bytesPerRow: (after.bytes - before.bytes - modelBytes * TABS) / names.length,
    msPerRowTab: (after.ms - before.ms) / names.length,
    msPerRowDirect: direct.msPerRow,
  };
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
  const pooled = withPooling(main, { output: "last_hidden_state", mask: "attention_mask", pool: "mean" });
  const { modelSha256 } = await client.uploadModel([
    { name: "model.onnx", data: pooled },
    ...withLength(pooled, LENGTH),
  ]);
  const uploaded = async (data: Float32Array) => {
    const npy = encodeNpy({ dtype: "F32", shape: [count, LENGTH], data });
    return (await client.uploadTensor(new Uint8Array(npy))).tensorSha256;
  };
  const queriesSha256 = {
    input_ids: await uploaded(ids),
    attention_mask: await uploaded(new Float32Array(ids.length).fill(1)),
    token_type_ids: await uploaded(new Float32Array(ids.length)),
  };
  const before = await spent({ crowd });
  const startMs = performance.now();
  const { jobId } = await client.submit({
    ...{ kind: "inference", task: "regression", queriesPerGroup: 4, stragglers: 0, liars: 0 },
    source: { kind: "uploads", modelSha256, queriesSha256 },
  });
  let job = await client.inferenceJob(jobId);
  while (job.finishedMs === null) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    job = await client.inferenceJob(jobId);
  }
  if (job.state !== "done") throw new Error(`shapes: expected answers, got ${job.state}: ${job.error}`);
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await spent({ crowd });
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
    // Of three inputs the words need two bytes each, the mask and the types one.
    plainBytesPerRow: LENGTH * (2 + 1 + 1) + VECTOR * FLOAT_BYTES,
    bytesPerRow: (after.bytes - before.bytes - pooled.length * TABS) / count,
    msPerRowTab: (after.ms - before.ms) / count,
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

async function spent({ crowd }: Pick<CoordinatorWithTabs, "crowd">): Promise<{ bytes: number; ms: number }> {
  const statuses = await crowd.status();
  return {
    bytes: statuses.reduce((sum, status) => sum + (status?.trafficBytes ?? 0), 0),
    ms: statuses.reduce((sum, status) => sum + (status?.computedMs ?? 0), 0),
  };
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
  { key: "msPerRowTab", title: "ms a row, tab", digits: 1 },
  { key: "msPerRowDirect", title: "direct", digits: 1 },
];
const NOTES = [
  "Bytes moved: down and up, of all tabs, without the model, which each tab is sent once. Smallest: pictures as bytes, words as two, answers as float32.",
  "Direct: native onnxruntime, a row a call; of texts with the start of the script.",
];

export const shapes: Measurer = {
  name: "shapes",
  title: "Models of common shapes, with random weights, in real tabs",
  flags: ["pictures", "texts"],
  run,
};
