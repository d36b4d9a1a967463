/** What submitters see of a crowd of tabs that come, go and differ. */

import { kernelsOf } from "../crowd/browser/open-crowd.ts";
import { digits, ended, expect, test } from "./fixtures.ts";

test("a tab that is closed at work does not delay the job", async ({ coordinator, openTabs }) => {
  const { client } = coordinator;
  const TAKES_MS = 600_000;
  const crowd = await openTabs({ tabs: 4, profile: `slow:1(x1,floor=${TAKES_MS})` });
  const slow = crowd.tabs.find(({ faults }) => faults.length > 0)!;
  const { jobId } = await client.submit(digits(400, { stragglers: 0, liars: 0 }));
  const isAtIt = async () => {
    const { spans, tabs } = await client.timeline(jobId);
    return spans.some(({ tab }) => tabs[tab]!.nickname === slow.name);
  };
  await expect.poll(isAtIt, { intervals: [50] }).toBe(true);

  await slow.page.close();
  const job = await ended(client, jobId);
  expect(job).toMatchObject({ state: "done", answersByMark: { missing: 0, estimated: 0, unchecked: 0 } });
  // Given up when the tab went, not when its time was up.
  const { spans, tabs } = await client.timeline(jobId);
  const ofSlow = spans.filter(({ tab }) => tabs[tab]!.nickname === slow.name);
  expect(ofSlow.map(({ outcome }) => outcome)).toEqual(ofSlow.map(() => "gone"));
  expect(await client.sessions()).toHaveLength(3);
});

test("a job of 40 rows goes to the tabs that are ready, and one that never answers does not delay it", async ({
  coordinator,
  openTabs,
}) => {
  const { client } = coordinator;
  await openTabs({ tabs: 4, profile: "mute:1" });
  const { jobId } = await client.submit(digits(40, { stragglers: 0, liars: 0 }));
  const job = await ended(client, jobId);
  expect(job).toMatchObject({ state: "done", finalCount: 40, answersByMark: { exact: 40 } });
  expect(job.finishedMs! - job.submittedMs).toBeLessThan(60_000);
  const { answers } = await client.answers(jobId, { limit: 40 });
  expect(new Set(answers.map(({ volunteerId }) => volunteerId)).size).toBeGreaterThan(1);
});

test("after a coordinator restart the tabs come back by themselves and the job goes on", async ({
  coordinator,
  openTabs,
}) => {
  const { client } = coordinator;
  const crowd = await openTabs({ tabs: 3, profile: "slow:3(x1,floor=200)" });
  const { jobId } = await client.submit(digits(800, { stragglers: 0, liars: 0 }));
  await expect.poll(async () => (await client.inferenceJob(jobId)).roundsDone).toBeGreaterThan(0);
  const volunteers = (await client.volunteers()).map(({ volunteerId }) => volunteerId).sort();

  await coordinator.restart();
  expect((await client.inferenceJob(jobId)).finishedMs).toBeNull();
  await expect.poll(async () => (await client.sessions()).length).toBe(3);
  const job = await ended(client, jobId);
  expect(job).toMatchObject({ state: "done", queryCount: 800, answersByMark: { missing: 0 } });
  expect((await client.volunteers()).map(({ volunteerId }) => volunteerId).sort()).toEqual(volunteers);
  // The same pages, never reloaded: what they had done before is still in their count.
  for (const status of await crowd.status()) expect(status!.activity.kind).toMatch(/waiting|computing/);
});

test("two jobs of two submitters progress together while a third waits for tabs", async ({ coordinator, openTabs }) => {
  const { client } = coordinator;
  await openTabs({ tabs: 4, profile: "slow:4(x1,floor=40)" });
  const submit = async (submitter: string, settings: Parameters<typeof digits>[1]) =>
    (await client.submit(digits(2_000, { submitter, ...settings }))).jobId;
  const code = { stragglers: 2, liars: 1 };
  const third = await submit("Carl", { scheme: "approxifer", queriesPerGroup: 8, ...code });
  const first = await submit("Ada", code);
  const second = await submit("Ben", code);

  const isMidway = async (jobId: string) => {
    const { roundsDone, roundCount, state } = await client.inferenceJob(jobId);
    return state === "running" && roundsDone >= 3 && roundsDone < roundCount;
  };
  await expect
    .poll(async () => [await isMidway(first), await isMidway(second)], { intervals: [50] })
    .toEqual([true, true]);
  const waiting = await client.inferenceJob(third);
  expect(waiting).toMatchObject({ state: "running", roundsDone: 0, workerCount: 19 });
  expect(waiting.waitingFor).toBe(
    "waiting for tabs: approxifer needs 17 different volunteers, 4 are ready; with --queries-per-group 4 --stragglers 0 --liars 0, 4 are enough",
  );

  for (const jobId of [first, second]) {
    expect(await ended(client, jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 } });
  }
  expect(await client.inferenceJob(third)).toMatchObject({ roundsDone: 0 });
});

test("a liar is quarantined, and no answer of the job is wrong", async ({ coordinator, openTabs }) => {
  const { client } = coordinator;
  const crowd = await openTabs({ tabs: 8, profile: "liar:1(other-query)" });
  const liar = crowd.tabs.find(({ faults }) => faults.length > 0)!;
  const { jobId } = await client.submit(digits(400));
  const job = await ended(client, jobId);
  expect(job).toMatchObject({ state: "done", answersByMark: { missing: 0, unchecked: 0, estimated: 0 } });
  expect((await client.volunteers("quarantined")).map(({ nickname }) => nickname)).toEqual([liar.name]);
});

for (const backend of ["webgl", "wasm", "cpu"] as const) {
  test(`an assignment on ${backend} runs kernels of ${backend}`, async ({ coordinator, openTabs }) => {
    const { client } = coordinator;
    const crowd = await openTabs({ tabs: 1, backends: [backend], reportsKernels: true });
    const { jobId } = await client.submit(digits(10, { queriesPerGroup: 1, stragglers: 0, liars: 0 }));
    expect(await ended(client, jobId)).toMatchObject({ state: "done", failedAudits: 0 });
    const { names, drawCalls } = (await kernelsOf(crowd.tabs[0]!))!;
    // One fused product for each layer of the model.
    expect(names.filter((name) => name === `${backend}:_FusedMatMul`)).toHaveLength(3);
    expect(names.every((name) => name.startsWith(`${backend}:`))).toBe(true);
    // Only webgl has the graphics card draw something.
    if (backend === "webgl") expect(drawCalls).toBeGreaterThanOrEqual(3);
    else expect(drawCalls).toBe(0);
  });
}
