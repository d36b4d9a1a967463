/**
 * A trained sentence encoder in float32, float16 and int8: 2,000 texts through `paritab submit --texts`, beside a straight script on
 * onnxruntime:
 *
 *     nice python3 e2e/models/train_encoder.py && npm run build && npm run bench -- texts [--texts N] [--json FILE]
 *
 * Real coordinator and tabs. Texts are glosses of WordNet and their examples, of synsets that the training never saw.
 */
import { spawnSync } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hubPlace } from "../../server/hub/hub-folder.ts";
import { textModel } from "../../shared/hub/text-model.ts";
import { Problems } from "../../shared/inputs/problems.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { cli } from "../specs/terminal/fake-terminal.ts";
import { coordinatorWithTabs } from "./coordinator-with-tabs.ts";
import { countFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const FOLDER = fileURLToPath(new URL("../../build/models/gloss-encoder", import.meta.url));
const FILES = ["model.onnx", "model_fp16.onnx", "model_int8.onnx"];
const TEXTS = 2_000;
const TABS = 4;
const PYTHONS = ["python3", "/usr/bin/python3"];

/** Of a text, and which synset it is of: its partner's is the same. */
interface Placed {
  readonly text: string;
  readonly synset: number;
}

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  await access(FOLDER).catch(() => {
    throw new Error(`texts: expected ${FOLDER}; python3 e2e/models/train_encoder.py writes it`);
  });
  const python = PYTHONS.find((one) => spawnSync(one, ["-c", "import numpy, onnxruntime"]).status === 0);
  if (python === undefined) throw new Error("texts: expected a python3 with onnxruntime (Debian: python3-onnxruntime)");
  const all = (await readFile(join(FOLDER, "pairs.jsonl"), "utf8")).trim().split("\n");
  const placed = all.slice(0, countFlag(flags, "texts") ?? TEXTS).map((line) => JSON.parse(line) as Placed);
  const folder = await mkdtemp(join(tmpdir(), "paritab-texts-"));
  const coordinator = await coordinatorWithTabs("texts", TABS, seed);
  try {
    const corpus = join(folder, "corpus.jsonl");
    await writeFile(corpus, placed.map(({ text }) => `${JSON.stringify({ text })}\n`).join(""));
    const ids = await idsOf(placed);
    const rows: Measurement["rows"][number][] = [];
    for (const file of FILES) {
      progress(`${placed.length} texts through ${file}`);
      const model = join(FOLDER, "onnx", file);
      const out = join(folder, `${file}.npy`);
      const environment = { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder };
      const startMs = performance.now();
      const asked = ["submit", "--model", model, "--texts", corpus, "--truncate", "--out", out];
      const checked = await cli(asked, { environment });
      // What the sentence offers: rounding decides the answers of dynamic int8, and no check tells a lie from it.
      const isUnstable = checked.code !== 0 && checked.said.includes("ifUnstable");
      const { code, said } = isUnstable
        ? await cli([...asked, "--if-unstable", "unchecked"], { environment })
        : checked;
      if (code !== 0) throw new Error(`texts: paritab submit: ${said}`);
      const seconds = (performance.now() - startMs) / 1_000;
      const got = vectorsIn(parseNpy(await readFile(out)));
      const direct = straight(python, model, ids);
      const megabytes = (await readFile(model)).length / 1e6;
      rows.push({
        model: file,
        taken: isUnstable ? "unchecked" : "yes",
        megabytes,
        seconds,
        ...compared(placed, got, direct),
      });
    }
    return { name: texts.name, title: texts.title, columns: COLUMNS, rows, notes: NOTES };
  } finally {
    await coordinator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function idsOf(placed: readonly Placed[]): Promise<number[][]> {
  const problems = new Problems();
  const model = await textModel(await hubPlace(FOLDER), problems);
  problems.throwIfAny();
  const { tokens } = model!;
  return placed.map(({ text }) => tokens.cut(tokens.encode(text), tokens.countMax ?? Number.MAX_SAFE_INTEGER));
}

type Vectors = readonly Float32Array[];

function vectorsIn({ shape, data }: ReturnType<typeof parseNpy>): Vectors {
  const [count, size] = shape as [number, number];
  return Array.from({ length: count }, (_, i) => Float32Array.from(data.slice(i * size, (i + 1) * size), Number));
}

function straight(python: string, model: string, ids: readonly (readonly number[])[]): Vectors {
  const script = fileURLToPath(new URL("../models/direct_texts.py", import.meta.url));
  const input = ids.map((one) => `${JSON.stringify(one)}\n`).join("");
  const { status, stdout, stderr } = spawnSync(python, [script, model], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`direct_texts.py: expected vectors, got: ${stderr.slice(-400)}`);
  return stdout
    .trim()
    .split("\n")
    .map((line) => Float32Array.from(JSON.parse(line) as number[]));
}

function compared(placed: readonly Placed[], got: Vectors, direct: Vectors) {
  const cosines = got.map((vector, i) => dot(vector, direct[i]!));
  const [nearestGot, nearestDirect] = [nearest(got), nearest(direct)];
  const share = (isRight: (i: number) => boolean) => placed.filter((_, i) => isRight(i)).length / placed.length;
  const findsPartner = (found: readonly number[]) => (i: number) => placed[found[i]!]!.synset === placed[i]!.synset;
  return {
    leastCosine: Math.min(...cosines),
    sameNeighbour: share((i) => nearestGot[i] === nearestDirect[i]),
    retrieval: share(findsPartner(nearestGot)),
    retrievalDirect: share(findsPartner(nearestDirect)),
  };
}

/** Of each the place of the most similar other one. */
function nearest(vectors: Vectors): number[] {
  return vectors.map((vector, i) => {
    let [best, most] = [-1, Number.NEGATIVE_INFINITY];
    for (const [j, other] of vectors.entries()) {
      const cosine = i === j ? Number.NEGATIVE_INFINITY : dot(vector, other);
      if (cosine > most) [best, most] = [j, cosine];
    }
    return best;
  });
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c]! * b[c]!;
  return sum;
}

const COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "taken", title: "taken" },
  { key: "megabytes", title: "MB", digits: 1 },
  { key: "leastCosine", title: "least cosine", digits: 8 },
  { key: "sameNeighbour", title: "same nearest text", digits: 4 },
  { key: "retrieval", title: "finds its partner", digits: 4 },
  { key: "retrievalDirect", title: "straight", digits: 4 },
  { key: "seconds", title: "s", digits: 1 },
];
const NOTES = [
  "Least cosine: of a text's vector with that of a straight script, which runs onnxruntime a text a call, without padding.",
  "Finds its partner: the nearest of all other texts is the other one of the same synset.",
];

export const texts: Measurer = {
  name: "texts",
  title: "A trained sentence encoder through paritab submit --texts, beside a straight script",
  flags: ["texts"],
  run,
};
