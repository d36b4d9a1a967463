/** A batch of /v1 outlives a power cut: its coordinator is killed in the middle of 5,000 texts, and every line is there once. */
import { readFileSync } from "node:fs";
import OpenAI, { toFile } from "openai";
import type { ModelFile } from "../../shared/sdk/paritab-client.ts";
import { expect, test } from "./fixtures.ts";

const MODEL = new URL("../models/small-encoder/", import.meta.url);
const FILES = ["onnx/model.onnx", "tokenizer.json", "tokenizer_config.json", "config.json"];
const COUNT = 5_000;
const SIZE = 32;

test("5,000 texts, kill -9 amid them: the batch completes, with each line once", async ({ coordinator, openTabs }) => {
  test.setTimeout(420_000);
  const { client, url } = coordinator;
  const files = FILES.map((name): ModelFile => ({ name, data: Uint8Array.from(readFileSync(new URL(name, MODEL))) }));
  await client.addNamedModel("small", files, { pool: "mean" });
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "any", maxRetries: 20 });
  const ids = Array.from({ length: COUNT }, (_, i) => `line-${i}`);
  const lines = ids.map((custom_id, i) => ({
    custom_id,
    method: "POST",
    url: "/v1/embeddings",
    body: { model: "small", input: `${i} cats on ${i % 7} ships at sea`, encoding_format: "base64" },
  }));
  const bytes = Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n"));
  const file = await openai.files.create({ file: await toFile(bytes, "in.jsonl"), purpose: "batch" });
  const { id } = await openai.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/embeddings",
    completion_window: "24h",
  });
  await openTabs({ tabs: 4 });
  // Some answers are there, and most are not.
  const answered = async () => {
    const jobs = await client.jobs();
    const missing = jobs.map((job) => (job.kind === "inference" ? job.answersByMark.missing : 0));
    const all = jobs.reduce((sum, job) => sum + (job.kind === "inference" ? job.queryCount : 0), 0);
    return all === 0 ? 0 : 1 - missing.reduce((sum, n) => sum + n, 0) / all;
  };
  await expect.poll(answered, { timeout: 120_000, intervals: [50] }).toBeGreaterThan(0.1);
  const share = await answered();
  await coordinator.restart();
  expect(share).toBeLessThan(1);
  const statusOf = async () => (await openai.batches.retrieve(id)).status;
  await expect.poll(statusOf, { timeout: 300_000, intervals: [500] }).toBe("completed");
  const batch = await openai.batches.retrieve(id);
  expect(batch.request_counts).toEqual({ total: COUNT, completed: COUNT, failed: 0 });
  const text = await (await openai.files.content(batch.output_file_id!)).text();
  const got = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(got.map(({ custom_id }) => custom_id)).toEqual(ids);
  for (const { response } of got) {
    expect(Buffer.from(response.body.data[0].embedding, "base64").length).toBe(4 * SIZE);
  }
});
