/** A text model from submission to answers: several inputs of whole numbers, one row to everybody, never mixed. */
import { afterEach, describe, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { factsOfBundle } from "../../../shared/compute/model-facts.ts";
import { onnxFormat } from "../../../shared/compute/runtimes/onnx/onnx-format.ts";
import { createOnnxRuntime } from "../../../shared/compute/runtimes/onnx/onnx-runtime.ts";
import { packOnnx } from "../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { node, noise } from "../../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import {
  textModel,
  textModelParts,
  textRows,
  VOCABULARY,
  WIDTH,
} from "../../../shared/compute/runtimes/onnx/testing/text-model.ts";
import { encodeFrame } from "../../../shared/protocol/frame.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import { queriesOfLines } from "./web/posted-queries.ts";

const LENGTH = 8;
const QUERIES = 24;
const bundle = packOnnx(textModel(), new Map(), { sizes: new Map([["sequence_length", LENGTH]]) });
const rows = textRows(QUERIES, LENGTH);
const INPUTS = ["input_ids", "attention_mask", "token_type_ids"];
const settings = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1 };

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function open(): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(
    Array.from({ length: 7 }, () => ({})),
    "onnx",
  );
  // Tabs compute what is so small.
  await opened.hasAskedFor(1_000);
  return opened;
}

/** The numbers of one input of all rows, as int64. */
function partOf(place: number, changed: (part: BigInt64Array) => void = () => {}): NpyArray {
  const data = new BigInt64Array(QUERIES * LENGTH);
  for (let i = 0; i < data.length; i++) {
    data[i] = BigInt(rows[Math.floor(i / LENGTH) * 3 * LENGTH + place * LENGTH + (i % LENGTH)]!);
  }
  changed(data);
  return { dtype: "I64", shape: [QUERIES, LENGTH], data };
}

async function namedSource(world: ShellWithTabs, changes: Record<string, NpyArray> = {}) {
  const arrays = { ...Object.fromEntries(INPUTS.map((name, place) => [name, partOf(place)])), ...changes };
  const hashes = Object.entries(arrays).map(async ([name, array]) => [name, await world.upload(array)] as const);
  const modelSha256 = await world.store.putBlob(bundle);
  return { kind: "uploads", modelSha256, queriesSha256: Object.fromEntries(await Promise.all(hashes)) };
}

async function problemOf(world: ShellWithTabs, submission: Record<string, unknown>): Promise<string> {
  const reply = await world.submit(submission);
  return isProblem(reply) ? reply.message : "accepted";
}

async function expected(): Promise<Float32Array> {
  const model = await createOnnxRuntime().load(bundle);
  const outputs = await model.run(rows, QUERIES);
  model.dispose();
  return outputs;
}

async function answersOf(world: ShellWithTabs, jobId: string): Promise<Float32Array> {
  return (await world.shell.desks.inference.allAnswers(jobId))!.outputs;
}

