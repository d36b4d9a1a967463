/** [CE3] [CE11] Jobs of the store that cannot be begun at once. */
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { VirtualClock } from "../../e2e/crowd/virtual-clock.ts";
import { TakenJobs } from "./taken-jobs.ts";

function taking(begin: (jobIds: readonly string[], atWork: Set<string>) => Promise<readonly string[]>) {
  const clock = new VirtualClock();
  const atWork = new Set<string>();
  const problems: string[] = [];
  const asked: string[] = [];
  const taken = new TakenJobs({
    clock,
    isAtWork: (jobId) => atWork.has(jobId),
    async begin(jobIds) {
      asked.push(jobIds.join());
      return begin(jobIds, atWork);
    },
    onProblem: (message) => problems.push(message),
  });
  return { clock, atWork, problems, asked, taken };
}

test("[CE3] [CE11] what could not be read is tried again until it is at work, and the others are begun once", async () => {
  let failures = 2;
  const { clock, asked, problems, taken } = taking(async (jobIds, atWork) => {
    if (failures-- === 2) throw new Error("the database is away");
    const unread = failures === 0 ? jobIds.slice(1) : [];
    for (const jobId of jobIds) if (!unread.includes(jobId)) atWork.add(jobId);
    return unread;
  });
  await taken.take(["p0", "p1"]);
  expect(problems).toHaveLength(1);
  while (clock.next()) await turn();
  expect(asked).toEqual(["p0,p1", "p0,p1", "p1"]);
  await taken.take(["p0", "p1"]);
  expect(asked).toHaveLength(3);
});

test("[CE11] whoever asks while a job is being begun waits for that, and it is begun once", async () => {
  let begun: () => void = () => {};
  const { asked, taken } = taking(async (jobIds, atWork) => {
    await new Promise<void>((resolve) => {
      begun = resolve;
    });
    for (const jobId of jobIds) atWork.add(jobId);
    return [];
  });
  const both = [taken.take(["p0"]), taken.take(["p0"])];
  begun();
  await Promise.all(both);
  expect(asked).toEqual(["p0"]);
});

test("once it is closed nothing is tried again", async () => {
  const { clock, asked, taken } = taking(async (jobIds) => jobIds);
  await taken.take(["p0"]);
  taken.close();
  while (clock.next()) await turn();
  expect(asked).toEqual(["p0"]);
});
