/** A volunteer is named after a job on the ledger of rows has ended: what is told of its answers there, and the job that does them again. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CoordinatorInProcess,
  coordinatorInProcess,
  tabsOfThisBuild,
} from "../../coordinators/coordinator-in-process.ts";

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(5);
});
afterAll(() => coordinator.close());

async function ended(jobId: string) {
  const { client } = coordinator;
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 150_000 }).toBe("done");
  return client.inferenceJob(jobId);
}

async function digits(queryCount: number): Promise<string> {
  const source = { kind: "sample", sample: "mnist", queryCount } as const;
  const settings = { queriesPerGroup: 1, stragglers: 0, liars: 0 };
  const { jobId } = await coordinator.client.submit({ kind: "inference", source, ...settings });
  return jobId;
}

test("[TB2] [TB4] its answers there are told as taken back, through a restart too, and are final again once they are redone", async () => {
  const { client, url } = coordinator;
  let isLying = false;
  let computed = 0;
  const openNodeTab = await tabsOfThisBuild();
  const tab = await openNodeTab(url, "a liar", (outputs, rowCount) => {
    const width = outputs.length / rowCount;
    for (let row = 0; row < rowCount; row++) {
      if (!isLying || ++computed % 4 !== 0) continue;
      const own = outputs.subarray(row * width, (row + 1) * width);
      own.set([...own.slice(1), own[0]!]);
    }
  });
  await expect.poll(async () => (await client.sessions()).length).toBe(6);
  const first = await digits(2_000);
  expect(await ended(first)).toMatchObject({ finalCount: 2_000 });
  const gave = [];
  for await (const { index, mark, volunteerId } of client.allAnswers(first)) {
    if (mark !== "exact" && volunteerId !== null) gave.push({ index, volunteerId });
  }
  isLying = true;
  await ended(await digits(2_000));
  tab.stop();
  const [named] = await client.volunteers("quarantined");
  expect(named?.nickname).toBe("a liar");
  const ofLiar = gave.filter(({ volunteerId }) => volunteerId === named!.volunteerId).map(({ index }) => index);
  expect(ofLiar.length).toBeGreaterThan(0);

  const told = { takenBackCount: ofLiar.length, finalCount: 2_000 - ofLiar.length };
  expect(await client.inferenceJob(first)).toMatchObject(told);
  const { takings } = await client.takenBack(first);
  expect(takings).toMatchObject([{ volunteerId: named!.volunteerId, count: ofLiar.length }]);
  const page = await client.answers(first, { limit: 1_000, only: "taken-back" });
  expect(page.answers.map(({ index }) => index)).toEqual(ofLiar.slice(0, 1_000));

  await coordinator.stop();
  await coordinator.start();
  await coordinator.openTabs(0);
  await expect.poll(async () => (await client.sessions()).length, { timeout: 60_000 }).toBeGreaterThan(4);
  expect(await client.inferenceJob(first)).toMatchObject(told);

  const redo = await client.redo(first, "taken-back");
  expect(redo).toMatchObject({ rows: ofLiar.length, isNew: true });
  const again = await ended(redo.jobId);
  expect(again).toMatchObject({ queryCount: ofLiar.length, redoOf: first });
  expect(again.answersByMark.missing).toBe(0);
  for await (const { volunteerId } of client.allAnswers(redo.jobId)) expect(volunteerId).not.toBe(named!.volunteerId);
});
