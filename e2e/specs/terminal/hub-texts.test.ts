/** A corpus and a text model's folder from the Hub through a real coordinator, beside a straight script on the same texts. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tokenizer } from "@huggingface/tokenizers";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import * as ort from "onnxruntime-web/wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { long, node } from "../../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { smallOnnx } from "../../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { type KeptTexts, keptNamesIn } from "../../../shared/hub/kept-names.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { expectSameElsewhere, jobsIn } from "./elsewhere.ts";
import { type CliWorld, cli } from "./fake-terminal.ts";

const MODEL = fileURLToPath(new URL("../../models/small-encoder/", import.meta.url));
const COUNT = 160;
const SIZE = 32;
const CODE = ["--queries-per-group", "2", "--stragglers", "1", "--liars", "1"];
const WORDS =
  "the king and queen of night saw a small ship on the sea while dogs sailed under cold stars, waiting".split(" ");
const TEXTS = Array.from({ length: COUNT }, (_, i) =>
  Array.from({ length: 1 + ((i * 7) % 30) }, (_, j) => WORDS[(i * 5 + j * 3) % WORDS.length]).join(" "),
);

const FEW = TEXTS.slice(0, 16);

let coordinator: CoordinatorInProcess;
let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
  folder = mkdtempSync(join(tmpdir(), "paritab-hub-texts-"));
  const rows = TEXTS.map((text, i) => `${i},"${text}"`);
  writeFileSync(path("corpus.csv"), `id,text\n${rows.join("\n")}\n`);
  writeFileSync(path("corpus.jsonl"), FEW.map((text) => `${JSON.stringify({ text })}\n`).join(""));
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

const paritab = (argv: string[], world: CliWorld = {}) =>
  cli(argv, { ...world, environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder } });
const submit = (argv: string[], world: CliWorld = {}) => paritab(["submit", "--model", MODEL, ...argv, ...CODE], world);

/** What one would write oneself: a text at a time, without padding. */
async function straight(): Promise<{ vectors: number[][]; logits: number[][] }> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(`${MODEL}onnx/model.onnx`));
  const json = (name: string) => JSON.parse(readFileSync(`${MODEL}${name}`, "utf8"));
  const tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
  const [vectors, logits]: [number[][], number[][]] = [[], []];
  for (const text of TEXTS) {
    const { ids } = tokenizer.encode(text);
    const tensor = (value: (id: number) => number) =>
      new ort.Tensor(
        "int64",
        BigInt64Array.from(ids, (id) => BigInt(value(id))),
        [1, ids.length],
      );
    const given = { input_ids: tensor((id) => id), attention_mask: tensor(() => 1), token_type_ids: tensor(() => 0) };
    const output = await session.run(given);
    const states = output.last_hidden_state!.data as Float32Array;
    const mean = Array.from({ length: SIZE }, (_, c) => {
      let sum = 0;
      for (let t = 0; t < ids.length; t++) sum += states[t * SIZE + c]!;
      return sum / ids.length;
    });
    const length = Math.hypot(...mean);
    vectors.push(mean.map((value) => value / length));
    logits.push([...(output.logits!.data as Float32Array)]);
  }
  return { vectors, logits };
}

const cosine = (a: ArrayLike<number>, b: readonly number[]) =>
  b.reduce((sum, value, c) => sum + value * Number(a[c]), 0) /
  (Math.hypot(...Array.from(a, Number)) * Math.hypot(...b));

test("vectors are those of a straight script, pooled and of length 1 as the folder says", async () => {
  const { vectors } = await straight();
  const { code, said } = await submit(["--texts", path("corpus.csv"), "--out", path("embeddings.npy")]);
  expect(code, said).toBe(EXIT.ok);
  expect(said).toMatch(/^160 texts, \d+ tokens, \d+ with padding: \d+ of \d+, \d+ of \d+/m);
  const { shape, data } = parseNpy(readFileSync(path("embeddings.npy")));
  expect(shape).toEqual([COUNT, SIZE]);
  for (const [i, vector] of vectors.entries()) {
    const got = Array.from({ length: SIZE }, (_, c) => Number(data[i * SIZE + c]));
    expect(cosine(got, vector)).toBeGreaterThan(0.999999);
    expect(Math.hypot(...got)).toBeCloseTo(1, 5);
  }
});

test("an estimate of texts has a part for each length, and one comparison of all of them", async () => {
  const argv = ["estimate", "inference", "--model", MODEL, "--texts", path("corpus.csv"), ...CODE];
  const { code, out } = await paritab([...argv, "--json"]);
  const { comparison, jobs } = JSON.parse(out) as {
    comparison: { words: string };
    jobs: { name: string; queryCount: number }[];
  };
  expect([code, jobs.length > 1]).toEqual([EXIT.ok, true]);
  expect(jobs.reduce((sum, { queryCount }) => sum + queryCount, 0)).toBe(COUNT);
  for (const { name, queryCount } of jobs)
    expect(name).toMatch(new RegExp(`^${queryCount} texts of up to \\d+ tokens$`));
  expect((await paritab(argv)).out.split("\n")[0]).toMatch(/^Alone .*, with the crowd /);
  expect(comparison.words).toMatch(/^Alone .*, with the crowd /);
  expect((await submit(["--texts", path("corpus.csv"), "--out", path("said.npy")])).said).toMatch(
    /^Alone .*, with the crowd /m,
  );
});

