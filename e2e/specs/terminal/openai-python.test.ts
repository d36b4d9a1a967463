/** /v1 with OpenAI's own client for Python (Debian's python3-openai), run by a real Python: only the base URL is another. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as ort from "onnxruntime-web/wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ModelFile } from "../../../shared/sdk/paritab-client.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { spawned } from "./spawned.ts";

const MODEL = new URL("../../models/small-encoder/", import.meta.url);
const FILES = ["onnx/model.onnx", "tokenizer.json", "tokenizer_config.json", "config.json"];
const python = ["python3", "/usr/bin/python3"].find((one) => spawnSync(one, ["-c", "import openai"]).status === 0);

describe.skipIf(python === undefined)("Python's openai (skipped where there is none)", () => {
  let coordinator: CoordinatorInProcess;
  beforeAll(async () => {
    coordinator = await coordinatorInProcess();
    // Tabs in this process would look for it where the test's own server has it.
    ort.env.wasm.numThreads = 1;
    await ort.InferenceSession.create(readFileSync(fileURLToPath(new URL(FILES[0]!, MODEL))));
    const files = FILES.map((name): ModelFile => ({ name, data: Uint8Array.from(readFileSync(new URL(name, MODEL))) }));
    await coordinator.client.addNamedModel("small", files, { pool: "mean" });
    await coordinator.openTabs(4);
  });
  afterAll(() => coordinator.close());

  async function run(script: string): Promise<unknown> {
    const head = `import json, time, openai\nclient = openai.OpenAI(base_url="${coordinator.url}/v1", api_key="any")\n`;
    const { out, err, code } = await spawned(python!, ["-c", head + script], { env: process.env }).ended;
    expect(code, err).toBe(0);
    return JSON.parse(out);
  }

  test("lists models and embeds texts, as floats and as it asks by itself", async () => {
    const answer = (await run(`
texts = ["a cat on the sea", "the king and queen"]
plain = client.embeddings.create(model="small", input=texts, encoding_format="float")
packed = client.embeddings.create(model="small", input=texts)
print(json.dumps({
    "models": [model.id for model in client.models.list()],
    "plain": [one.embedding for one in plain.data],
    "packed": [one.embedding for one in packed.data],
    "tokens": plain.usage.prompt_tokens,
}))`)) as { models: string[]; plain: number[][]; packed: number[][]; tokens: number };
    expect(answer.models).toEqual(["small"]);
    expect(answer.plain.map(({ length }) => length)).toEqual([32, 32]);
    for (const [i, vector] of answer.plain.entries()) {
      for (const [c, value] of vector.entries()) expect(answer.packed[i]![c]).toBeCloseTo(value, 5);
    }
    expect(answer.tokens).toBeGreaterThan(8);
  });

  test("is told by its own exceptions what cannot be", async () => {
    expect(
      await run(`
def refused(**asked):
    try:
        client.embeddings.create(**asked)
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code, error.param]
print(json.dumps([refused(model="other", input="a"), refused(model="small", input=""), refused(model="small", input="cat " * 99)]))`),
    ).toEqual([
      ["NotFoundError", 404, "model_not_found", "model"],
      ["BadRequestError", 400, expect.anything(), "input"],
      ["BadRequestError", 400, "context_length_exceeded", "input"],
    ]);
  });

  test("cancels a batch and deletes a file: both by their address alone, without a body", async () => {
    const answer = await run(`
line = {"custom_id": "a", "method": "POST", "url": "/v1/embeddings", "body": {"model": "small", "input": "a cat"}}
file = client.files.create(file=("in.jsonl", json.dumps(line).encode()), purpose="batch")
batch = client.batches.create(input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h")
cancelled = client.batches.cancel(batch.id)
deleted = client.files.delete(file.id)
print(json.dumps([cancelled.id == batch.id, deleted.deleted, file.id in [one.id for one in client.files.list()]]))`);
    expect(answer).toEqual([true, true, false]);
  });

  test("uploads a file, runs a batch and reads every line once", async () => {
    const answer = (await run(`
lines = [{"custom_id": f"line-{i}", "method": "POST", "url": "/v1/embeddings", "body": {"model": "small", "input": f"{i} cats"}} for i in range(60)]
data = "\\n".join(json.dumps(line) for line in lines).encode()
file = client.files.create(file=("in.jsonl", data), purpose="batch")
batch = client.batches.create(input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h")
while batch.status not in ("completed", "failed", "cancelled", "expired"):
    time.sleep(0.1)
    batch = client.batches.retrieve(batch.id)
text = client.files.content(batch.output_file_id).text
ids = [json.loads(line)["custom_id"] for line in text.splitlines()]
print(json.dumps({"status": batch.status, "counts": batch.request_counts.model_dump(), "ids": ids}))`)) as {
      status: string;
      counts: object;
      ids: string[];
    };
    expect(answer).toEqual({
      status: "completed",
      counts: { total: 60, completed: 60, failed: 0 },
      ids: Array.from({ length: 60 }, (_, i) => `line-${i}`),
    });
  });
});
