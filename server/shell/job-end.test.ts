/** [JB2] What is told of a job while its end is being written. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../e2e/crowd/shell-with-tabs.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "./testing/small-job.ts";

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

/** And a job for them, uploaded and not yet submitted. */
async function sevenTabs() {
  const world = await ShellWithTabs.open(Array.from({ length: 7 }, () => ({})));
  opened = world;
  // Tabs compute what is so small.
  await world.hasAskedFor(1_000);
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  return { world, submission: { ...SYSTEMATIC, source: { kind: "uploads", modelSha256, queriesSha256 } } };
}

test("[JB2] a job has not ended before its end is durable: whoever waits for the one sees the other", async () => {
  const { world, submission } = await sevenTabs();
  const told: unknown[] = [];
  const apply = world.store.apply.bind(world.store);
  world.store.apply = async (records) => {
    for (const record of records) {
      if (record.kind !== "job" || record.job.finishedMs === null) continue;
      const { state, finishedMs } = world.shell.jobView(record.job.jobId)!;
      told.push([record.job.state, state, finishedMs]);
    }
    await apply(records);
  };
  const jobId = await world.run(submission);
  expect(told).toEqual([["done", "finishing", null]]);
  expect(world.shell.jobView(jobId)).toMatchObject({ state: "done", finishedMs: expect.any(Number) });
});

test("[AS3] what an audit was asked for is at hand, though its job is cancelled with the very next message", async () => {
  const { world, submission } = await sevenTabs();
  const { shell } = world;
  const result = shell.tabs.result.bind(shell.tabs);
  const jobs: string[] = [];
  shell.tabs.result = (...said) => {
    const verdict = result(...said);
    for (const { jobId } of shell.jobViews()) {
      if (shell.jobView(jobId)!.finishedMs === null) void shell.cancel(jobId);
    }
    return verdict;
  };
  for (let n = 0; n < 3; n++) {
    // A problem that the shell tells of fails the test.
    jobs.push(await world.run(submission));
  }
  expect(jobs.map((jobId) => shell.jobView(jobId)!.state)).toEqual(["cancelled", "cancelled", "cancelled"]);
});