test("JSONL and Parquet have texts and marks beside the vectors, in order", async () => {
  const { vectors } = await straight();
  const [lines, table] = [path("embeddings.jsonl"), path("embeddings.parquet")];
  for (const out of [lines, table]) {
    expect((await submit(["--texts", path("corpus.jsonl"), "--out", out])).code).toBe(EXIT.ok);
  }
  const rows = readFileSync(lines, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const read = await parquetReadObjects({ file: await asyncBufferFromFile(table) });
  for (const some of [rows, read]) {
    expect(some.map(({ text }) => text)).toEqual(FEW);
    for (const [i, { embedding, mark }] of some.entries()) {
      expect(cosine(embedding, vectors[i]!)).toBeGreaterThan(0.999999);
      expect(["exact", "audited"]).toContain(mark);
    }
  }
});

test.each(["npy", "jsonl", "parquet"])(
  "of texts of several lengths another machine writes the same .%s, whichever of the jobs it knows",
  async (ending) => {
    const out = path(`here.${ending}`);
    const { code, said } = await submit(["--texts", path("corpus.csv"), "--out", out]);
    expect(code, said).toBe(EXIT.ok);
    expect(jobsIn(said).length).toBeGreaterThan(1);
    await expectSameElsewhere(coordinator.url, said, out);
  },
);

test("of several jobs that are detached each one's names are its own rows'; once one is deleted, its rows are missing", async () => {
  const { out, said } = await submit(["--texts", path("corpus.csv"), "--out", path("later.jsonl"), "--detach"]);
  const jobIds = out.trim().split("\n");
  expect(jobIds.length).toBeGreaterThan(1);
  expect(said).toMatch(new RegExp(`nothing is written to .*later.jsonl yet; .*: paritab results ${jobIds[0]} --out`));
  expect(existsSync(path("later.jsonl"))).toBe(false);
  const { client } = coordinator;
  let rows = 0;
  for (const jobId of jobIds) {
    for await (const _ of client.watch(jobId));
    const kept = keptNamesIn(await client.names(jobId), await client.inferenceJob(jobId)) as KeptTexts;
    expect([kept.jobs, kept.total]).toEqual([jobIds, COUNT]);
    expect(kept.texts).toEqual(kept.places.map((place) => TEXTS[place]));
    rows += kept.texts.length;
  }
  expect(rows).toBe(COUNT);
  const [first, last] = [jobIds[0]!, jobIds.at(-1)!];
  const gone = new Set((keptNamesIn(await client.names(first), await client.inferenceJob(first)) as KeptTexts).places);
  await client.deleteJob(first);
  await expect(client.names(first)).rejects.toMatchObject({ status: 404 });
  const left = await paritab(["results", last, "--out", path("later.jsonl")]);
  expect(left.said).toMatch(new RegExp(`job ${first}, which has other rows of this one's texts, is gone`));
  const lines = readFileSync(path("later.jsonl"), "utf8").trim().split("\n");
  for (const [i, line] of lines.entries()) {
    const { text, mark, index } = JSON.parse(line);
    expect([index, text, mark === "missing"]).toEqual([i, gone.has(i) ? "" : TEXTS[i], gone.has(i)]);
  }
});

test("without pooling a classifier's labels come, of lines on standard input", async () => {
  const { logits } = await straight();
  const { out, said } = await submit(["--texts", "-", "--pool", "none", "--top", "1"], { stdin: FEW.join("\n") });
  const [head, ...rows] = out.trim().split("\n");
  expect(head, said).toBe("text,label,score,mark,final,bound");
  const names = ["calm", "glad", "sad"];
  const labels = logits.slice(0, FEW.length).map((row) => names[row.indexOf(Math.max(...row))]);
  expect(rows.map((row) => row.split(",").at(-5))).toEqual(labels);
});

/** A model that names tokens: for each its own row of a table, of three labels. */
async function tagger(): Promise<{ folder: string; labelOf(token: string): string }> {
  const json = (name: string) => JSON.parse(readFileSync(`${MODEL}${name}`, "utf8"));
  const vocabulary: Record<string, number> = json("tokenizer.json").model.vocab;
  const size = 1 + Math.max(...Object.values(vocabulary));
  const labelAt = (id: number) => (id * 7) % 3;
  const table = Float32Array.from({ length: 3 * size }, (_, i) => (i % 3 === labelAt(Math.floor(i / 3)) ? 4 : 0.5));
  const file = smallOnnx({
    inputs: ["input_ids", "attention_mask"].map((name) => ({ name, shape: ["batch", "sequence"], dtype: "int64" })),
    outputs: ["logits"],
    nodes: [
      node("Gather", ["table", "input_ids"], {}, ["rows"]),
      node("Cast", ["attention_mask"], { to: { i: 1 } }, ["kept"]),
      node("Unsqueeze", ["kept", "last"], {}, ["column"]),
      node("Mul", ["rows", "column"], {}, ["logits"]),
    ],
    integers: { last: long(-1) },
    weights: [{ name: "table", shape: [size, 3], values: table }],
  });
  // The tabs are in this process: whoever loads the library first says how.
  ort.env.wasm.numThreads = 1;
  await (await ort.InferenceSession.create(file)).release();
  const to = path("tagger");
  mkdirSync(join(to, "onnx"), { recursive: true });
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) cpSync(`${MODEL}${name}`, join(to, name));
  writeFileSync(join(to, "onnx", "model.onnx"), file);
  const names = ["O", "B-LOC", "B-PER"];
  const config = { architectures: ["BertForTokenClassification"], id2label: { ...names } };
  writeFileSync(join(to, "config.json"), JSON.stringify(config));
  return { folder: to, labelOf: (token) => names[labelAt(vocabulary[token]!)]! };
}

