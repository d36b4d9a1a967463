/** Second words of tabs at addresses of their own, in jobs on the ledger of rows, end to end. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CoordinatorInProcess,
  coordinatorInProcess,
  tabsOfThisBuild,
} from "../../coordinators/coordinator-in-process.ts";

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  // Each tab on this machine counts as an address of its own.
  coordinator = await coordinatorInProcess({ PARITAB_ROW_LEDGER: "on", PARITAB_TRUST_LOOPBACK: "1" });
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

/** What the store has of it: rows of which a volunteer has said the same as their author, and which volunteers did. */
async function words(jobId: string): Promise<{ readonly authors: number; readonly partners: ReadonlySet<string> }> {
  const parts = await coordinator.client.receiptFile(jobId);
  return parts;
}

test("[CC3] [CC5] rows go out twice, partners' words settle coins, and all answers are final and right", async () => {
  const { jobId, view } = await ended(6_000);
  expect(view.rows!.price!.duplicateRows).toBeGreaterThan(0);
  expect(view).toMatchObject({ finalCount: 6_000, failedAudits: 0 });
  expect(view.accuracy).toBeGreaterThan(0.95);
  const { authors, partners } = await words(jobId);
  expect(partners.size).toBeGreaterThan(4);
  expect(authors).toBeGreaterThan(60);
});

test("[CC5] one that lies where others gave the first answer is named by what the coordinator computes", async () => {
  const { client, url } = coordinator;
  let computed = 0;
  const openNodeTab = await tabsOfThisBuild();
  const lying = await openNodeTab(url, "a liar", (outputs, rowCount) => {
    const width = outputs.length / rowCount;
    for (let row = 0; row < rowCount; row++) {
      if (++computed <= 40 || computed % 5 !== 0) continue;
      const own = outputs.subarray(row * width, (row + 1) * width);
      own.set([...own.slice(1), own[0]!]);
    }
  });
  await expect.poll(async () => (await client.sessions()).length).toBe(9);
  const { view } = await ended(6_000);
  lying.stop();
  const named = await client.volunteers("quarantined");
  expect(named.map(({ nickname }) => nickname)).toEqual(["a liar"]);
  expect(view.answersByMark.missing).toBe(0);
  expect(view.accuracy).toBeGreaterThan(0.95);
});
