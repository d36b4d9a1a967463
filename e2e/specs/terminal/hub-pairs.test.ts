/** Pairs of texts through models that take two: re-rankers, inference and its labels without training, question answering. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tokenizer } from "@huggingface/tokenizers";
import * as ort from "onnxruntime-web/wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { long, node, noise } from "../../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { type SmallOnnx, smallOnnx } from "../../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { expectSameElsewhere } from "./elsewhere.ts";
import { cli } from "./fake-terminal.ts";

const ENCODER = fileURLToPath(new URL("../../models/small-encoder/", import.meta.url));
const json = (name: string) => JSON.parse(readFileSync(`${ENCODER}${name}`, "utf8"));
const tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
const VOCABULARY = 258;
const LENGTH_MAX = 64;
const CODE = ["--queries-per-group", "2", "--stragglers", "1", "--liars", "1"];

const WORDS = "the king and queen of night saw a small ship on the sea while dogs sailed under cold stars".split(" ");
const words = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => WORDS[(from + i * 5) % WORDS.length]).join(" ");
const PAIRS = Array.from({ length: 12 }, (_, i) => [words(2 + (i % 5), i), words(3 + (i % 4), 3 * i + 1)] as const);

/** Numbers for each token by its word and by the text that it belongs to. @param width of them */
const tables = (width: number) => ({
  word: noise(VOCABULARY * width, 3),
  type: Float32Array.from(noise(2 * width, 4), (value) => 3 * value),
});

const INPUTS = ["input_ids", "attention_mask", "token_type_ids"].map((name) => ({
  name,
  dtype: "int64" as const,
  shape: ["batch", "sequence"],
}));

/** logits: the sum over all tokens of tanh(word + type). */
function scorer(width: number): Uint8Array<ArrayBuffer> {
  const { word, type } = tables(width);
  return smallOnnx({
    inputs: INPUTS,
    outputs: ["logits"],
    nodes: [
      node("Gather", ["words", "input_ids"], {}, ["w"]),
      node("Gather", ["types", "token_type_ids"], {}, ["t"]),
      node("Add", ["w", "t"], {}, ["both"]),
      node("Tanh", ["both"], {}, ["states"]),
      node("Cast", ["attention_mask"], { to: { i: 1 } }, ["kept"]),
      node("Unsqueeze", ["kept", "last"], {}, ["mask"]),
      node("Mul", ["states", "mask"], {}, ["counted"]),
      node("ReduceSum", ["counted", "places"], { keepdims: { i: 0 } }, ["logits"]),
    ],
    integers: { last: long(-1), places: long(1) },
    weights: [
      { name: "words", shape: [VOCABULARY, width], values: word },
      { name: "types", shape: [2, width], values: type },
    ],
  } as SmallOnnx);
}

interface Tokens {
  readonly ids: number[];
  readonly types: number[];
}
function tokensOf(first: string, second: string): Tokens {
  const { ids, token_type_ids } = tokenizer.encode(first, { text_pair: second, return_token_type_ids: true });
  return { ids, types: token_type_ids };
}
function scoresOf({ ids, types }: Tokens, width: number): number[] {
  const { word, type } = tables(width);
  return Array.from({ length: width }, (_, c) =>
    ids.reduce((sum, id, i) => sum + Math.tanh(word[id * width + c]! + type[types[i]! * width + c]!), 0),
  );
}

/** Where an answer begins and ends: a number for each token by its word, higher in the second text. */
function reader(): Uint8Array<ArrayBuffer> {
  const score = (name: string) => [
    node("Gather", [`${name}-words`, "input_ids"], {}, [`${name}-w`]),
    node("Gather", ["types", "token_type_ids"], {}, [`${name}-t`]),
    node("Add", [`${name}-w`, `${name}-t`], {}, [name]),
  ];
  return smallOnnx({
    inputs: INPUTS.filter(({ name }) => name !== "attention_mask"),
    outputs: ["start_logits", "end_logits"],
    nodes: [...score("start_logits"), ...score("end_logits")],
    weights: [
      { name: "start_logits-words", shape: [VOCABULARY], values: noise(VOCABULARY, 7) },
      { name: "end_logits-words", shape: [VOCABULARY], values: noise(VOCABULARY, 8) },
      { name: "types", shape: [2], values: Float32Array.of(0, 1) },
    ],
  } as SmallOnnx);
}

