/** Jobs on the ledger of rows, end to end: a real coordinator, its store, and real tabs without browsers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";

const TABS = 6;

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(TABS);
});
afterAll(() => coordinator.close());

const submit = async (queryCount: number): Promise<string> => {
  const source = { kind: "sample", sample: "mnist", queryCount } as const;
  const { jobId } = await coordinator.client.submit({
    kind: "inference",
    source,
    queriesPerGroup: 1,
    stragglers: 0,
    liars: 0,
  });
  return jobId;
};

/** Once it has ended: its view and its answers in the order of the queries. */
async function ended(jobId: string) {
  const { client } = coordinator;
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 150_000 }).toBe("done");
  const answers = [];
  for await (const answer of client.allAnswers(jobId)) answers.push(answer);
  return { view: await client.inferenceJob(jobId), answers };
}

test("a job of 800 digits by a new submitter ends with all answers right and final, most of them by tabs", async () => {
  const { view, answers } = await ended(await submit(800));
  expect(answers.map(({ index }) => index)).toEqual(Array.from({ length: 800 }, (_, i) => i));
  expect(answers.every(({ final }) => final)).toBe(true);
  expect(view.accuracy).toBeGreaterThan(0.95);
  expect(answers.filter(({ volunteerId }) => volunteerId !== null).length).toBeGreaterThan(200);
});

test("a small first job is computed by the coordinator itself, exact and final", async () => {
  const { answers } = await ended(await submit(30));
  expect(answers.every(({ final }) => final)).toBe(true);
});

test("[RS1] stopped in the middle and started again, a job goes on and ends final", async () => {
  const jobId = await submit(6_000);
  const { client } = coordinator;
  await expect
    .poll(async () => (await client.inferenceJob(jobId)).answersByMark.missing, { timeout: 150_000 })
    .toBeLessThan(5_000);
  await coordinator.stop();
  await coordinator.start();
  const { view, answers } = await ended(jobId);
  expect(answers).toHaveLength(6_000);
  expect(answers.every(({ final }) => final)).toBe(true);
  expect(view.accuracy).toBeGreaterThan(0.95);
});
