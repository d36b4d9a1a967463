/** A tab that gives each row the answer of another one, in a small job on the ledger of rows, end to end: as the browser's crowd has it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CoordinatorInProcess,
  coordinatorInProcess,
  tabsOfThisBuild,
} from "../../coordinators/coordinator-in-process.ts";
import type { Spoil } from "../../crowd/node-tab.ts";

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(7);
});
afterAll(() => coordinator.close());

/** Row r gets the answer of row r + 1; a single one has no other, and gets its own from the next number on. */
const otherQuery: Spoil = (outputs, rowCount) => {
  const shift = rowCount > 1 ? outputs.length / rowCount : 1;
  outputs.set([...outputs.subarray(shift), ...outputs.subarray(0, shift)]);
};

test("[PC5] it is named, and no answer of the job is missing, estimated or its own", async () => {
  const { client, url } = coordinator;
  const openNodeTab = await tabsOfThisBuild();
  const lying = await openNodeTab(url, "a liar", otherQuery);
  await expect.poll(async () => (await client.sessions()).length).toBe(8);
  const source = { kind: "sample", sample: "mnist", queryCount: 400 } as const;
  const { jobId } = await client.submit({ kind: "inference", source });
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 120_000 }).toBe("done");
  lying.stop();
  const { answersByMark } = await client.inferenceJob(jobId);
  expect(answersByMark).toMatchObject({ missing: 0, unchecked: 0, estimated: 0 });
  const named = await client.volunteers("quarantined");
  expect(named.map(({ nickname }) => nickname)).toEqual(["a liar"]);
  for await (const { volunteerId } of client.allAnswers(jobId)) expect(volunteerId).not.toBe(named[0]!.volunteerId);
});
