import { expect, test, vi } from "vitest";
import { JOBS_ENDED_KEPT_MAX } from "../../coordinator/jobs.ts";
import { initialState } from "../../coordinator/state.ts";
import { MemoryStore } from "../../store/testing/memory-store.ts";
import { EndedJobs } from "./ended-jobs.ts";
import { inferenceCodec, type StoredJob } from "./records.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";

test("of ended jobs the latest to end are kept at hand, in whatever order they are read after a restart", async () => {
  const ended = new EndedJobs(new MemoryStore());
  const state = initialState();
  const remember = (jobId: string, finishedMs: number) =>
    ended.remember(someInferenceJob(jobId, { state: "done", finishedMs, queryCount: 1 }), state);
  // It ends while the others are still being read.
  await remember("the latest", 1_000_000);
  for (let n = 0; n < JOBS_ENDED_KEPT_MAX; n++) await remember(`job ${n}`, 1_000 + ((7 * n) % JOBS_ENDED_KEPT_MAX));
  expect(ended.view("the latest", state)).toMatchObject({ state: "done" });
  expect(ended.standing("the latest")).toMatchObject({ queryCount: 1 });
  // The first to end has made room.
  expect(ended.view("job 0", state)).toBeNull();
  expect(ended.view("job 1", state)).not.toBeNull();
});

const stored = (job: StoredJob) => ({ kind: "job", job: inferenceCodec.toRecord(job) }) as const;

test("[TB4] what another coordinator is at work at is not kept as it was read", async () => {
  const store = new MemoryStore();
  const ended = new EndedJobs(store);
  await store.apply([stored(someInferenceJob("job", { state: "running", finishedMs: null, queryCount: 1 }))]);
  expect((await ended.answers("job"))?.job.state).toBe("running");
  await store.apply([stored(someInferenceJob("job", { state: "done", finishedMs: 5, queryCount: 1 }))]);
  expect((await ended.answers("job"))?.job.state).toBe("done");
});

test("answers of an ended job are read once for all who ask, kept while they are asked for, and not where it is deleted meanwhile", async () => {
  const store = new MemoryStore();
  const ended = new EndedJobs(store);
  const ids = ["a", "b", "c", "d", "e"];
  await store.apply(ids.map((id) => stored(someInferenceJob(id, { state: "done", finishedMs: 5, queryCount: 1 }))));
  const rounds = vi.spyOn(store, "rounds");
  const [one, same] = await Promise.all([ended.answers("a"), ended.answers("a")]);
  expect(same).toBe(one);
  for (const id of ids.slice(1)) {
    await ended.answers(id);
    expect(await ended.answers("a")).toBe(one);
  }
  expect(rounds.mock.calls.map(([jobId]) => jobId)).toEqual(ids);
  // "b" has made room: it is read again.
  const reading = ended.answers("b");
  ended.forget("b");
  await store.deleteJob("b");
  await reading;
  expect(await ended.answers("b")).toBeNull();
});

test("[JB8] a job that is deleted while its answers are read is told of no more", async () => {
  const store = new MemoryStore();
  const ended = new EndedJobs(store);
  const state = initialState();
  const job = someInferenceJob("job", { state: "cancelled", finishedMs: 5, queryCount: 1 });
  await store.apply([stored(job)]);
  const reads = [ended.remember(job, state), ended.recall(job, state)];
  ended.forget("job");
  await store.deleteJob("job");
  await Promise.all(reads);
  expect(ended.view("job", state)).toBeNull();
  // Another job of that time is told of.
  await ended.remember(someInferenceJob("other", { state: "done", finishedMs: 6, queryCount: 1 }), state);
  expect(ended.view("other", state)).not.toBeNull();
});

test("[TB3] what is taken back of ended jobs is told without a look at their answers", async () => {
  const store = new MemoryStore();
  const ended = new EndedJobs(store);
  const state = initialState();
  const job = someInferenceJob("job", { state: "done", finishedMs: 5, queryCount: 1 });
  await store.apply([stored(job)]);
  await ended.remember(job, state);
  const rounds = vi.spyOn(store, "rounds");
  expect(ended.takings("job", state)).toEqual([]);
  expect(ended.takings("another", state)).toBeNull();
  expect(rounds).not.toHaveBeenCalled();
});
