import { expect, test } from "vitest";
import { Story, storedJob } from "../../../coordinator/testing/story.ts";
import { inferenceJob } from "./job.ts";
import { lackOfTabs } from "./queue.ts";

const JOB = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, groupsPerRound: 4, roundsInFlight: 1 };
const PING = { scheme: "uncoded", queriesPerGroup: 1, groupsPerRound: 1 };

/** Everybody has answered once, in so many milliseconds. */
function measured(ms: ReadonlyMap<string, number>): Story {
  const story = new Story();
  story.crowd(ms.size);
  story.submit("measure", { ...PING, roundsInFlight: ms.size }, ms.size);
  const sent = story.out().sort((a, b) => ms.get(a.sessionId)! - ms.get(b.sessionId)!);
  for (const assignment of sent) {
    story.nowMs = 1_000 + ms.get(assignment.sessionId)!;
    story.answer(assignment, 0);
  }
  return story;
}

test("[DP8] a round takes volunteers of different networks first, and those of one network where there are no others", () => {
  const story = new Story();
  for (let n = 1; n <= 8; n++) story.join(n, `s${n}`, { addressGroup: n <= 4 ? "school" : `home ${n}` });
  story.submit("job", JOB, 16);
  const networks = story.out().map(({ sessionId }) => story.state.sessions.get(sessionId)!.addressGroup);
  expect(new Set(networks).size).toBe(5);

  const one = new Story();
  for (let n = 1; n <= 5; n++) one.join(n, `s${n}`, { addressGroup: "school" });
  one.submit("job", JOB, 16);
  expect(one.out()).toHaveLength(5);
});

test("[DP8] no more slow tabs work for one round than its code can do without, as long as there are others", () => {
  const ms = new Map(Array.from({ length: 12 }, (_, n) => [`s${n + 1}`, n % 3 === 0 ? 600 : 10] as const));
  const slow: string[] = [...ms].filter(([, time]) => time > 100).map(([sessionId]) => sessionId);
  const story = measured(ms);
  // The fast ones are busy with another job when this one begins: slow ones are all that is idle, but for four.
  story.submit("other", { ...PING, queriesPerGroup: 4, roundsInFlight: 1 }, 4);
  story.submit("job", JOB, 16);
  const sessions = story
    .out()
    .filter(({ jobId }) => jobId === "job")
    .map(({ sessionId }) => sessionId);
  expect(sessions).toHaveLength(5);
  expect(sessions.filter((sessionId) => slow.includes(sessionId)).length).toBeLessThanOrEqual(1);
});

test("[DP9] half-precision tabs hold no raw queries of an exact job, as long as there are float32 volunteers for a group", () => {
  const rawTo = (float32: number, completion: "exact" | "fast") => {
    const story = new Story();
    for (let n = 1; n <= 10; n++) story.join(n, `s${n}`, { precision: n <= float32 ? "float32" : "float16" });
    story.submit("job", { ...JOB, completion }, 16);
    return story
      .out()
      .filter(({ workerIndex }) => workerIndex < 4)
      .map(({ assignmentId }) => story.state.assignments.get(assignmentId)!.precision);
  };
  expect(rawTo(5, "exact")).toEqual(["float32", "float32", "float32", "float32"]);
  // With fewer they help, or the job would wait for the few: then every row of theirs is recomputed.
  expect(rawTo(2, "exact").sort()).toEqual(["float16", "float16", "float32", "float32"]);
  expect(rawTo(0, "fast")).toEqual(["float16", "float16", "float16", "float16"]);
});

test("[DP9] what a half-precision tab computed of an exact job's queries is recomputed in full", () => {
  for (const completion of ["exact", "fast"]) {
    const story = new Story({ hold: ["audit"] });
    for (let n = 1; n <= 10; n++) story.join(n, `s${n}`, { precision: "float16" });
    story.submit("job", { ...JOB, completion, groupsPerRound: 10 }, 40);
    for (const assignment of story.out()) story.answer(assignment, 1);
    for (const { workerIndex, randomRows } of story.asked("audit")) {
      const isFull = completion === "exact" && workerIndex < 4;
      expect(randomRows).toBe(isFull ? 10 : 3);
    }
  }
});

test("[DP11] a model that makes too much of half-precision rounding goes to no half-precision tab, and waits where there are no others", () => {
  const precisionsOf = (float32: number, deviation: number) => {
    const story = new Story();
    for (let n = 1; n <= 10; n++) story.join(n, `s${n}`, { precision: n <= float32 ? "float32" : "float16" });
    const sensitivity = { rows: 16, rowsOnSecond: 16, deviation };
    story.submitJob({ ...storedJob("job", { ...JOB, completion: "fast" }, 16, story.nowMs), sensitivity });
    const job = inferenceJob(story.state, "job")!;
    const precisions = story.out().map(({ assignmentId }) => story.state.assignments.get(assignmentId)!.precision);
    return { precisions: new Set(precisions), waits: lackOfTabs(story.state, job)?.waitingFor ?? null };
  };
  expect(precisionsOf(2, 1e-6)).toEqual({ precisions: new Set(["float32", "float16"]), waits: null });
  expect(precisionsOf(2, 1e-5)).toEqual({ precisions: new Set(["float32"]), waits: null });
  const { precisions, waits } = precisionsOf(0, 1e-5);
  expect(precisions.size).toBe(0);
  expect(waits).toMatch(/too much of half-precision rounding/);
});

test("[DP11] [JB2] tabs whose rows such a model refuses do not count where a code needs different volunteers, and the job says for whom it waits", () => {
  const waitsWith = (float32: number, deviation: number) => {
    const story = new Story();
    for (let n = 1; n <= 10; n++) story.join(n, `s${n}`, { precision: n <= float32 ? "float32" : "float16" });
    const replication = { ...JOB, scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1 };
    const sensitivity = { rows: 16, rowsOnSecond: 16, deviation };
    story.submitJob({ ...storedJob("job", replication, 16, story.nowMs), sensitivity });
    return lackOfTabs(story.state, inferenceJob(story.state, "job")!);
  };
  const waitingFor =
    "waiting for tabs: replication needs 6 different volunteers that compute in float32, 5 are ready; with --queries-per-group 2 --stragglers 0 --liars 0, 2 are enough";
  expect(waitsWith(5, 1e-5)).toEqual({ waitingFor, lacksTabs: "more" });
  expect(waitsWith(6, 1e-5)).toBeNull();
  expect(waitsWith(5, 1e-6)).toBeNull();
});