let coordinator: CoordinatorInProcess;
let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
  folder = mkdtempSync(join(tmpdir(), "paritab-hub-pairs-"));
  ort.env.wasm.numThreads = 1;
  const models = { ranker: scorer(1), inference: scorer(3), reader: reader() };
  const configs = {
    ranker: { id2label: { 0: "LABEL_0" } },
    inference: { id2label: { 0: "contradiction", 1: "neutral", 2: "entailment" } },
    reader: { architectures: ["BertForQuestionAnswering"] },
  };
  for (const [name, file] of Object.entries(models)) {
    // The tabs are in this process: whoever loads the library first says how.
    await (await ort.InferenceSession.create(file)).release();
    mkdirSync(path(`${name}/onnx`), { recursive: true });
    for (const one of ["tokenizer.json", "tokenizer_config.json"]) cpSync(`${ENCODER}${one}`, path(`${name}/${one}`));
    writeFileSync(path(`${name}/onnx/model.onnx`), file);
    const config = {
      model_type: "bert",
      max_position_embeddings: LENGTH_MAX,
      ...configs[name as keyof typeof configs],
    };
    writeFileSync(path(`${name}/config.json`), JSON.stringify(config));
  }
  const lines = (pairs: readonly (readonly [string, string])[], names = ["text", "text_pair"]) =>
    pairs.map(([a, b]) => `${JSON.stringify({ [names[0]!]: a, [names[1]!]: b })}\n`).join("");
  writeFileSync(path("pairs.jsonl"), lines(PAIRS));
  writeFileSync(path("pairs.csv"), `n,left,right\n${PAIRS.map(([a, b], i) => `${i},${a},${b}`).join("\n")}\n`);
  writeFileSync(path("questions.jsonl"), lines(PAIRS, ["question", "context"]));
  writeFileSync(path("texts.txt"), `${PAIRS.map(([a]) => a).join("\n")}\n`);
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

const submit = (model: string, ...argv: string[]) =>
  cli(["submit", "--model", path(model), ...argv, ...CODE], {
    environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder },
  });
