/** /v1 with OpenAI's own client: only the base URL is another. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { loadOnnxHere } from "../../models/small-encoder.ts";
import { cli } from "./fake-terminal.ts";

const MODEL = fileURLToPath(new URL("../../models/small-encoder/", import.meta.url));
const SIZE = 32;

let coordinator: CoordinatorInProcess;
let folder: string;
let key: string;
let client: OpenAI;
const paritab = (argv: string[]) =>
  cli(argv, { environment: { PARITAB_URL: coordinator.url, PARITAB_TOKEN: key, XDG_CONFIG_HOME: folder } });
const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (problem: unknown) => problem,
  );
  expect(error).toBeInstanceOf(OpenAI.APIError);
  const { status, code, param, type, message } = error as InstanceType<typeof OpenAI.APIError>;
  return { status, code, param, type, message };
};
const timesOf = ({ headers }: Response) => {
  const [alone, crowd] = ["alone", "crowd"].map((of) => Number(headers.get(`x-paritab-${of}-ms`)));
  return { alone: alone!, crowd: crowd! };
};
const cosine = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, c) => sum + value * b[c]!, 0) / (Math.hypot(...a) * Math.hypot(...b));

beforeAll(async () => {
  coordinator = await coordinatorInProcess({ PARITAB_AUTH: "on" }, (address, init = {}) =>
    fetch(address, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } }),
  );
  key = coordinator.adminToken!;
  folder = mkdtempSync(join(tmpdir(), "paritab-openai-"));
  await loadOnnxHere();
  client = new OpenAI({ baseURL: `${coordinator.url}/v1`, apiKey: key, maxRetries: 0 });
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("before there are tabs", () => {
  test("who asks what there is, or submits a job, is told how to lend a tab", async () => {
    const advice = `open ${coordinator.url} in a browser and press Start to lend one\n`;
    const asked = await paritab(["capacity"]);
    expect([asked.code, asked.said]).toEqual([
      EXIT.ok,
      expect.stringContaining(`no tab is connected and ready; ${advice}`),
    ]);
    const told = new AbortController();
    // Of fewer rows the coordinator computes all itself, and waits for nobody.
    const { code, said } = await cli(["submit", "inference", "--sample", "mnist", "--sample-count", "200"], {
      environment: { PARITAB_URL: coordinator.url, PARITAB_TOKEN: key, XDG_CONFIG_HOME: folder },
      signal: told.signal,
      onSay: (line) => {
        if (line.includes("press Start")) told.abort(new Error("interrupted"));
      },
    });
    expect([code, said]).toEqual([
      EXIT.interrupted,
      expect.stringContaining(`no tab is connected and ready; ${advice}`),
    ]);
  });

  test("a name that is none is refused with what is wrong with the folder, before anything is sent", async () => {
    const { code, said } = await paritab(["model", "add", "Bad Name!", "no-such-folder"]);
    expect(code).toBe(EXIT.input);
    expect(said).toMatch(
      /NAME: expected a name of 1 to 90 letters, .*, got "Bad Name!"; take "Bad-Name", for example\n/,
    );
    expect(said).toContain("no-such-folder: there is no such file");
  });

  test("a model gets a name, and is listed", async () => {
    const { code, out, said } = await paritab(["model", "add", "tests/small", MODEL]);
    expect([code, out], said).toEqual([
      EXIT.ok,
      "model tests/small: vectors of 32 numbers, texts of at most 64 tokens\n",
    ]);
    expect((await paritab(["model", "list"])).out).toMatch(/^name +dimensions .*\ntests\/small +32 +64 +administrator/);
    const models = await client.models.list();
    expect(models.data.map(({ id, object }) => [id, object])).toEqual([["tests/small", "model"]]);
    expect(await client.models.retrieve("tests/small")).toMatchObject({ id: "tests/small" });
    expect(await refusal(client.models.retrieve("other"))).toMatchObject({ status: 404, code: "model_not_found" });
  });

  test("vectors are asked for in vain: 503, with when to come again", async () => {
    const asked = client.embeddings.create({ model: "tests/small", input: "a cat" });
    expect(await refusal(asked)).toMatchObject({ status: 503, type: "server_error", code: "no_tabs" });
    const answer = await fetch(`${coordinator.url}/v1/embeddings`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "tests/small", input: "a cat" }),
    });
    const after = answer.headers.get("retry-after");
    expect(Number(after)).toBeGreaterThan(0);
    expect((await answer.json()).error.message).toContain(`ask again in ${after} s`);
  });

  test("what cannot be is refused as OpenAI does, with the field, the limit and what came", async () => {
    const create = (changed: object) =>
      refusal(client.embeddings.create({ model: "tests/small", input: "a", ...changed }));
    const bad = { status: 400, type: "invalid_request_error" };
    expect(await create({ model: "gpt" })).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    expect(await create({ input: "" })).toMatchObject({ ...bad, param: "input" });
    expect(await create({ input: ["a", " "] })).toMatchObject({ ...bad, message: expect.stringMatching(/input\[1\]/) });
    expect(await create({ input: [] })).toMatchObject({ ...bad, param: "input" });
    expect(await create({ input: [1, 2, 3] })).toMatchObject({
      ...bad,
      message: expect.stringMatching(/ids of tokens/),
    });
    expect(await create({ input: [[1, 2], [3]] })).toMatchObject({ ...bad, param: "input" });
    expect(await create({ input: new Array(2_049).fill("a") })).toMatchObject({
      ...bad,
      message: expect.stringMatching(/1 to 2048 texts, got 2049/),
    });
    expect(await create({ input: "cat ".repeat(90) })).toMatchObject({
      ...bad,
      code: "context_length_exceeded",
      message: expect.stringMatching(/maximum context length is 64 tokens, however input\[0\] has 92/),
    });
    expect(await create({ dimensions: 8 })).toMatchObject({ ...bad, param: "dimensions" });
    expect(await create({ encoding_format: "int8" })).toMatchObject({ ...bad, param: "encoding_format" });
    expect(await create({ temperature: 1 })).toMatchObject({ ...bad, param: "temperature" });
  });

  test("a wrong key is 401, an address that is none 404, both in OpenAI's words", async () => {
    const stranger = new OpenAI({ baseURL: `${coordinator.url}/v1`, apiKey: "sk-nobody", maxRetries: 0 });
    expect(await refusal(stranger.embeddings.create({ model: "tests/small", input: "a" }))).toMatchObject({
      status: 401,
      code: "invalid_api_key",
    });
    expect(await refusal(client.chat.completions.create({ model: "tests/small", messages: [] }))).toMatchObject({
      status: 404,
      code: "unknown_url",
    });
  });
});

describe("with tabs", () => {
  const texts = ["a cat on the sea", "the king and the queen", "a cat on the sea"];

  beforeAll(() => coordinator.openTabs(4));

  test("vectors come in order, as numbers and as base64, with usage and how far to trust them", async () => {
    const floats = await client.embeddings.create({ model: "tests/small", input: texts, encoding_format: "float" });
    expect(floats).toMatchObject({
      object: "list",
      model: "tests/small",
      usage: { prompt_tokens: 21, total_tokens: 21 },
    });
    expect(floats.data.map(({ index, embedding }) => [index, embedding.length])).toEqual(
      [0, 1, 2].map((i) => [i, SIZE]),
    );
    const vectors = floats.data.map(({ embedding }) => embedding);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(cosine(vectors[0]!, vectors[2]!)).toBeGreaterThan(0.999999);
    expect(cosine(vectors[0]!, vectors[1]!)).toBeLessThan(0.99);
    const { paritab: trust } = floats.data[0] as unknown as { paritab: { mark: string; job: string } };
    expect(["exact", "audited"]).toContain(trust.mark);
    const { receipts } = (floats as unknown as { paritab: { receipts: string[] } }).paritab;
    expect(receipts).toEqual([`/api/jobs/${trust.job}/receipt.json`]);
    expect(await coordinatorReceipt(receipts[0]!)).toMatchObject({ jobId: trust.job });
    // The client asks for base64 where nobody says how, and unpacks it.
    const packed = await client.embeddings.create({ model: "tests/small", input: texts[0]!, dimensions: SIZE });
    expect(cosine(packed.data[0]!.embedding, vectors[0]!)).toBeGreaterThan(0.999999);
  });

  test("headers say what the texts took with the crowd, and what the coordinator's machine alone would take", async () => {
    const asked = { model: "tests/small", input: texts };
    const startMs = performance.now();
    const { response } = await client.embeddings.create(asked).withResponse();
    const { alone, crowd } = timesOf(response);
    expect(crowd).toBeLessThanOrEqual(Math.ceil(performance.now() - startMs));
    expect([alone > 0, crowd > 0]).toEqual([true, true]);
    const jsonl = JSON.stringify({ custom_id: "a", method: "POST", url: "/v1/embeddings", body: asked });
    const file = await client.files.create({ file: await toFile(Buffer.from(jsonl), "in.jsonl"), purpose: "batch" });
    const given = { input_file_id: file.id, endpoint: "/v1/embeddings", completion_window: "24h" } as const;
    const { id } = await client.batches.create(given);
    await ended(id);
    const ofBatch = timesOf((await client.batches.retrieve(id).withResponse()).response);
    expect([ofBatch.alone > 0, ofBatch.crowd > 0]).toEqual([true, true]);
    for (const name of [file.id, (await client.batches.retrieve(id)).output_file_id!]) await client.files.delete(name);
  });

  test("a batch answers each line once, wrong ones by themselves", async () => {
    const lines = Array.from({ length: 40 }, (_, i) => ({
      custom_id: `line-${i}`,
      method: "POST",
      url: "/v1/embeddings",
      body: { model: "tests/small", input: i === 7 ? "cat ".repeat(90) : [`a cat and ${i} dogs`, "the sea"] },
    }));
    const jsonl = lines.map((line) => JSON.stringify(line)).join("\n");
    const file = await client.files.create({ file: await toFile(Buffer.from(jsonl), "in.jsonl"), purpose: "batch" });
    expect(file).toMatchObject({ object: "file", bytes: jsonl.length, filename: "in.jsonl", purpose: "batch" });
    const batch = await client.batches.create({
      input_file_id: file.id,
      endpoint: "/v1/embeddings",
      completion_window: "24h",
      metadata: { corpus: "cats" },
    });
    const done = await ended(batch.id);
    expect(done).toMatchObject({
      status: "completed",
      metadata: { corpus: "cats" },
      request_counts: { total: 40, completed: 39, failed: 1 },
    });
    const answered = await jsonLines(done.output_file_id!);
    expect(answered.map(({ custom_id }) => custom_id)).toEqual(
      lines.map(({ custom_id }) => custom_id).filter((id) => id !== "line-7"),
    );
    for (const { response } of answered) {
      expect(response).toMatchObject({ status_code: 200, body: { model: "tests/small" } });
      expect(response.body.data.map(({ embedding }: { embedding: number[] }) => embedding.length)).toEqual([
        SIZE,
        SIZE,
      ]);
      expect(response.body.data[0].paritab).toMatchObject({ mark: expect.stringMatching(/exact|audited/) });
    }
    const [failed, ...others] = await jsonLines(done.error_file_id!);
    expect(others).toEqual([]);
    expect(failed).toMatchObject({ custom_id: "line-7", response: { status_code: 400 } });
    expect(failed.response.body.error).toMatchObject({ code: "context_length_exceeded", param: "input" });
    expect((await client.batches.list()).data.map(({ id }) => id)).toContain(batch.id);
    expect((await client.files.list()).data.length).toBe(3);
    expect(await client.files.delete(file.id)).toMatchObject({ deleted: true });
  });

  test("a batch of wrong lines fails before anything is computed, each line by its number", async () => {
    const line = (changed: object) => ({
      custom_id: "a",
      method: "POST",
      url: "/v1/embeddings",
      body: { model: "tests/small", input: "a" },
      ...changed,
    });
    const wrong = [
      line({}),
      line({}),
      line({ custom_id: "b", url: "/v1/chat" }),
      line({ custom_id: "c", body: { model: "x" } }),
    ];
    const jsonl = `${wrong.map((one) => JSON.stringify(one)).join("\n")}\nno json`;
    const file = await client.files.create({ file: await toFile(Buffer.from(jsonl), "in.jsonl"), purpose: "batch" });
    const { id } = await client.batches.create({
      input_file_id: file.id,
      endpoint: "/v1/embeddings",
      completion_window: "24h",
    });
    const failed = await ended(id);
    expect(failed.status).toBe("failed");
    expect(failed.errors!.data!.map(({ line, code }) => [line, code])).toEqual([
      [2, "duplicate_custom_id"],
      [3, "invalid_url"],
      [4, "model_not_found"],
      [5, "invalid_json_line"],
    ]);
    const elsewhere = client.batches.create({
      input_file_id: file.id,
      endpoint: "/v1/completions",
      completion_window: "24h",
    });
    expect(await refusal(elsewhere)).toMatchObject({ status: 400, param: "endpoint" });
    const lost = client.batches.create({
      input_file_id: "file-00",
      endpoint: "/v1/embeddings",
      completion_window: "24h",
    });
    expect(await refusal(lost)).toMatchObject({ status: 400, param: "input_file_id" });
    const allWrong = { input_file_id: "file-00", endpoint: "/v1/completions", completion_window: "24h" } as const;
    const both = await refusal(client.batches.create({ ...allWrong, metadata: { ["a".repeat(65)]: "" } }));
    expect(both).toMatchObject({ status: 400, param: "input_file_id" });
    expect(both.message).toMatch(/input_file_id: expected .*; endpoint: expected .*; metadata: expected /);
  });

  test("what is somebody else's does not exist, and a name that is taken stays", async () => {
    const { token } = await coordinator.client.createToken({ submitter: "other", scopes: ["submit", "read"] });
    const other = new OpenAI({ baseURL: `${coordinator.url}/v1`, apiKey: token, maxRetries: 0 });
    expect((await other.files.list()).data).toEqual([]);
    const [own] = (await client.files.list()).data;
    for (const id of [own!.id, "file-nope"])
      expect(await refusal(other.files.retrieve(id))).toMatchObject({ status: 404 });
    expect(await refusal(other.batches.retrieve("batch_nope"))).toMatchObject({ status: 404, code: "not_found" });
    expect((await other.embeddings.create({ model: "tests/small", input: "a cat" })).data.length).toBe(1);
    expect(await refusal(other.models.delete("tests/small"))).toMatchObject({ status: 403, code: "not_owner" });
  });

  const coordinatorReceipt = async (address: string) =>
    (await fetch(new URL(address, coordinator.url), { headers: { authorization: `Bearer ${key}` } })).json();
  const jsonLines = async (fileId: string) =>
    (await (await client.files.content(fileId)).text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  async function ended(batchId: string) {
    for (;;) {
      const batch = await client.batches.retrieve(batchId);
      if (["completed", "failed", "cancelled"].includes(batch.status)) return batch;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
