/** Coded jobs on the ledger of rows, end to end: a real coordinator, its store, and real tabs without browsers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import {
  type CoordinatorInProcess,
  coordinatorInProcess,
  tabsOfThisBuild,
} from "../../coordinators/coordinator-in-process.ts";
import type { Spoil } from "../../crowd/node-tab.ts";

const TABS = 6;
const QUERIES = 600;

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(TABS);
});
afterAll(() => coordinator.close());

/** Once it has ended: its view and its answers in the order of the queries. */
async function ended(settings: Partial<InferenceSubmission>) {
  const { client } = coordinator;
  const source = { kind: "sample", sample: "mnist", queryCount: QUERIES } as const;
  const { jobId } = await client.submit({ kind: "inference", source, ...settings });
  expect((await client.inferenceJob(jobId)).rows, "it runs on the ledger").not.toBeNull();
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 100_000 }).toBe("done");
  const answers = [];
  for await (const answer of client.allAnswers(jobId)) answers.push(answer);
  expect(answers.map(({ index }) => index)).toEqual(Array.from({ length: QUERIES }, (_, i) => i));
  const view = await client.inferenceJob(jobId);
  return { view, answers };
}

test("replication without liars: the first of two copies answers, unchecked, and says whose it is", async () => {
  const { view, answers } = await ended({ scheme: "replication", queriesPerGroup: 4, stragglers: 1, liars: 0 });
  expect(view.answersByMark.missing).toBe(0);
  expect(view.accuracy).toBeGreaterThan(0.95);
  expect(answers.some(({ volunteerId, mark }) => mark === "unchecked" && volunteerId !== null)).toBe(true);
});

test("replication with a liar: each row goes to three volunteers, and the majority answers", async () => {
  const openNodeTab = await tabsOfThisBuild();
  const shifted: Spoil = (outputs, rowCount) => {
    const width = outputs.length / rowCount;
    for (let row = 0; row < rowCount; row++) {
      const own = outputs.subarray(row * width, (row + 1) * width);
      own.set([...own.slice(1), own[0]!]);
    }
  };
  const lying = await openNodeTab(coordinator.url, "a liar", shifted);
  await expect.poll(async () => (await coordinator.client.sessions()).length).toBe(TABS + 1);
  const { view } = await ended({ scheme: "replication", queriesPerGroup: 4, stragglers: 0, liars: 1 });
  lying.stop();
  expect(view.answersByMark.missing).toBe(0);
  expect(view.accuracy).toBeGreaterThan(0.95);
});

test("systematic with parities: every row ends with an answer of its own, right and final", async () => {
  const settings = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, spares: "parities" } as const;
  const { view, answers } = await ended(settings);
  expect(view.answersByMark).toMatchObject({ missing: 0, estimated: 0 });
  expect(answers.every(({ final }) => final)).toBe(true);
  expect(view.accuracy).toBeGreaterThan(0.95);
});

test("berrut-systematic: mixtures beside the rows, every row ends with an answer of its own, right and final", async () => {
  const { view, answers } = await ended({ scheme: "berrut-systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 });
  expect(view.answersByMark).toMatchObject({ missing: 0, estimated: 0 });
  expect(answers.every(({ final }) => final)).toBe(true);
  expect(view.accuracy).toBeGreaterThan(0.95);
});

test("approxifer: mixtures alone go out, and every answer is interpolated", async () => {
  const { view } = await ended({ scheme: "approxifer", queriesPerGroup: 3, stragglers: 1, liars: 0 });
  expect(view.answersByMark.missing).toBe(0);
  expect(view.accuracy).toBeGreaterThan(0.2);
});

test("spline: mixtures alone go out, one of each part is computed again, and every answer is an estimate", async () => {
  const { view } = await ended({ scheme: "spline", queriesPerGroup: 3, stragglers: 2, liars: 0 });
  expect(view.answersByMark).toMatchObject({ missing: 0, unchecked: 0 });
  expect(view.answersByMark.estimated).toBeGreaterThan(QUERIES / 4);
  expect(view.auditedRows).toBeGreaterThan(0);
});

test("parm: sums go to the parity model, and every row ends with an answer of its own, right and final", async () => {
  const { view, answers } = await ended({ scheme: "parm", queriesPerGroup: 8, stragglers: 1, liars: 0 });
  expect(view.answersByMark).toMatchObject({ missing: 0, estimated: 0 });
  expect(answers.every(({ final }) => final)).toBe(true);
  expect(view.accuracy).toBeGreaterThan(0.95);
});

test.each(["systematic", "parm"] as const)(
  "%s, fast: what is estimated stays so, and all else is final",
  async (scheme) => {
    const code = { queriesPerGroup: 8, stragglers: 1, liars: 0 };
    const { view, answers } = await ended({ scheme, ...code, completion: "fast" });
    expect(view.answersByMark.missing).toBe(0);
    for (const { mark, final } of answers) expect(final).toBe(mark !== "estimated");
    expect(view.accuracy).toBeGreaterThan(0.9);
  },
);

test("backups, fast: every row has an answer of its own, for copies of late ones go out by themselves", async () => {
  const code = { queriesPerGroup: 4, stragglers: 1, liars: 0, spares: "backups", completion: "fast" } as const;
  const { view, answers } = await ended({ scheme: "systematic", ...code });
  expect(view.answersByMark).toMatchObject({ missing: 0, estimated: 0 });
  expect(answers.every(({ final }) => final)).toBe(true);
});

test("[DL1] a job with an aim has the code that was chosen when it was submitted, and its view says which", async () => {
  const { view, answers } = await ended({ aim: { finishWithinMs: 600_000, confidence: 0.9 } });
  expect(view.codes).toMatchObject([{ queriesPerGroup: view.queriesPerGroup, reason: expect.any(String) }]);
  expect(answers.every(({ final }) => final)).toBe(true);
  expect(await coordinator.client.receipt(view.jobId)).toMatchObject({ code: { inForce: view.codes } });
});
