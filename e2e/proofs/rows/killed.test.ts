/** A coordinator with a job on the ledger of rows is killed in the middle, as a machine that loses its power, and started again. */
import { afterAll, expect, test } from "vitest";
import { KilledCoordinator } from "./killed-coordinator.ts";

const ROWS = 6_000;
const TABS = 6;

let coordinator: KilledCoordinator;
afterAll(() => coordinator.close());

test("[RS1] killed twice, the job ends with each row answered, right and final, and keeps what was durable", async () => {
  coordinator = await KilledCoordinator.open(TABS);
  const { client } = coordinator;
  await expect.poll(async () => (await client.sessions()).length, { timeout: 20_000 }).toBe(TABS);
  const source = { kind: "sample", sample: "mnist", queryCount: ROWS } as const;
  const { jobId } = await client.submit({ kind: "inference", source, queriesPerGroup: 1, stragglers: 0, liars: 0 });
  const missing = async () => (await client.inferenceJob(jobId)).answersByMark.missing;
  for (const left of [4_800, 3_200]) {
    await expect.poll(missing, { timeout: 150_000, interval: 20 }).toBeLessThan(left);
    const told = await missing();
    await coordinator.killAndStart();
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
