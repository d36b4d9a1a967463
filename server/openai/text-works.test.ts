/** What of a named model's folder is read, changed and uploaded: large weights stay where they are. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FREE } from "../../shared/compute/runtimes/onnx/onnx-topology.ts";
import { type WeightsApart, writeOnnx } from "../../shared/compute/runtimes/onnx/write-onnx.ts";
import { type ModelIntake, openModelIntake } from "../intake/model-intake.ts";
import { TextWorks } from "./text-works.ts";

const ENCODER = new URL("../../e2e/models/small-encoder/", import.meta.url);
const [WORDS, WIDTH] = [30_522, 80];

let root: string;
let intake: ModelIntake;
let works: TextWorks;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "paritab-text-works-"));
  intake = await openModelIntake(join(root, "coming"));
  works = new TextWorks(() => intake.newPath());
});
afterAll(async () => {
  await works.close();
  await intake.close();
  await rm(root, { recursive: true, force: true });
});

/** A table of words, 9.3 MiB, in the file or beside it; and a mask that pooling needs. */
async function folderWith(name: string, isApart: boolean): Promise<string> {
  const folder = join(root, name);
  for (const file of ["tokenizer.json", "tokenizer_config.json", "config.json"]) {
    await cp(new URL(file, ENCODER), join(folder, file));
  }
  const modelTopology = {
    ...{ opset: 17, integers: {}, outputs: ["last_hidden_state"], input: { name: "input_ids", shape: [FREE, 8] } },
    nodes: [
      { op: "Gather", inputs: ["words", "input_ids"], outputs: ["rows"], attributes: {} },
      { op: "Cast", inputs: ["attention_mask"], outputs: ["mask"], attributes: { to: { i: 1 } } },
      { op: "Unsqueeze", inputs: ["mask", "last"], outputs: ["column"], attributes: {} },
      { op: "Mul", inputs: ["rows", "column"], outputs: ["last_hidden_state"], attributes: {} },
    ],
  };
  const values = Float32Array.from({ length: WORDS * WIDTH }, (_, i) => Math.fround(Math.sin(i)));
  const last = new BigInt64Array([2n]);
  const weightData = Buffer.concat([new Uint8Array(values.buffer), new Uint8Array(last.buffer)]);
  const weightSpecs = [
    { name: "words", shape: [WORDS, WIDTH], dtype: "float32" as const },
    { name: "last", shape: [1], dtype: "int64" as const },
  ];
  const inputs = ["input_ids", "attention_mask"].map((name) => ({
    ...{ name, dtype: "int64" as const },
    shape: ["batch", "sequence_length"],
  }));
  const apart: WeightsApart[] = [];
  const model = { format: "onnx", modelTopology, weightSpecs, weightData, signature: null };
  const file = writeOnnx(model as never, inputs as never, isApart ? apart : null);
  await mkdir(join(folder, "onnx"), { recursive: true });
  await writeFile(join(folder, "onnx/model.onnx"), file);
  for (const { path, data } of apart) await writeFile(join(folder, "onnx", path), data);
  expect(apart.length).toBe(isApart ? 1 : 0);
  return folder;
}

test("a tokenizer whose pattern never ends is ended, and others have their turn", async () => {
  const folder = await folderWith("slow", false);
  const tokenizer = JSON.parse(await readFile(join(folder, "tokenizer.json"), "utf8"));
  const pattern = { type: "Split", pattern: { Regex: "(a+)+$" }, behavior: "Isolated", invert: false };
  await writeFile(
    join(folder, "tokenizer.json"),
    JSON.stringify({ ...tokenizer, normalizer: null, pre_tokenizer: pattern }),
  );
  const impatient = new TextWorks(() => intake.newPath(), 8_000);
  try {
    const asked = { pool: "mean", normalizes: true } as const;
    const stuck = impatient.encode({ folder, ...asked }, [`${"a".repeat(60)}b`], "mallory");
    const other = impatient.encode({ folder: await folderWith("quick", false), ...asked }, ["the king"], "ada");
    // Hers waits no longer than what may take long is left at it.
    const first = await Promise.race([other, stuck.catch(() => "stuck")]);
    expect(first).not.toBe("stuck");
    await expect(stuck).rejects.toThrow(
      /the model's folder: expected an answer within 8 s, got none; patterns of its tokenizer.json/,
    );
    expect((await other)[0]!.length).toBe(4);
    await expect(impatient.encode({ folder, ...asked }, ["b"], "mallory")).rejects.toThrow(/within 8 s, got none/);
  } finally {
    await impatient.close();
  }
}, 60_000);

test.each([
  ["beside the model", true],
  ["in the model's file", false],
])("weights %s are taken in from the disk, and what was changed is gone afterwards", async (name, isApart) => {
  const folder = await folderWith(name.replaceAll(" ", "-"), isApart);
  const asked = { folder, pool: "mean", normalizes: true } as const;
  expect((await works.look(asked, "ada")).task).toMatchObject({ gives: "vectors", output: "last_hidden_state" });
  const files = await works.files(asked, 8, "ada");
  const onDisk = files.flatMap((file) => ("path" in file ? [file] : []));
  expect(onDisk.map(({ path, isKept = false }) => [dirname(path), isKept])).toEqual([
    isApart ? [join(folder, "onnx"), true] : [join(root, "coming"), false],
  ]);
  const taken = await intake.takeIn(files, async (taken) => taken, "ada");
  expect(taken).toMatchObject({ outputs: [{ facts: { outputSize: WIDTH, inputShape: [16] } }] });
  expect(await readdir(join(root, "coming"))).toEqual([]);
  for (const { path, isKept } of onDisk) if (isKept) expect((await stat(path)).size).toBe(4 * WORDS * WIDTH);
});

test("a model that is uploaded as it is is neither copied nor removed", async () => {
  const folder = await folderWith("as-it-is", false);
  const files = await works.files({ folder, pool: "none", normalizes: null }, 8, "ada");
  const path = join(folder, "onnx/model.onnx");
  expect(files[0]).toMatchObject({ path, isKept: true, length: (await stat(path)).size });
  await intake.drop(files);
  expect((await stat(path)).size).toBeGreaterThan(4 * WORDS * WIDTH);
});