const objects = (name: string) =>
  readFileSync(path(name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test.each([
  ["JSONL with text and text_pair", "pairs.jsonl", []],
  ["two columns of a CSV", "pairs.csv", ["--column", "left", "--column", "right"]],
])("a re-ranker scores both texts, of %s, as the tokenizer pairs them", async (_what, file, columns) => {
  const { code, said } = await submit("ranker", "--texts", path(file), ...columns, "--out", path("scores.jsonl"));
  expect(code, said).toBe(EXIT.ok);
  expect(said).toMatch(/^12 pairs of texts, \d+ tokens/m);
  await expectSameElsewhere(coordinator.url, said, path("scores.jsonl"));
  const rows = objects("scores.jsonl");
  expect(rows.map(({ text, text_pair }) => [text, text_pair])).toEqual(PAIRS);
  for (const [i, pair] of PAIRS.entries()) {
    const [logit] = scoresOf(tokensOf(...pair), 1);
    const single = tokenizer.encode(pair[0]).ids;
    const [alone] = scoresOf({ ids: single, types: single.map(() => 0) }, 1);
    expect(Math.abs(logit! - alone!)).toBeGreaterThan(0.01);
    expect(rows[i].top[0].score).toBeCloseTo(1 / (1 + Math.exp(-logit!)), 5);
    expect(["exact", "audited"]).toContain(rows[i].mark);
  }
});

test("a re-ranker whose folder says that its logits are its scores gives them as they are", async () => {
  cpSync(path("ranker"), path("plain-ranker"), { recursive: true });
  const config = JSON.parse(readFileSync(path("ranker/config.json"), "utf8"));
  const own = { sentence_transformers: { activation_fn: "torch.nn.modules.linear.Identity" } };
  writeFileSync(path("plain-ranker/config.json"), JSON.stringify({ ...config, ...own }));
  const { code, said } = await submit("plain-ranker", "--texts", path("pairs.jsonl"), "--out", path("plain.csv"));
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, path("plain.csv"));
  const [head, ...rows] = readFileSync(path("plain.csv"), "utf8").trim().split("\n");
  expect(head).toMatch(/^text,text_pair,label,score,mark,final,bound/);
  for (const [i, pair] of PAIRS.entries())
    expect(Number(rows[i]!.split(",")[3])).toBeCloseTo(scoresOf(tokensOf(...pair), 1)[0]!, 4);
});

test("a model of inference names what follows, and its numbers are those of both texts", async () => {
  const { code, said } = await submit("inference", "--texts", path("pairs.jsonl"), "--out", path("nli.jsonl"));
  expect(code, said).toBe(EXIT.ok);
  const names = ["contradiction", "neutral", "entailment"];
  for (const [i, row] of objects("nli.jsonl").entries()) {
    const logits = scoresOf(tokensOf(...PAIRS[i]!), 3);
    expect(row.label).toBe(names[logits.indexOf(Math.max(...logits))]);
  }
});

test("labels from flags: each text gets the one whose sentence follows from it most", async () => {
  const candidates = ["the sea", "a king", "=cold"];
  const flags = candidates.flatMap((label) => ["--candidate", label]);
  const own = ["--hypothesis", "it is {}"];
  const { code, said } = await submit(
    "inference",
    "--texts",
    path("texts.txt"),
    ...flags,
    ...own,
    "--out",
    path("zero.jsonl"),
  );
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, path("zero.jsonl"));
  const rows = objects("zero.jsonl");
  expect(rows.map(({ text }) => text)).toEqual(PAIRS.map(([text]) => text));
  for (const [i, row] of rows.entries()) {
    const logits = candidates.map((label) => scoresOf(tokensOf(PAIRS[i]![0], `it is ${label}`), 3)[2]!);
    const powers = logits.map(Math.exp);
    const best = logits.indexOf(Math.max(...logits));
    expect(row.label).toBe(candidates[best]);
    expect(row.top).toHaveLength(3);
    expect(row.top[0].score).toBeCloseTo(powers[best]! / powers.reduce((a, b) => a + b), 5);
    expect(row.bound).toBeLessThanOrEqual(1);
  }
  await submit("inference", "--texts", path("texts.txt"), ...flags, ...own, "--out", path("zero.csv"));
  const csv = readFileSync(path("zero.csv"), "utf8");
  expect(csv).toMatch(/^text,label,score,mark,final,bound,label_2/);
  expect(csv).not.toMatch(/(^|,)=cold/m);
});

test("a question is answered by a part of its context, with a score", async () => {
  const { code, said } = await submit("reader", "--texts", path("questions.jsonl"), "--out", path("answers.jsonl"));
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, path("answers.jsonl"));
  const [begins, ends] = [noise(VOCABULARY, 7), noise(VOCABULARY, 8)];
  for (const [i, row] of objects("answers.jsonl").entries()) {
    const [question, context] = PAIRS[i]!;
    const { ids, types } = tokensOf(question, context);
    const own = ids.flatMap((_, place) => (types[place] === 1 && place < ids.length - 1 ? [place] : []));
    const chance = (table: ArrayLike<number>) => {
      const power = (place: number) => Math.exp(table[ids[place]!]! + types[place]!);
      const sum = [0, ...own].reduce((all, place) => all + power(place), 0);
      return (place: number) => power(place) / sum;
    };
    const [begin, end] = [chance(begins), chance(ends)];
    const spans = own.flatMap((from) =>
      own.filter((to) => to >= from && to < from + 15).map((to) => [from, to] as const),
    );
    const [from, to] = spans.reduce((best, span) =>
      begin(span[0]) * end(span[1]) > begin(best[0]) * end(best[1]) ? span : best,
    );
    expect(row.score).toBeCloseTo(begin(from) * end(to), 5);
    expect([row.question, row.context]).toEqual([question, context]);
    expect(` ${context} `).toContain(` ${row.answer} `);
    // Whole words: what the tokens say, and at most the rest of the words that they begin and end in.
    const pieces = ids.slice(from, to + 1).map((id) => tokenizer.id_to_token(id)!.replace("##", ""));
    expect(row.answer.replaceAll(" ", "")).toContain(pieces.join(""));
    const wordCount =
      ids.slice(from + 1, to + 1).filter((id) => !tokenizer.id_to_token(id)!.startsWith("##")).length + 1;
    expect(row.answer.split(" ")).toHaveLength(wordCount);
  }
});

