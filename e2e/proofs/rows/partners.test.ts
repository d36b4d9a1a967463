/** Second words of tabs at addresses of their own, in jobs on the ledger of rows, end to end. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { AUTHOR_RECORD_BYTES, readAuthor, readAuthorNames } from "../../../shared/receipts/author-records.ts";
import { AUTHOR_NAMES_FILE, AUTHORS_FILE } from "../../../shared/receipts/check-authors.ts";
import {
  type CoordinatorInProcess,
  coordinatorInProcess,
  tabsOfThisBuild,
} from "../../coordinators/coordinator-in-process.ts";

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  // Each tab on this machine counts as an address of its own.
  coordinator = await coordinatorInProcess({ PARITAB_TRUST_LOOPBACK: "1" });
  await coordinator.openTabs(8);
});
afterAll(() => coordinator.close());

async function ended(queryCount: number) {
  const { client } = coordinator;
  const source = { kind: "sample", sample: "mnist", queryCount } as const;
  const settings = { queriesPerGroup: 1, stragglers: 0, liars: 0, answerBound: 0.01 };
  const { jobId } = await client.submit({ kind: "inference", source, ...settings });
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 150_000 }).toBe("done");
  return { jobId, view: await client.inferenceJob(jobId) };
}

/** Of each row of which a volunteer, not the coordinator, agreed with its author: both, as the job's receipt has them. */
async function vouched(jobId: string): Promise<{ readonly author: number | null; readonly partner: number }[]> {
  const { client } = coordinator;
  // Its files are there once it is signed.
  await client.signedReceipt(jobId);
  const names = readAuthorNames(new TextDecoder().decode(await client.receiptFile(jobId, AUTHOR_NAMES_FILE)))!;
  const records = await client.receiptFile(jobId, AUTHORS_FILE);
  const rows = [];
  for (let at = 0; at < records.length; at += AUTHOR_RECORD_BYTES) {
    const { author, partner } = readAuthor(records.subarray(at, at + AUTHOR_RECORD_BYTES), names.length)!;
    if (typeof partner === "number") rows.push({ author, partner });
  }
  return rows;
}

test("[CC3] [CC5] rows go out twice, partners' words settle coins, and all answers are final and right", async () => {
  const { jobId, view } = await ended(6_000);
  expect(view.rows!.price!.duplicateRows).toBeGreaterThan(0);
  expect(view).toMatchObject({ finalCount: 6_000, failedAudits: 0 });
  expect(view.accuracy).toBeGreaterThan(0.95);
  const rows = await vouched(jobId);
  expect(rows.length).toBeGreaterThan(0.5 * view.rows!.price!.duplicateRows);
  expect(new Set(rows.map(({ partner }) => partner)).size).toBeGreaterThan(4);
  for (const { author, partner } of rows) expect(partner).not.toBe(author);
});

test("[CC5] one that lies where others gave the first answer is named by what the coordinator computes", async () => {
  const { client, url } = coordinator;
  let computed = 0;
  const openNodeTab = await tabsOfThisBuild();
  const lying = await openNodeTab(url, "a liar", (outputs, rowCount) => {
    const width = outputs.length / rowCount;
    for (let row = 0; row < rowCount; row++) {
      if (++computed <= 40 || computed % 2 !== 0) continue;
      const own = outputs.subarray(row * width, (row + 1) * width);
      own.set([...own.slice(1), own[0]!]);
    }
  });
  await expect.poll(async () => (await client.sessions()).length).toBe(9);
  const isNamed = async () => (await client.volunteers("quarantined")).length > 0;
  let { view } = await ended(6_000);
  // How many rows of a job it takes depends on how fast it is: a slow one lies in few of them, which a bound of .01 may allow.
  for (let jobs = 1; jobs < 4 && !(await isNamed()); jobs++) ({ view } = await ended(6_000));
  lying.stop();
  const named = await client.volunteers("quarantined");
  expect(named.map(({ nickname }) => nickname)).toEqual(["a liar"]);
  expect(view.answersByMark.missing).toBe(0);
  expect(view.accuracy).toBeGreaterThan(0.95);
});
