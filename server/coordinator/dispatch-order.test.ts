/** [DP2] Whose turn it is: whoever has been served least, and level with the others when it begins. */
import { expect, test } from "vitest";
import { PLAIN, Story, storedJob } from "./testing/story.ts";

/** More than is out at once. */
const ROWS = 20_000;

/** Jobs at work of which nothing is out, and nobody there. */
function waiting(served: Readonly<Record<string, number>>): Story {
  const story = new Story();
  story.crowd(1);
  for (const jobId of Object.keys(served)) story.submit(jobId, PLAIN, ROWS);
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  expect(story.out()).toEqual([]);
  for (const [jobId, work] of Object.entries(served)) story.job(jobId).turns.served = work;
  return story;
}

const servedOf = (story: Story, jobId: string) => story.job(jobId).turns.served;

test("[DP2] a tab that comes gets a claim of the submitter that has been served least, wherever that stands among the others", () => {
  for (const served of [
    { a: 900, b: 5, c: 700 },
    { a: 5, b: 900, c: 700 },
    { a: 900, b: 700, c: 5 },
  ]) {
    const story = new Story();
    for (const jobId of Object.keys(served)) {
      const job = storedJob(jobId, PLAIN, ROWS, story.nowMs);
      story.submitJob({ ...job, submission: { ...job.submission, submitter: jobId } });
    }
    for (const [party, work] of Object.entries(served)) story.state.parties.get(party)!.served = work;
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

test("[DP2] a job that begins is level with the least served that is at work", () => {
  const story = new Story();
  story.crowd(2);
  for (const jobId of ["little", "much"]) story.submit(jobId, PLAIN, ROWS);
  for (let n = 0; n < 10; n++) story.answer(story.out()[0]!, 1);
  story.job("much").turns.served += 1_000_000;
  story.submit("new", PLAIN, ROWS);
  expect(servedOf(story, "new")).toBe(0); // nobody is at it: it has not begun
  const least = Math.min(servedOf(story, "little"), servedOf(story, "much"));
  story.answer(story.out()[0]!, 1);
  story.join(3);
  expect(servedOf(story, "new")).toBeGreaterThan(least);
  expect(servedOf(story, "new")).toBeLessThan(servedOf(story, "much"));
});

test("[DP2] who has been served more than the others stays behind them when it begins again", () => {
  const story = waiting({ a: 10_000, b: 10_000 });
  story.submit("again", PLAIN, ROWS);
  story.job("again").turns.served = 30_000;
  story.join(2);
  expect(servedOf(story, "again")).toBe(30_000);
});

test("[DP2] a job alone is level with itself, and one that is at work is not moved", () => {
  const story = new Story();
  story.crowd(1);
  story.submit("job", PLAIN, ROWS);
  expect(servedOf(story, "job")).toBe(500);
  story.submit("other", PLAIN, ROWS);
  story.job("other").turns.served = 90_000;
  story.join(2);
  expect(servedOf(story, "job")).toBe(1_000);
});

test("[DP2] submitters take turns, however many jobs each has, and the jobs of each within them", () => {
  const story = new Story();
  const submitAs = (jobId: string, submitter: string) => {
    const job = storedJob(jobId, PLAIN, ROWS, story.nowMs);
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
    const job = storedJob(`${party} ${submitter}`, PLAIN, ROWS, story.nowMs);
    story.happen({ type: "jobSubmitted", party, job: { ...job, submission: { ...job.submission, submitter } } });
  };
  for (let n = 0; n < 5; n++) submitFrom("here", `name ${n}`);
  submitFrom("there", "name 0");
  story.crowd(12);
  expect(story.out().filter(({ jobId }) => jobId.startsWith("there"))).toHaveLength(6);
});
