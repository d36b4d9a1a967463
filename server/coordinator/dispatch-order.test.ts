/** [DP2] Whose turn it is: whoever has been served least, and level with the others when it begins. */
import { expect, test } from "vitest";
import { partIdOf } from "../../shared/kinds/inference/parts.ts";
import { BYTES_IN_FLIGHT_TOTAL_MAX } from "../../shared/protocol/limits.ts";
import { inferenceJobs } from "../kinds/inference/core/job.ts";
import { ownLoad } from "./pointing.ts";
import { Story, SYSTEMATIC, storedJob } from "./testing/story.ts";

const ONE_AT_A_TIME = { scheme: "uncoded", queriesPerGroup: 1, groupsPerRound: 5, roundsInFlight: 1 };

/** Jobs at work with an open round each, of which nothing is out, and nobody there. */
function waiting(served: Readonly<Record<string, number>>): Story {
  const story = new Story();
  story.crowd(1);
  for (const jobId of Object.keys(served)) story.submit(jobId, ONE_AT_A_TIME, 500);
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  expect(story.out()).toEqual([]);
  for (const [jobId, work] of Object.entries(served)) story.job(jobId).turns.served = work;
  return story;
}

const servedOf = (story: Story, jobId: string) => story.job(jobId).turns.served;

test("[DP2] a tab that comes gets a batch of the job that has been served least, wherever that stands among the others", () => {
  for (const served of [
    { a: 900, b: 5, c: 700 },
    { a: 5, b: 900, c: 700 },
    { a: 900, b: 700, c: 5 },
  ]) {
    const story = waiting(served);
    const [least] = Object.entries(served).find(([, work]) => work === 5)!;
    story.join(2);
    expect(story.out().map(({ jobId }) => jobId)).toEqual([least]);
  }
});

test("[DP2] of jobs that have been served alike the one that was submitted first goes first", () => {
  const story = waiting({ a: 50, b: 50 });
  story.join(2);
  expect(story.out().map(({ jobId }) => jobId)).toEqual(["a"]);
});

test("[DP2] a job that begins is level with the least served that has a round open", () => {
  const story = waiting({ little: 10_000, much: 20_000 });
  story.submit("new", ONE_AT_A_TIME, 500);
  expect(servedOf(story, "new")).toBe(0); // nobody is there: it has not begun
  story.submit("waits", { ...SYSTEMATIC, scheme: "approxifer" }, 40);
  story.join(2);
  expect(servedOf(story, "new")).toBe(10_000);
  expect(servedOf(story, "waits")).toBe(0);
  expect(servedOf(story, "little")).toBe(10_500); // the tab has one of its batches
  expect(servedOf(story, "much")).toBe(20_000);
});

test("[DP2] who has been served more than the others stays behind them when it begins again", () => {
  const story = waiting({ a: 10_000, b: 10_000 });
  story.submit("again", ONE_AT_A_TIME, 500);
  story.job("again").turns.served = 30_000;
  story.join(2);
  expect(servedOf(story, "again")).toBe(30_000);
});

test("[DP2] a job alone is level with itself, and one whose round is open is not moved", () => {
  const story = new Story();
  story.crowd(1);
  story.submit("job", { ...ONE_AT_A_TIME, roundsInFlight: 3 }, 500);
  expect(servedOf(story, "job")).toBe(500);
  story.submit("other", ONE_AT_A_TIME, 500);
  story.job("other").turns.served = 90_000;
  story.join(2);
  expect(servedOf(story, "job")).toBe(1_000);
});

test("[DP2] [DP3] where not all jobs' bytes fit, the rounds of the least served are opened", () => {
  const story = new Story();
  const half = { inputSize: BYTES_IN_FLIGHT_TOTAL_MAX / 2 / 20, outputSize: 0 };
  for (const jobId of ["a", "b", "c"]) {
    const job = storedJob(jobId, ONE_AT_A_TIME, 500, 0);
    story.submitJob({ ...job, submission: { ...job.submission, submitter: jobId }, ...half });
  }
  for (const [party, work] of Object.entries({ a: 900, b: 5, c: 50 })) story.state.parties.get(party)!.served = work;
  story.join(1);
  const open = inferenceJobs(story.state).filter(({ openRounds }) => openRounds.size > 0);
  expect(open.map(({ stored }) => stored.jobId)).toEqual(["b", "c"]);
});

