/** A used folder of the last version that ran jobs in rounds (jobs-in-rounds/README.md), opened by this one. */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SessionCore } from "../../../client/session/session-core.ts";
import { createSampleSource } from "../../../server/kinds/inference/sample-source.ts";
import type { Store } from "../../../server/store/store.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { tabsOfThisBuild } from "../../coordinators/coordinator-in-process.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";

const USED = fileURLToPath(new URL("jobs-in-rounds", import.meta.url));
const ENDED = "uYQZIcdk7Mtyl-mv9hNFFbp0";
const AT_WORK = "H0mirv-MQPVXjFnnXzN7PYmO";
const ROWS = 400;

const folder = mkdtempSync(join(tmpdir(), "paritab-used-folder-"));
let coordinator: CoordinatorProcess;
let client: ParitabClient;
const tabs: SessionCore[] = [];

function putBlob(bytes: Uint8Array): string {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const blobs = join(folder, "blobs", sha256.slice(0, 2));
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(blobs, sha256), bytes);
  return sha256;
}

beforeAll(async () => {
  writeFileSync(join(folder, "paritab.sqlite"), gunzipSync(readFileSync(join(USED, "paritab.sqlite.gz"))));
  cpSync(join(USED, "receipt-keys.json"), join(folder, "receipt-keys.json"));
  for (const name of readdirSync(join(USED, "blobs"))) putBlob(readFileSync(join(USED, "blobs", name)));
  const sample = createSampleSource({ putBlob: async (bytes: Uint8Array) => putBlob(bytes) } as unknown as Store);
  await sample({ queryStart: 0, queryCount: ROWS });
  coordinator = await startProcess({
    dataDirectory: folder,
    environment: { PARITAB_LOG_LEVEL: "error" },
    flags: ["--allow-faults"],
  });
  client = createParitabClient({ baseUrl: coordinator.url });
}, 60_000);

afterAll(async () => {
  for (const tab of tabs) tab.stop();
  await coordinator.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

async function checksThat(jobId: string, state: "holds" | "broken"): Promise<string[]> {
  const { findings } = await client.checkReceipt(jobId);
  return findings.filter((finding) => finding.state === state).map(({ check }) => check);
}

test("a job that had ended in rounds is as it was: its view, its answers, and a receipt that holds", async () => {
  expect(await client.inferenceJob(ENDED)).toMatchObject({ state: "done", finalCount: ROWS, queryCount: ROWS });
  expect((await client.answers(ENDED, { limit: 3 })).answers.map(({ label }) => label)).toEqual([7, 2, 1]);
  expect(await checksThat(ENDED, "broken")).toEqual([]);
  expect(await checksThat(ENDED, "holds")).toEqual(
    expect.arrayContaining(["batches", "signatures", "draws", "bounds"]),
  );
});

test("[RS1] one that was killed at work in rounds begins again on the ledger, and ends with a receipt of rows", {
  timeout: 120_000,
}, async () => {
  expect((await client.inferenceJob(AT_WORK)).rows).toBeDefined();
  const openNodeTab = await tabsOfThisBuild();
  for (let tab = 0; tab < 3; tab++) tabs.push(await openNodeTab(coordinator.url, `node tab ${tab}`));
  await expect.poll(async () => (await client.inferenceJob(AT_WORK)).state, { timeout: 60_000 }).toBe("done");
  expect(await client.inferenceJob(AT_WORK)).toMatchObject({ finalCount: ROWS, answersByMark: { missing: 0 } });
  expect(await client.answersFile(AT_WORK, "npy")).toHaveLength((await client.answersFile(ENDED, "npy")).length);
  const labels = async (jobId: string) =>
    (await client.answers(jobId, { limit: ROWS })).answers.map((one) => one.label);
  expect(await labels(AT_WORK)).toEqual(await labels(ENDED));
  expect(await checksThat(AT_WORK, "broken")).toEqual([]);
  expect(await checksThat(AT_WORK, "holds")).toEqual(expect.arrayContaining(["rows", "signatures", "draws", "bounds"]));
});