describe("[SC8] a job on whole numbers", () => {
  test("[PR88] is answered from an array for each input, and from one of rows, and never sends a mixture", async () => {
    const world = await open();
    const said = await expected();
    const source = await namedSource(world);
    const together = await world.upload({ dtype: "F32", shape: [QUERIES, 3 * LENGTH], data: rows });
    for (const queriesSha256 of [source.queriesSha256, together]) {
      const jobId = await world.run({ ...settings, source: { ...source, queriesSha256 } });
      expect(world.shell.jobView(jobId)).toMatchObject({ state: "done", failedAudits: 0 });
      expect(await answersOf(world, jobId)).toEqual(said);
    }
    expect(world.batches.length).toBeGreaterThan(12);
    for (const batch of world.batches) {
      expect(batch.rows.every(Number.isInteger)).toBe(true);
      // [PR87] A byte is enough for this vocabulary.
      expect(Object.values(batch.tensors).every(({ dtype }) => dtype === "U8" || dtype === "U16")).toBe(true);
      expect(batch.tensors.part_0?.dtype).toBe("U8");
    }
  });

  test("[PR87] moves at most 1.15 times two bytes a word down and a vector up, with all that messages say beside, from eight rows a claim on", async () => {
    const [count, length, words, width] = [240, 64, 3_000, 384];
    const weights = [
      { name: "words", shape: [words, width], values: noise(words * width, 3) },
      { name: "types", shape: [2, width], values: noise(2 * width, 4) },
      { name: "kernel", shape: [width, width], values: noise(width * width, 5) },
    ];
    const wide = packOnnx(textModel({ weights }), new Map(), { sizes: new Map([["sequence_length", length]]) });
    // A third of them are shorter than the longest of their bucket.
    const lengthOf = (row: number) => (row % 3 === 0 ? length - (row % 20) : length);
    const data = new Float32Array(count * 3 * length);
    for (let row = 0; row < count; row++) {
      const start = row * 3 * length;
      for (let i = 0; i < lengthOf(row); i++) data[start + i] = 1 + ((row * 31 + i * 17) % (words - 1));
      data.fill(1, start + length, start + length + lengthOf(row));
    }
    const world = await open();
    const source = {
      kind: "uploads",
      modelSha256: await world.store.putBlob(wide),
      queriesSha256: await world.upload({ dtype: "F32", shape: [count, 3 * length], data }),
    };
    // Under this bound a block opens, so that tabs have all of its rows, however slow they are.
    await world.run({ task: "regression", queriesPerGroup: 4, stragglers: 0, liars: 0, answerBound: 0.3, source });
    let [moved, smallest] = [0, 0];
    const signed = { kind: "signature", bytes: 64 };
    // Its last claims are of a row or two, so that tabs end together.
    const large = world.batches.filter(({ assignment }) => assignment.rowCount >= 8);
    for (const { assignment, rows: sent, outputs } of large) {
      const { input, ...said } = assignment;
      const down = input.kind === "inline" ? input.frame.length : input.bytes;
      const result = encodeFrame({ outputs: { dtype: "F32", shape: [assignment.rowCount, width], data: outputs } });
      const up =
        JSON.stringify({ token: assignment.token, computeMs: 1, signed }).length + signed.bytes + result.length;
      moved += JSON.stringify(said).length + down + up;
      const ids = sent.filter((_, i) => i % (3 * length) < length);
      smallest += 2 * ids.filter((id) => id !== 0).length + 4 * outputs.length;
    }
    expect(large.length).toBeGreaterThan(0);
    expect(moved / smallest).toBeGreaterThan(1);
    expect(moved / smallest).toBeLessThan(1.15);
  });

  test("goes on after a restart, and its queries are read as they were submitted", async () => {
    const world = await open();
    const reply = await world.submit({ ...settings, source: await namedSource(world) });
    await world.restart();
    const { jobId } = reply as { jobId: string };
    await world.ended(jobId);
    expect(await answersOf(world, jobId)).toEqual(await expected());
    const first = await world.shell.desks.inference.queries(jobId, [1]);
    expect([...first!.data].map(Number)).toEqual([...rows.subarray(3 * LENGTH, 6 * LENGTH)]);
  });

  test("is refused where its scheme mixes, in a sentence that says why", async () => {
    const world = await open();
    const source = await namedSource(world);
    const why = "for input 'input_ids' takes int64, and whole numbers cannot be mixed";
    for (const scheme of ["approxifer", "spline", "berrut-systematic"]) {
      const problem = await problemOf(world, { scheme, queriesPerGroup: 4, stragglers: 1, liars: 0, source });
      expect(problem).toBe(
        `scheme: expected uncoded or replication or systematic, ${why}; got ${scheme}, which mixes queries`,
      );
    }
    expect(await problemOf(world, { ...settings, spares: "parities", source })).toBe(
      `spares: expected "backups" or "auto", ${why}; got "parities"`,
    );
    for (const scheme of ["uncoded", "replication"]) {
      const jobId = await world.run({ scheme, queriesPerGroup: 2, stragglers: 1, liars: 0, source });
      expect(world.shell.jobView(jobId)).toMatchObject({ state: "done" });
    }
    // Groups of one are copies.
    const jobId = await world.run({ ...settings, queriesPerGroup: 1, spares: "parities", source });
    expect(await answersOf(world, jobId)).toEqual(await expected());
  });

  test("[PR88] is refused where a number is none that its input takes, by query and place", async () => {
    const world = await open();
    const changed = (place: number, at: number, value: bigint) =>
      partOf(place, (part) => {
        part[at] = value;
      });
    const problem = async (name: string, array: NpyArray) =>
      problemOf(world, { ...settings, source: await namedSource(world, { [name]: array }) });
    expect(await problem("input_ids", changed(0, 2 * LENGTH + 3, BigInt(VOCABULARY)))).toBe(
      "query 2: input 'input_ids': expected whole numbers from -50 to 49 (a table of 50 rows), got 50 at place 3",
    );
    expect(await problem("attention_mask", changed(1, 0, 2n ** 40n + 1n))).toMatch(
      /input 'attention_mask': expected queries that float32 holds/,
    );
    expect(await problem("attention_mask", changed(1, 0, 2n ** 25n))).toMatch(/from -16777216 to 16777216 \(int64\)/);
    const halves: NpyArray = {
      dtype: "F32",
      shape: [QUERIES, LENGTH],
      data: new Float32Array(QUERIES * LENGTH).fill(0.5),
    };
    expect(await problem("token_type_ids", halves)).toMatch(/query 0: input 'token_type_ids': .*got 0\.5 at place 0/);
  });

  test("is refused without an array for each input, and with others", async () => {
    const world = await open();
    const source = await namedSource(world);
    const { token_type_ids: _types, ...two } = source.queriesSha256;
    const all = "'input_ids', 'attention_mask', 'token_type_ids'";
    expect(await problemOf(world, { ...settings, source: { ...source, queriesSha256: two } })).toBe(
      `queriesSha256: expected an array for each input of the model (${all}), got 'input_ids', 'attention_mask'`,
    );
    const short = await namedSource(world, {
      attention_mask: { dtype: "U8", shape: [3, LENGTH], data: new Uint8Array(3 * LENGTH) },
    });
    expect(await problemOf(world, { ...settings, source: short })).toMatch(
      /as many for each input, got 24 of 'input_ids' and 3 of 'attention_mask'/,
    );
    const wide = await namedSource(world, { attention_mask: { dtype: "U8", shape: [3, 9], data: new Uint8Array(27) } });
    expect(await problemOf(world, { ...settings, source: wide })).toMatch(
      /input 'attention_mask': expected shape \(n, 8\), got \(3, 9\)/,
    );
  });

  test("[VF12] is refused where its model makes of rounding another answer, which its weights tell and no input could", async () => {
    const world = await open();
    world.isUnrepeatable = true;
    const steps = Array.from({ length: 12 }, (_, i) => [
      node("Mul", [i === 0 ? "sum" : `wave${i}`, "gain"], {}, [`large${i}`]),
      node("Sin", [`large${i}`], {}, [i === 11 ? "sentence" : `wave${i + 1}`]),
    ]).flat();
    const plain = textModelParts();
    const file = textModel({
      nodes: [...plain.nodes.slice(0, -2), ...steps],
      weights: [...plain.weights, { name: "gain", shape: [], values: Float32Array.of(40) }],
    });
    const chaotic = packOnnx(file, new Map(), { sizes: new Map([["sequence_length", LENGTH]]) });
    const source = { ...(await namedSource(world)), modelSha256: await world.store.putBlob(chaotic) };
    expect(await problemOf(world, { ...settings, source })).toMatch(/float32 does not determine its answers/);
  });

  test("has outputs as wide as the model says", async () => {
    const world = await open();
    const jobId = await world.run({ ...settings, task: "regression", source: await namedSource(world) });
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputSize).toBe(WIDTH);
  });
});

