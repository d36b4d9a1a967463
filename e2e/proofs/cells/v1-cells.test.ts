/** /v1 of two coordinators: whichever is asked, and whichever dies. */
import OpenAI from "openai";
import { afterEach, expect, test } from "vitest";
import type { SessionCore } from "../../../client/session/session-core.ts";
import { postgresPrograms } from "../../../server/store/testing/postgres-server.ts";
import { tabsOfThisBuild } from "../../coordinators/coordinator-in-process.ts";
import { batchOfTexts, loadOnnxHere, smallEncoderFiles } from "../../models/small-encoder.ts";
import { type CellName, TwoCells } from "./two-cells.ts";

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
    await cells.client("b").addNamedModel("small", smallEncoderFiles(), { pool: "mean" });
    expect((await clientOf("a").models.list()).data.map(({ id }) => id)).toEqual(["small"]);

    const { asked, ids: sent } = await batchOfTexts(clientOf("b"), LINES);
    const { id } = await clientOf("a").batches.create(asked);
    const jobs = await until(jobIds, (all) => all.length > 0);

    // It waits: nobody is there. Then its cell is killed, and tabs come to the other one.
    await cells.cell("a").end("SIGKILL");
    await loadOnnxHere();
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
    expect(ids).toEqual(sent);
    expect(await jobIds()).toEqual(jobs);
  },
);
