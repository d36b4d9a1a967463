/** A text model as PyTorch exports it, in real tabs: three inputs of whole numbers, of a length that is said when it is submitted. */
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web/wasm";
import { INPUT_SIZES_FILE } from "../../shared/compute/runtimes/runtime-description.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { InferenceSubmissionInput, ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";
import { ended, expect, test } from "./fixtures.ts";

const MODEL_FILE = new URL("../models/small-encoder/onnx/model.onnx", import.meta.url);
const LENGTH = 24;
const TEXTS = 200;
const WORDS = 258;
const HIDDEN = 32;

/** n x LENGTH each. Texts of 2 to LENGTH words, the rest is padding. */
function texts() {
  const random = simulationRandom(16);
  const inputs = {
    input_ids: new BigInt64Array(TEXTS * LENGTH),
    attention_mask: new BigInt64Array(TEXTS * LENGTH),
    token_type_ids: new BigInt64Array(TEXTS * LENGTH),
  };
  for (let text = 0; text < TEXTS; text++) {
    const words = 2 + random.integer(LENGTH - 1);
    for (let i = 0; i < words; i++) {
      inputs.input_ids[text * LENGTH + i] = BigInt(5 + random.integer(WORDS - 5));
      inputs.attention_mask[text * LENGTH + i] = 1n;
      inputs.token_type_ids[text * LENGTH + i] = BigInt(Number(i > words / 2));
    }
  }
  return inputs;
}

/** The library itself on the file as it is. */
async function straight(output: string): Promise<Float32Array> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(new Uint8Array(await readFile(MODEL_FILE)));
  const feeds = Object.entries(texts()).map(
    ([name, data]) => [name, new ort.Tensor("int64", data, [TEXTS, LENGTH])] as const,
  );
  const results = await session.run(Object.fromEntries(feeds), [output]);
  await session.release();
  return results[output]!.data as Float32Array;
}

async function uploaded(client: ParitabClient) {
  const sizes = new TextEncoder().encode(JSON.stringify({ sequence_length: LENGTH }));
  const model = await client.uploadModel([
    { name: "model.onnx", data: new Uint8Array(await readFile(MODEL_FILE)) },
    { name: INPUT_SIZES_FILE, data: sizes },
  ]);
  const queriesSha256: Record<string, string> = {};
  for (const [name, data] of Object.entries(texts())) {
    const npy = encodeNpy({ dtype: "I64", shape: [TEXTS, LENGTH], data });
    queriesSha256[name] = (await client.uploadTensor(new Uint8Array(npy))).tensorSha256;
  }
  return { model, source: { kind: "uploads", modelSha256: model.modelSha256, queriesSha256 } as const };
}

test("[SC8] [PR87] two hundred texts in real tabs are what the library says of the file itself, audited and never mixed", async ({
  coordinator,
  openTabs,
}) => {
  const { client } = coordinator;
  const { model, source } = await uploaded(client);
  expect(model.inputs).toEqual([
    { name: "input_ids", shape: [LENGTH], dtype: "int64", below: WORDS },
    { name: "attention_mask", shape: [LENGTH], dtype: "int64" },
    { name: "token_type_ids", shape: [LENGTH], dtype: "int64", below: 2 },
  ]);
  await openTabs({ tabs: 3, backends: ["wasm", "webgl"] });
  const job = (settings: object) => ({ kind: "inference", source, ...settings }) as InferenceSubmissionInput;

  for (const [output, width] of [
    ["logits", 3],
    ["last_hidden_state", LENGTH * HIDDEN],
  ] as const) {
    const task = output === "logits" ? "classification" : "regression";
    const { jobId } = await client.submit(job({ output, task, queriesPerGroup: 4, stragglers: 1, liars: 0 }));
    const { state, answersByMark } = await ended(client, jobId);
    expect(state).toBe("done");
    expect(answersByMark.audited + answersByMark.exact).toBe(TEXTS);
    const expected = await straight(output);
    const { answers } = await client.answers(jobId, { limit: TEXTS });
    const wrong = answers.filter(({ index, outputs }) => {
      const row = expected.subarray(index * width, (index + 1) * width);
      return outputs.length !== width || !rowAgrees(row, outputs, PRECISION_TOLERANCE.float32);
    });
    expect([answers.length, wrong.length]).toEqual([TEXTS, 0]);
  }
});

test("[SC8] codes that mix are refused over HTTP with the sentence that says why", async ({ coordinator }) => {
  const { client } = coordinator;
  const { source } = await uploaded(client);
  const submitted = client.submit({ kind: "inference", source, output: "logits", scheme: "approxifer" });
  await expect(submitted).rejects.toThrow(/whole numbers cannot be mixed; got approxifer, which mixes queries/);
});
