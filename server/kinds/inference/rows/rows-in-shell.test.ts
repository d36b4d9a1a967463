/** Jobs on the ledger of rows through all of a live coordinator but sockets and browsers: its shell, engine, tasks and tabs that sign. */
import { afterEach, describe, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../../e2e/crowd/shell-with-tabs.ts";
import { createPlainRuntime } from "../../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { ReceiptKeys } from "../../../receipts/receipt-keys.ts";
import { INPUT_SIZE, model } from "../../../shell/testing/small-job.ts";
import { allAppends } from "../../../store/store.contract.ts";

const ROWS = 400;
const random = simulationRandom(3);
const queries = Float32Array.from({ length: ROWS * INPUT_SIZE }, () => normal(random));
const right = await (await createPlainRuntime().load(model)).run(queries, ROWS);
const PLAIN = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, completion: "exact" };

let world: ShellWithTabs;
afterEach(() => world.close());

async function open(tabs: readonly TabBehaviour[]): Promise<void> {
  const signer = ReceiptKeys.inMemory(() => 0, "5e".repeat(32));
  world = await ShellWithTabs.open(tabs, "plain", signer, true);
  world.settings = { rowLedger: true };
  await world.restart();
}

async function submitted(): Promise<string> {
  const modelSha256 = await world.store.putBlob(model);
  const queriesSha256 = await world.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data: queries });
  const reply = await world.submit({ ...PLAIN, source: { kind: "uploads", modelSha256, queriesSha256 } });
  if (!("jobId" in reply)) throw new Error(reply.message);
  return reply.jobId;
}

const view = (jobId: string) => world.shell.jobView(jobId) as InferenceJobView;
const all = async (jobId: string) => (await world.shell.desks.inference.allAnswers(jobId))!;

describe("a job on the ledger", { timeout: 60_000 }, () => {
  test("ends with every answer right and final, is read again from its rows, and says who gave them", async () => {
    await open(Array.from({ length: 6 }, () => ({})));
    const jobId = await submitted();
    await world.ended(jobId);
    expect(view(jobId)).toMatchObject({ state: "done", finalCount: ROWS, queryCount: ROWS });
    expect(Array.from((await all(jobId)).outputs)).toEqual(Array.from(right));
    expect((await world.store.rounds(jobId)).length).toBe(0);
    expect((await allAppends(world.store, jobId)).length).toBeGreaterThan(0);
    const before = await world.shell.desks.inference.answers(jobId, 0, ROWS);
    await world.restart();
    expect(await world.shell.desks.inference.answers(jobId, 0, ROWS)).toEqual(before);
    expect(view(jobId)).toMatchObject({ state: "done", finalCount: ROWS });
  });
});
