import { expect, test } from "vitest";
import { TAB_HELPED_JOBS_MAX } from "../../shared/protocol/limits.ts";
import type { JobTally } from "../session/session-status.ts";
import { createHelpedLog, type HelpedJob, parseHelped, withTallies } from "./helped-jobs.ts";

const tally = (jobId: string, batches: number, atMs = batches): JobTally => ({
  ...{ jobId, jobName: `job ${jobId}`, submitter: "ada" },
  ...{ rows: 10 * batches, batches, atMs },
});
const job = (jobId: string, batches = 1, isTold = false): HelpedJob => ({
  ...{ jobId, name: `job ${jobId}`, submitter: "ada" },
  ...{ rows: 10 * batches, batches, isTold },
});

function memoryWith(text?: string) {
  const store = new Map<string, string>(text === undefined ? [] : [["paritab-helped-jobs", text]]);
  return {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => void store.set(key, value),
  };
}

test("what a visit adds to a job counts once, however often it is looked at", () => {
  const first = withTallies([], [], [tally("a", 1)]);
  expect(first).toEqual([job("a", 1)]);
  const before = [tally("a", 1)];
  expect(withTallies(first, before, before)).toBe(first);
  expect(withTallies(first, before, [tally("a", 1)])).toBe(first);
  expect(withTallies(first, before, [tally("b", 2, 5), tally("a", 3, 4)])).toEqual([job("b", 2), job("a", 3)]);
});

test("the latest stands first, each once, and so many are kept", () => {
  const kept = [job("a"), job("b")];
  expect(withTallies(kept, [], [tally("b", 1)])).toEqual([job("b", 2), job("a")]);
  const many = Array.from({ length: TAB_HELPED_JOBS_MAX }, (_, i) => job(String(i)));
  expect(withTallies(many, [], [tally("new", 1)])).toEqual([job("new"), ...many.slice(0, -1)]);
});

test("a count that began anew takes nothing away", () => {
  expect(withTallies([job("a", 5)], [tally("a", 3, 1)], [tally("a", 1, 9)])).toEqual([job("a", 5)]);
});

test("visits add up over reloads, and an end that was told is no news again", () => {
  const memory = memoryWith();
  let nowMs = 0;
  const first = createHelpedLog(memory, () => nowMs);
  expect(first.untold).toEqual([]);
  first.beginVisit();
  first.add([tally("a", 1)]);
  nowMs = 1_000;
  first.add([tally("a", 4)]);
  // Not yet written: a page that goes away writes what is new.
  expect(createHelpedLog(memory).jobs.value).toEqual([job("a", 1)]);
  first.keep();

  const second = createHelpedLog(memory);
  expect(second.untold).toEqual([job("a", 4)]);
  second.beginVisit();
  second.add([tally("a", 2, 9)]);
  second.tell("a");
  second.tell("another");
  expect(second.jobs.value).toEqual([job("a", 6, true)]);
  expect(createHelpedLog(memory).untold).toEqual([]);
  expect(createHelpedLog(memory).jobs.value).toEqual([job("a", 6, true)]);
});

test("what a browser kept before counts were kept is read; anything else is as if there were nothing", () => {
  const before = '{"version":1,"jobs":[{"jobId":"a","name":"job a","submitter":"ada"}]}';
  expect(createHelpedLog(memoryWith(before)).untold).toEqual([job("a", 0)]);
  for (const text of [null, "{", '{"version":2,"jobs":[]}', '{"version":1,"jobs":[{"jobId":1}]}']) {
    expect(parseHelped(text)).toEqual([]);
  }
});

test("a store that refuses keeps nobody from working", () => {
  const refuses = {
    getItem: () => null,
    setItem() {
      throw new Error("full");
    },
  };
  const log = createHelpedLog(refuses);
  log.add([tally("a", 1)]);
  expect(log.jobs.value).toEqual([job("a", 1)]);
});