test("[DP3] a further round is only asked for where somebody idles once all that is open is out", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", { ...ONE_AT_A_TIME, queriesPerGroup: 2, roundsInFlight: 4 }, 500);
  // Two tabs hold the first round, the third has the first batch of the second one.
  expect(story.out().map(({ roundIndex }) => roundIndex)).toEqual([0, 0, 1]);
  expect(story.job("job").openRounds.size).toBe(2);
});

test("[DP2] [CE12] a job in parts has the turns of one job, not of as many as it has parts", () => {
  const story = new Story();
  const parts = [0, 1, 2].map((index) => partIdOf("W".repeat(24), index));
  for (const jobId of ["alone", ...parts]) story.submit(jobId, { ...ONE_AT_A_TIME, roundsInFlight: 8 }, 500);
  story.crowd(8);
  const sent = story.out().filter(({ jobId }) => jobId === "alone").length;
  expect([sent, story.out().length]).toEqual([4, 8]);
  expect(ownLoad(story.state).jobs).toBe(2);
  for (const jobId of parts) expect(servedOf(story, jobId)).toBe(servedOf(story, "alone"));
  // A part that ends does not put the others before those who waited for it.
  const before = servedOf(story, parts[1]!);
  story.happen({ type: "jobCancelled", jobId: parts[0]! });
  expect(servedOf(story, parts[1]!)).toBeGreaterThanOrEqual(before);
});

test("[DP2] submitters take turns, however many jobs each has, and the jobs of each within them", () => {
  const story = new Story();
  const submitAs = (jobId: string, submitter: string) => {
    const job = storedJob(jobId, { ...ONE_AT_A_TIME, roundsInFlight: 32 }, 500, story.nowMs);
    story.submitJob({ ...job, submission: { ...job.submission, submitter } });
  };
  for (let n = 0; n < 19; n++) submitAs(`m${n}`, "mallory");
  submitAs("a", "ada");
  story.crowd(40);
  const ofAda = () => story.out().filter(({ jobId }) => jobId === "a").length;
  expect([ofAda(), story.out().length]).toEqual([20, 40]);
  expect(new Set(story.out().map(({ jobId }) => jobId)).size).toBe(20);
});

test("[DP2] where nobody says who submitted a job, those of one address take turns as one, whatever names they give themselves", () => {
  const story = new Story();
  const submitFrom = (party: string, submitter: string) => {
    const job = storedJob(`${party} ${submitter}`, { ...ONE_AT_A_TIME, roundsInFlight: 8 }, 500, story.nowMs);
    story.happen({ type: "jobSubmitted", party, job: { ...job, submission: { ...job.submission, submitter } } });
  };
  for (let n = 0; n < 5; n++) submitFrom("here", `name ${n}`);
  submitFrom("there", "name 0");
  story.crowd(12);
  expect(story.out().filter(({ jobId }) => jobId.startsWith("there"))).toHaveLength(6);
});

test("[DP2] who was served much while nobody else asked owes nothing, and who asked for nothing has saved nothing", () => {
  const story = new Story();
  const submitAs = (jobId: string, submitter: string, queries: number) => {
    const job = storedJob(jobId, { ...ONE_AT_A_TIME, roundsInFlight: 8 }, queries, story.nowMs);
    story.submitJob({ ...job, submission: { ...job.submission, submitter } });
  };
  story.crowd(10);
  submitAs("night", "mallory", 2_000);
  for (let n = 0; n < 300; n++) story.answer(story.out()[0]!, 1);
  submitAs("morning", "ada", 2_000);
  for (let n = 0; n < 20; n++) story.answer(story.out()[0]!, 1);
  const counts = () => ["night", "morning"].map((id) => story.out().filter(({ jobId }) => jobId === id).length);
  expect(Math.abs(counts()[0]! - counts()[1]!)).toBeLessThanOrEqual(2);
  // Hers ends, and his comes again much later: level, with no debt.
  story.happen({ type: "jobCancelled", jobId: "night" });
  for (let n = 0; n < 100; n++) story.answer(story.out()[0]!, 1);
  submitAs("again", "mallory", 2_000);
  for (let n = 0; n < 20; n++) story.answer(story.out()[0]!, 1);
  const [again, hers] = ["again", "morning"].map((id) => story.out().filter(({ jobId }) => jobId === id).length);
  expect(Math.abs(again! - hers!)).toBeLessThanOrEqual(2);
});
