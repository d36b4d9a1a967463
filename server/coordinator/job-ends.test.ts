/** A job's end: what is written, what is voided, and what is kept. */
import { expect, test } from "vitest";
import { forgetOldJobs, JOBS_ENDED_KEPT_MAX } from "./jobs.ts";
import { PLAIN, Story, storedJob } from "./testing/story.ts";

test("[RC2] an end is written with the records as they are then, and says when", () => {
  const story = new Story({ hold: ["persist"] });
  const write = () => {
    if (story.state.write !== null) story.happen({ type: "persisted", effectId: story.state.write.effectId });
  };
  story.crowd(7);
  story.nowMs += 0.6;
  story.submit("job", PLAIN, 40);
  for (let n = 0; n < 200 && story.jobState("job") !== "finishing"; n++) {
    for (const sent of story.out()) story.answer(sent, 1);
    if (story.jobState("job") !== "finishing") write();
  }
  expect(story.jobState("job")).toBe("finishing");
  const job = story.job("job");
  const isEnd = (record: { readonly kind: string }) =>
    record.kind === "job" && (record as unknown as { job: { state: string } }).job.state === "done";
  while (!story.asked("persist").at(-1)!.records.some(isEnd)) write();
  const { records } = story.asked("persist").at(-1)!;
  const end = records.flatMap((record) => (record.kind === "job" && isEnd(record) ? [record.job] : []));
  expect(end).toMatchObject([{ state: "done", error: null }]);
  expect(Number.isInteger(end[0]!.finishedMs)).toBe(true);
  const frozen = [...job.contributions.values()];
  expect(frozen.length).toBeGreaterThan(1);
  for (const { volunteerId, auditsPassedAtEnd } of frozen)
    expect(auditsPassedAtEnd).toBe(story.state.volunteers.get(volunteerId)!.auditsPassed);
  while (story.state.write !== null) write();
  expect(story.jobState("job")).toBe("done");
  expect(story.asked("releaseJob")).toMatchObject([{ jobId: "job" }]);
});

test("[JB2] a job that is not durable yet cannot be cancelled; one that runs can", () => {
  const story = new Story({ hold: ["persist"] });
  story.submit("job", PLAIN);
  expect(story.happen({ type: "jobCancelled", jobId: "job" })).toEqual([]);
  expect(story.jobState("job")).toBe("accepting");

  const running = new Story();
  running.crowd(7);
  running.submit("job", PLAIN, 2_000);
  running.answer(running.out()[0]!);
  running.happen({ type: "jobCancelled", jobId: "job" });
  running.answerAll();
  expect(running.job("job").stored).toMatchObject({ state: "cancelled", error: null });
});

test("[JB2] [AS3] an end voids what is out, and leaves no timer", () => {
  const story = new Story();
  story.crowd(8);
  story.submit("job", PLAIN, 2_000);
  const sent = story.out();
  expect(sent).toHaveLength(8);
  const effects = story.happen({ type: "jobCancelled", jobId: "job" });
  const voided = effects.flatMap((effect) => (effect.type === "voidAssignment" ? [effect] : []));
  expect(voided.map(({ assignmentId, tell }) => [assignmentId, tell])).toEqual(
    expect.arrayContaining(sent.map((one) => [one.assignmentId, true])),
  );
  expect(story.jobState("job")).toBe("cancelled");
  expect([...story.state.assignments.keys()]).toEqual([]);
  expect([...story.state.timers.values()]).toEqual([]);
});

test("[JB8] a job that has ended may be deleted, and its volunteers keep what it earned them; one that runs may not", () => {
  const story = new Story();
  story.crowd(7);
  story.submit("job", PLAIN, 120);
  story.answerAll();
  const { creditMacs } = story.state.volunteers.get("v1")!;
  expect([story.jobState("job"), creditMacs > 0]).toEqual(["done", true]);
  story.happen({ type: "jobDeleted", jobId: "job" });
  expect(story.state.jobs.has("job")).toBe(false);
  expect(story.state.volunteers.get("v1")!.creditMacs).toBe(creditMacs);
  expect(story.happen({ type: "jobDeleted", jobId: "nobody's" })).toEqual([]);
  story.submit("next", PLAIN);
  expect(() => story.happen({ type: "jobDeleted", jobId: "next" })).toThrow("JB8");
});

test("of the jobs that have ended the latest to end are kept at hand, whatever is at work beside them", () => {
  const count = JOBS_ENDED_KEPT_MAX + 10;
  // Every fiftieth is at work; the one that was submitted first ended last.
  const endOf = (n: number) => (n % 50 === 0 ? null : n === 1 ? count : n);
  const jobThatEnded = (finishedMs: number | null) => {
    return { kind: "inference", stored: { state: finishedMs === null ? "running" : "done", finishedMs } } as const;
  };
  const jobs = new Map(Array.from({ length: count }, (_, n) => [`job ${n}`, jobThatEnded(endOf(n))]));
  type Ended = ReturnType<typeof jobThatEnded>;
  const hasEnded = ({ stored }: Ended) => stored.finishedMs !== null;
  const ended = [...jobs.values()].filter(hasEnded).length;
  forgetOldJobs(jobs, "inference");
  expect([...jobs.values()].filter(hasEnded)).toHaveLength(JOBS_ENDED_KEPT_MAX);
  expect(jobs.size).toBe(JOBS_ENDED_KEPT_MAX + 5);
  const forgotten = ended - JOBS_ENDED_KEPT_MAX;
  expect([...jobs.keys()].slice(0, 3)).toEqual(["job 0", "job 1", `job ${forgotten + 2}`]);
  forgetOldJobs(jobs, "inference");
  expect(jobs.size).toBe(JOBS_ENDED_KEPT_MAX + 5);
});

test("[JB1] [RS1] what is durable of a submission is the whole job, to be prepared; and once prepared, at work", () => {
  const story = new Story({ hold: ["persist"] });
  story.submit("job", PLAIN);
  const job = storedJob("job", PLAIN, 40, story.nowMs);
  const [first] = story.asked("persist");
  expect(first!.records[0]).toMatchObject({ kind: "job", job: { ...job, state: "preparing" } });
  while (story.state.write !== null) story.happen({ type: "persisted", effectId: story.state.write.effectId });
  const states = story
    .asked("persist")
    .flatMap(({ records }) => records.flatMap((record) => (record.kind === "job" ? [record.job.state] : [])));
  expect(states.slice(0, 2)).toEqual(["preparing", "running"]);
});

test("jobs that have ended are forgotten when there are too many of them, and those at work never", () => {
  const story = new Story();
  story.submit("at work", PLAIN);
  for (let n = 0; n <= JOBS_ENDED_KEPT_MAX; n++) {
    story.submit(`job ${n}`, PLAIN, 4);
    story.happen({ type: "jobCancelled", jobId: `job ${n}` });
  }
  expect(story.state.jobs.has("job 0")).toBe(false);
  expect([story.jobState("at work"), story.jobState("job 1")]).toEqual(["running", "cancelled"]);
});
