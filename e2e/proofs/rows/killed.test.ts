/** A coordinator with a job on the ledger of rows is killed in the middle, as a machine that loses its power, and started again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { SessionCore } from "../../../client/session/session-core.ts";
import { createParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { tabsOfThisBuild } from "../../coordinators/coordinator-in-process.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { freePort } from "../../coordinators/free-port.ts";

const ROWS = 6_000;
const TABS = 6;

const dataDirectory = mkdtempSync(join(tmpdir(), "paritab-rows-killed-"));
const tabs: SessionCore[] = [];
let running: CoordinatorProcess | null = null;
afterAll(async () => {
  for (const tab of tabs) tab.stop();
  await running?.end("SIGTERM");
  rmSync(dataDirectory, { recursive: true, force: true });
});

test("[RS1] killed twice, the job ends with each row answered, right and final, and keeps what was durable", async () => {
  const port = await freePort();
  const environment = { PARITAB_ROW_LEDGER: "on", PARITAB_LOG_LEVEL: "error" };
  const start = () => startProcess({ dataDirectory, port, environment, flags: ["--allow-faults"] });
  running = await start();
  const client = createParitabClient({ baseUrl: running.url });
  const openNodeTab = await tabsOfThisBuild();
  for (let tab = 0; tab < TABS; tab++) tabs.push(await openNodeTab(running.url, `node tab ${tab}`));
  await expect.poll(async () => (await client.sessions()).length, { timeout: 20_000 }).toBe(TABS);
  const source = { kind: "sample", sample: "mnist", queryCount: ROWS } as const;
  const { jobId } = await client.submit({ kind: "inference", source, queriesPerGroup: 1, stragglers: 0, liars: 0 });
  const missing = async () => (await client.inferenceJob(jobId)).answersByMark.missing;
  for (const left of [4_800, 3_200]) {
    await expect.poll(missing, { timeout: 150_000, interval: 20 }).toBeLessThan(left);
    const told = await missing();
    await running.end("SIGKILL");
    running = await start();
    // What was told is durable.
    expect(await missing()).toBeLessThanOrEqual(told);
  }
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 180_000 }).toBe("done");
  const answers = [];
  for await (const answer of client.allAnswers(jobId)) answers.push(answer);
  expect(answers.map(({ index }) => index)).toEqual(Array.from({ length: ROWS }, (_, i) => i));
  expect(answers.every(({ final }) => final)).toBe(true);
  expect((await client.inferenceJob(jobId)).accuracy).toBeGreaterThan(0.975);
}, 400_000);
