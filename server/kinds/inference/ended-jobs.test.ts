import { expect, test } from "vitest";
import { JOBS_ENDED_KEPT_MAX } from "../../coordinator/jobs.ts";
import { initialState } from "../../coordinator/state.ts";
import { MemoryStore } from "../../store/testing/memory-store.ts";
import { EndedJobs } from "./ended-jobs.ts";
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
