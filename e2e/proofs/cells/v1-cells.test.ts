/** /v1 of two coordinators: whichever is asked, and whichever dies. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as ort from "onnxruntime-web/wasm";
import OpenAI, { toFile } from "openai";
import { afterEach, expect, test } from "vitest";
import type { SessionCore } from "../../../client/session/session-core.ts";
import { postgresPrograms } from "../../../server/store/testing/postgres-server.ts";
import { tabsOfThisBuild } from "../../coordinators/coordinator-in-process.ts";
import { type CellName, TwoCells } from "./two-cells.ts";

const MODEL = new URL("../../models/small-encoder/", import.meta.url);
const LINES = 120;
const LOOK_MS = 50;
const MS_MAX = 400_000;

let cells: TwoCells;
const tabs: SessionCore[] = [];
afterEach(async ({ task }) => {
  for (const tab of tabs.splice(0)) tab.stop();
  if (task.result?.state === "fail") console.log(cells.outputs());
  await cells.end();
});

const clientOf = (name: CellName) => new OpenAI({ baseURL: `${cells.cell(name).url}/v1`, apiKey: "any" });

const jobIds = async () => (await cells.ask("SELECT job_id FROM jobs")).map(({ job_id }) => job_id);

async function until<T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> {
  for (;;) {
    // For as long as a lease, nobody is sure whose it is.
    const seen = await look().catch((error: unknown) => {
      if (error instanceof OpenAI.APIConnectionError || (error as { status?: number }).status === 503) return null;
      throw error;
    });
    if (seen !== null && isThere(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

test.skipIf(postgresPrograms() === null)(
  "[CE14] any cell takes files and batches, a batch goes on when the cell that had it is killed, and every line is there once",
  { timeout: MS_MAX },
  async () => {
    cells = await TwoCells.start({}, ["--allow-faults"]);
    const names = ["onnx/model.onnx", "tokenizer.json", "tokenizer_config.json", "config.json"];
    const files = names.map((name) => ({ name, data: Uint8Array.from(readFileSync(new URL(name, MODEL))) }));
    await cells.client("b").addNamedModel("small", files, { pool: "mean" });
    expect((await clientOf("a").models.list()).data.map(({ id }) => id)).toEqual(["small"]);

    const lines = Array.from({ length: LINES }, (_, i) => ({
      custom_id: `line-${i}`,
      method: "POST",
      url: "/v1/embeddings",
      body: { model: "small", input: `${i} cats on the sea`, encoding_format: "base64" },
    }));
    const bytes = Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n"));
    const file = await clientOf("b").files.create({ file: await toFile(bytes, "in.jsonl"), purpose: "batch" });
    const asked = { input_file_id: file.id, endpoint: "/v1/embeddings", completion_window: "24h" } as const;
    const { id } = await clientOf("a").batches.create(asked);
    const jobs = await until(jobIds, (all) => all.length > 0);

    // It waits: nobody is there. Then its cell is killed, and tabs come to the other one.
    await cells.cell("a").end("SIGKILL");
    ort.env.wasm.numThreads = 1;
    await ort.InferenceSession.create(readFileSync(fileURLToPath(new URL("onnx/model.onnx", MODEL))));
    const openNodeTab = await tabsOfThisBuild();
    for (let n = 0; n < 3; n++) tabs.push(await openNodeTab(cells.cell("b").url, `tab ${n}`));
    const isEnded = ({ status }: OpenAI.Batch) => ["completed", "failed", "cancelled"].includes(status);
    const done = await until(() => clientOf("b").batches.retrieve(id), isEnded);
    expect(done).toMatchObject({ status: "completed", request_counts: { total: LINES, completed: LINES, failed: 0 } });

    // The one that was killed is the younger one now, and knows as much.
    await cells.startCell("a");
    const text = await until(
      async () => (await clientOf("a").files.content(done.output_file_id!)).text(),
      () => true,
    );
    const ids = text
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id);
    expect(ids).toEqual(lines.map(({ custom_id }) => custom_id));
    expect(await jobIds()).toEqual(jobs);
  },
);
