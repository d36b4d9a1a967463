import { afterAll, beforeAll, expect, test } from "vitest";
import { type CoordinatorInProcess, coordinatorInProcess } from "./coordinator-in-process.ts";

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
});
afterAll(() => coordinator.close());

test("tabs in this process are taken for tabs, and do a job", async () => {
  const { client } = coordinator;
  const source = { kind: "sample", sample: "mnist", queryCount: 40 } as const;
  const settings = { queriesPerGroup: 2, stragglers: 1, liars: 1 };
  const { jobId } = await client.submit({ kind: "inference", source, ...settings });
  const answers = [];
  for await (const answer of client.follow(jobId)) answers.push(answer);
  expect(answers.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect((await client.inferenceJob(jobId)).accuracy).toBeGreaterThan(0.9);
});
