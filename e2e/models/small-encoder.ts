/** The encoder of tests as its submitter has it, and a batch of texts for it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as ort from "onnxruntime-web/wasm";
import type OpenAI from "openai";
import { toFile } from "openai";
import type { ModelFile } from "../../shared/sdk/paritab-client.ts";

const FOLDER = new URL("small-encoder/", import.meta.url);
const NAMES = ["onnx/model.onnx", "tokenizer.json", "tokenizer_config.json", "config.json"];

export function smallEncoderFiles(): ModelFile[] {
  return NAMES.map((name) => ({ name, data: Uint8Array.from(readFileSync(new URL(name, FOLDER))) }));
}

/** Tabs in this process would look for the library where the test's own server has it. */
export async function loadOnnxHere(): Promise<void> {
  ort.env.wasm.numThreads = 1;
  await ort.InferenceSession.create(readFileSync(fileURLToPath(new URL(NAMES[0]!, FOLDER))));
}

/** Uploads so many lines, each with a text for the model `small`. @returns what makes a batch of them, and the ids of the lines */
export async function batchOfTexts(client: OpenAI, count: number) {
  const lines = Array.from({ length: count }, (_, i) => ({
    custom_id: `line-${i}`,
    method: "POST",
    url: "/v1/embeddings",
    body: { model: "small", input: `${i} cats on the sea`, encoding_format: "base64" },
  }));
  const bytes = Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n"));
  const file = await client.files.create({ file: await toFile(bytes, "in.jsonl"), purpose: "batch" });
  const asked = { input_file_id: file.id, endpoint: "/v1/embeddings", completion_window: "24h" } as const;
  return { asked, ids: lines.map(({ custom_id }) => custom_id) };
}