test("a token classifier names each token of a text, without the special ones and the padding", async () => {
  const { folder: model, labelOf } = await tagger();
  const read = async (...more: string[]) =>
    paritab(["submit", "--model", model, "--texts", path("corpus.jsonl"), ...more, ...CODE]);
  const { code, said } = await read("--out", path("tokens.jsonl"));
  expect(code, said).toBe(EXIT.ok);
  const rows = readFileSync(path("tokens.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows.map(({ text }) => text)).toEqual(FEW);
  await expectSameElsewhere(coordinator.url, said, path("tokens.jsonl"));
  const table = await read("--out", path("tokens.csv"));
  await expectSameElsewhere(coordinator.url, table.said, path("tokens.csv"));
  const tokenizer = JSON.parse(readFileSync(`${MODEL}tokenizer.json`, "utf8"));
  const encode = new Tokenizer(tokenizer, {});
  for (const { text, tokens, mark } of rows) {
    const own = encode.encode(text, { add_special_tokens: false }).ids.map((id) => encode.id_to_token(id));
    expect(tokens.map(({ token }: { token: string }) => token)).toEqual(own);
    for (const { token, label, score } of tokens) {
      expect([token, label]).toEqual([token, labelOf(token)]);
      expect(score).toBeCloseTo(1 / (1 + 2 * Math.exp(-3.5)), 5);
    }
    expect(["exact", "audited"]).toContain(mark);
  }
  const { out } = await read();
  const [head, ...lines] = out.trim().split("\n");
  expect(head).toBe("text,token,label,score,mark,final,bound");
  expect(lines).toHaveLength(rows.reduce((sum, { tokens }) => sum + tokens.length, 0));
  expect((await read("--out", path("tokens.npy"))).said).toMatch(
    /expected a file ending in \.csv or \.jsonl for labels of tokens/,
  );
});

test("long and empty texts are named, all at once; --truncate cuts, and says how many", async () => {
  writeFileSync(path("long.txt"), `a cat\n\n${"cat ".repeat(80)}\na dog\n${"dog ".repeat(63)}\n`);
  const refused = await submit(["--texts", path("long.txt")]);
  expect(refused.code).toBe(EXIT.input);
  expect(refused.said).toMatch(/3 problems:\n\(1\) .*long.txt, line 2: expected a text, got an empty one/);
  expect(refused.said).toMatch(/line 3: expected at most 64 tokens, got 82; --truncate cuts it/);
  writeFileSync(path("long.txt"), `a cat\n${"cat ".repeat(80)}\na dog\n`);
  const cut = await submit(["--texts", path("long.txt"), "--truncate", "--out", path("cut.npy")]);
  expect(cut.said).toMatch(/^1 texts were cut to what the model takes$/m);
  expect(parseNpy(readFileSync(path("cut.npy"))).shape).toEqual([3, SIZE]);
});

test("a folder without a tokenizer, a table without texts: both are said", async () => {
  cpSync(MODEL, path("bare"), { recursive: true });
  rmSync(path("bare/tokenizer.json"));
  writeFileSync(path("numbers.csv"), "a,b\n1,2\n");
  const { code, said } = await paritab(["submit", "--model", path("bare"), "--texts", path("numbers.csv")]);
  expect(code).toBe(EXIT.input);
  expect(said).toMatch(/bare\/tokenizer.json: there is no such file, so texts cannot become tokens; AutoTokenizer/);
  expect(said).toMatch(/numbers.csv: expected --column to name one with texts, got a, b/);
});
