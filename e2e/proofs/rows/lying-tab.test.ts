/** A tab that lies, in a job on the ledger of rows, end to end. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CoordinatorInProcess,
  coordinatorInProcess,
  tabsOfThisBuild,
} from "../../coordinators/coordinator-in-process.ts";
import type { Spoil } from "../../crowd/node-tab.ts";

const HONEST_ROWS = 30;
const EACH = 6;

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(5);
});
afterAll(() => coordinator.close());

/** Honest at first; then it says of one digit in so many that it is the next one. */
function liar(): Spoil {
  let computed = 0;
  return (outputs, rowCount) => {
    const width = outputs.length / rowCount;
    for (let row = 0; row < rowCount; row++) {
      if (++computed <= HONEST_ROWS || computed % EACH !== 0) continue;
      const own = outputs.subarray(row * width, (row + 1) * width);
      own.set([...own.slice(1), own[0]!]);
    }
  };
}

test("[VF3] it is named, its rows are answered by others, and what is final is right", async () => {
  const { client, url } = coordinator;
  const openNodeTab = await tabsOfThisBuild();
  const lying = await openNodeTab(url, "a liar", liar());
  await expect.poll(async () => (await client.sessions()).length).toBe(6);
  const source = { kind: "sample", sample: "mnist", queryCount: 3_000 } as const;
  const settings = { queriesPerGroup: 1, stragglers: 0, liars: 0 };
  const { jobId } = await client.submit({ kind: "inference", source, ...settings });
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 150_000 }).toBe("done");
  lying.stop();
  const named = await client.volunteers("quarantined");
  expect(named.map(({ nickname }) => nickname)).toEqual(["a liar"]);
  const { accuracy, answersByMark } = await client.inferenceJob(jobId);
  expect(answersByMark.missing).toBe(0);
  // As the model's own: a lie in ten of a sixth of the rows would cost a percent and more.
  expect(accuracy).toBeGreaterThan(0.975);
  for await (const { volunteerId, mark } of client.allAnswers(jobId))
    if (volunteerId === named[0]!.volunteerId) expect(mark).toBe("exact");
});