describe("[SC8] a stream of whole numbers", () => {
  const length = 3 * LENGTH;
  const rowOf = (query: number) => rows.subarray(query * length, (query + 1) * length);

  test("takes rows, and refuses those that its inputs do not take, by their place", async () => {
    const world = await open();
    const modelSha256 = await world.store.putBlob(bundle);
    const reply = await world.submit({ ...settings, source: { kind: "stream", modelSha256, closeAfterMs: 0 } });
    const { jobId } = reply as { jobId: string };
    const wrong = rowOf(1).slice();
    wrong[3] = VOCABULARY;
    const posted = [0, 1, 2].map((query) => ({ values: query === 1 ? wrong : rowOf(query) }));
    const answer = await world.shell.desks.inference.postQueries(jobId, posted, null);
    expect(answer).toMatchObject({
      taken: 2,
      refused: [{ place: 1, message: expect.stringMatching(/got 50 at place 3/) }],
    });
    await world.shell.stop(jobId);
    await world.ended(jobId);
    const said = await expected();
    const outputs = await answersOf(world, jobId);
    expect(outputs).toEqual(Float32Array.of(...said.subarray(0, WIDTH), ...said.subarray(2 * WIDTH, 3 * WIDTH)));
    for (const batch of world.batches) expect(batch.rows.every(Number.isInteger)).toBe(true);
  });

  test("[PR88] a line of JSON may name its inputs", () => {
    const inputs = factsOfBundle(onnxFormat, bundle).inputs;
    const parts = INPUTS.map((name, place) => [name, [...rowOf(0).subarray(place * LENGTH, (place + 1) * LENGTH)]]);
    const line = (changes: object) => JSON.stringify({ ...Object.fromEntries(parts), ...changes });
    const masks = { attention_mask: Array.from({ length: LENGTH }, (_, i) => rowOf(0)[LENGTH + i] === 1) };
    for (const text of [line({}), line(masks), JSON.stringify([...rowOf(0)])]) {
      expect(queriesOfLines(text, inputs)).toEqual([{ values: [...rowOf(0)] }]);
    }
    expect(queriesOfLines(line({ more: [1] }), inputs)).toEqual([
      {
        problem:
          "expected the inputs input_ids, attention_mask, token_type_ids, got input_ids, attention_mask, token_type_ids, more",
      },
    ]);
    expect(queriesOfLines(line({ input_ids: [1] }), inputs)).toEqual([
      { problem: "input 'input_ids': expected 8 numbers, got 1" },
    ]);
    expect(queriesOfLines(line({ input_ids: Array(LENGTH).fill("word") }), inputs)).toEqual([
      { problem: 'expected numbers, got "word" at place 0' },
    ]);
    expect(queriesOfLines(line({}))).toEqual([{ problem: "expected an array of numbers, got something else" }]);
  });
});
