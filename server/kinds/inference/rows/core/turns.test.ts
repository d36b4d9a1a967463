/** Turns of jobs on the ledger: who is served next, and how much may be out at once. */
import { expect, test } from "vitest";
import { BYTES_IN_FLIGHT_TOTAL_MAX } from "../../../../../shared/protocol/limits.ts";
import { RowsStory } from "../testing/rows-story.ts";

const LARGE = { macsPerQuery: 1e9 };
const work = (story: RowsStory, jobId: string) => story.job(jobId).sentWork;

/** Work of each job in so many answers from now on. */
function workIn(story: RowsStory, answers: number, jobIds: readonly string[]): number[] {
  const before = jobIds.map((jobId) => work(story, jobId));
  for (let n = 0; n < answers; n++) story.answer(story.out()[0]!);
  return jobIds.map((jobId, i) => work(story, jobId) - before[i]!);
}

test("[DP2] a submitter that comes late has its turns from then on, and none for the time before", () => {
  const story = new RowsStory();
  story.crowd(8);
  story.submit("long", 400_000, { ...LARGE, party: "one" });
  workIn(story, 60, ["long"]);
  story.submit("late", 400_000, { ...LARGE, party: "another" });
  const [long, late] = workIn(story, 60, ["long", "late"]) as [number, number];
  expect(late).toBeGreaterThan(0.4 * (long + late));
  expect(late).toBeLessThan(0.7 * (long + late));
});

test("[DP2] with two jobs of one submitter and one of another, each submitter has half", () => {
  const story = new RowsStory();
  story.crowd(8);
  for (const jobId of ["one", "two"]) story.submit(jobId, 400_000, { ...LARGE, party: "many" });
  story.submit("alone", 400_000, { ...LARGE, party: "single" });
  const [one, two, alone] = workIn(story, 120, ["one", "two", "alone"]) as [number, number, number];
  const all = one + two + alone;
  expect(alone).toBeGreaterThan(0.4 * all);
  expect(alone).toBeLessThan(0.6 * all);
  expect(Math.min(one, two)).toBeGreaterThan(0.15 * all);
});

test("[DP1] rows that are out at tabs hold no more bytes than all jobs may, and a submitter with some leaves the others room", () => {
  const story = new RowsStory();
  story.crowd(400);
  const wide = { ...LARGE, inputSize: 2 ** 22 };
  story.submit("wide", 400_000, { ...wide, party: "one" });
  story.submit("other", 400_000, { ...wide, party: "another" });
  const bytesOf = (jobId: string) =>
    4 * story.job(jobId).rowsOut * (wide.inputSize + story.job(jobId).stored.outputSize);
  const largest = Math.max(...story.out().map((sent) => story.rowsOf(sent).length)) * 4 * (wide.inputSize + 3);
  expect(bytesOf("wide") + bytesOf("other")).toBeLessThanOrEqual(BYTES_IN_FLIGHT_TOTAL_MAX + largest);
  expect(bytesOf("other")).toBeGreaterThan(BYTES_IN_FLIGHT_TOTAL_MAX / 8);
});