describe("long pairs", () => {
  const LONG = [
    [words(40, 0), words(10, 2)],
    [words(6, 0), words(45, 2)],
    [words(40, 1), words(41, 3)],
  ] as const;

  test("are refused by their lines, or cut at the longer text first, as transformers does", async () => {
    writeFileSync(
      path("long.jsonl"),
      LONG.map(([text, text_pair]) => `${JSON.stringify({ text, text_pair })}\n`).join(""),
    );
    const refused = await submit("ranker", "--texts", path("long.jsonl"));
    expect([refused.code, refused.said]).toEqual([
      EXIT.input,
      expect.stringMatching(/3 problems:.*\n.*line 2: expected at most 64 tokens/s),
    ]);
    const { code, said } = await submit(
      "ranker",
      "--texts",
      path("long.jsonl"),
      "--truncate",
      "--pool",
      "none",
      "--out",
      path("long.npy"),
    );
    expect(code, said).toBe(EXIT.ok);
    const { data } = parseNpy(readFileSync(path("long.npy")));
    for (const [i, [a, b]] of LONG.entries()) {
      const [first, second] = [a, b].map((text) => tokenizer.encode(text, { add_special_tokens: false }).ids) as [
        number[],
        number[],
      ];
      // One token at a time from whichever is longer; of equal ones, from the one that was the shorter.
      const isFirstLonger = first.length > second.length;
      while (first.length + second.length > LENGTH_MAX - 3) {
        const isFirst = first.length === second.length ? !isFirstLonger : first.length > second.length;
        (isFirst ? first : second).pop();
      }
      const [cls, sep] = [2, 3];
      const cut = {
        ids: [cls, ...first, sep, ...second, sep],
        types: [0, ...first.map(() => 0), 0, ...second.map(() => 1), 1],
      };
      expect(cut.ids).toHaveLength(LENGTH_MAX);
      expect(Number(data[i])).toBeCloseTo(scoresOf(cut, 1)[0]!, 4);
    }
  });
});

test("what does not go together is refused in words, before anything is sent", async () => {
  const before = (await coordinator.client.jobs()).length;
  const refused: [string, string[], number, RegExp][] = [
    [
      "reader",
      ["--texts", path("texts.txt")],
      EXIT.input,
      /expected pairs of question and context, .*; got single texts/,
    ],
    [
      "inference",
      ["--texts", path("pairs.jsonl"), "--pool", "mean"],
      EXIT.input,
      /--pool: expected rows of one text, got pairs/,
    ],
    [
      "ranker",
      ["--texts", path("texts.txt"), "--candidate", "a", "--candidate", "b"],
      EXIT.input,
      /a label that begins with "entail".*got LABEL_0/,
    ],
    [
      "inference",
      ["--texts", path("texts.txt"), "--candidate", "a"],
      EXIT.usage,
      /--candidate: expected two labels at least/,
    ],
    [
      "inference",
      ["--texts", path("texts.txt"), "--hypothesis", "x {}"],
      EXIT.usage,
      /--hypothesis: expected --candidate beside it/,
    ],
    [
      "inference",
      ["--texts", path("pairs.jsonl"), "--candidate", "a", "--candidate", "b"],
      EXIT.input,
      /--candidate: expected single texts, got pairs/,
    ],
    [
      "ranker",
      ["--texts", path("pairs.jsonl"), "--top", "1", "--top", "2"],
      EXIT.usage,
      /--top: expected once, got twice/,
    ],
  ];
  for (const [model, argv, code, told] of refused) {
    const got = await submit(model, ...argv);
    expect([argv, got.code, got.said]).toEqual([argv, code, expect.stringMatching(told)]);
  }
  writeFileSync(path("blank.jsonl"), '{"text": "a king", "text_pair": " "}\n');
  expect((await submit("ranker", "--texts", path("blank.jsonl"))).said).toMatch(
    /line 1: expected a text, got an empty one/,
  );
  expect(await coordinator.client.jobs()).toHaveLength(before);
});
