import { expect, test } from "vitest";
import { NUMERICS_PENDING_MAX } from "../../shared/protocol/limits.ts";
import { pausedBecause } from "./dispatch.ts";
import { recordResponse } from "./response-times.ts";
import { PLAIN, Story, storedJob } from "./testing/story.ts";

const servedOf = (story: Story, jobId: string) => story.job(jobId).turns.served;

test("[DP2] two jobs are served alike, and a third that no tab may take holds neither up", () => {
  const story = new Story();
  story.crowd(6);
  // [PC8] More than any of them has.
  story.submitJob({ ...storedJob("waits", PLAIN, 4_000, story.nowMs), tabBytes: 3 * 2 ** 30 });
  story.submit("one", PLAIN, 20_000);
  story.submit("two", PLAIN, 20_000);
  let most = 0;
  for (let n = 0; n < 200; n++) {
    const [next] = story.out();
    if (next === undefined) break;
    most = Math.max(most, story.state.assignments.get(next.assignmentId)!.work);
    story.answer(next);
    if (n < 20) continue; // the first job had the whole crowd to itself until the second came
    if (story.jobState("one") !== "running" || story.jobState("two") !== "running") break;
    // What a job may have out.
    expect(Math.abs(servedOf(story, "one") - servedOf(story, "two"))).toBeLessThanOrEqual(12 * most);
  }
  expect(servedOf(story, "waits")).toBe(0);
  story.answerAll();
  expect([story.jobState("one"), story.jobState("two"), story.jobState("waits")]).toEqual(["done", "done", "running"]);
});

test("[DP1] nothing is sent while numerics fall behind, and the reason is said", () => {
  const story = new Story();
  story.crowd(8);
  story.submit("job", PLAIN, 20_000);
  const held = story.out();
  const { numericsPending } = story.state;
  for (let n = 1; n <= NUMERICS_PENDING_MAX; n++) numericsPending.set(-n, "another");
  expect(pausedBecause(story.state)).toMatch(/fall behind/);
  const sent = story.asked("sendAssignment").length;
  // What was out comes in nevertheless.
  for (const one of held) story.answer(one, 1);
  expect(story.asked("sendAssignment")).toHaveLength(sent);
  for (let n = 1; n <= NUMERICS_PENDING_MAX; n++) numericsPending.delete(-n);
  story.join(9);
  expect(story.asked("sendAssignment").length).toBeGreaterThan(sent);
});

test("[DP1] nothing new is sent while the coordinator stops, and what is out may still be answered", () => {
  const story = new Story();
  story.crowd(6);
  story.submit("job", PLAIN, 2_000);
  const out = story.out();
  expect(out).toHaveLength(6);
  story.happen({ type: "stopping" });
  for (const assignment of out) story.answer(assignment, 1);
  expect(story.out()).toEqual([]);
  expect(pausedBecause(story.state)).toBe("the coordinator is stopping");
  for (const { volunteerId } of story.state.sessions.values())
    expect(story.state.volunteers.get(volunteerId)!.creditAssignments).toBe(1);
});

test("[DP1] nothing is sent while the store refuses, the reason is said, and work goes on once it accepts again", () => {
  const story = new Story({ hold: ["persist"] });
  const writeAccepted = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  story.crowd(2);
  story.submit("job", PLAIN, 2_000);
  while (story.state.write !== null) writeAccepted();
  for (const assignment of story.out()) story.answer(assignment);
  story.happen({ type: "persistFailed", effectId: story.state.write!.effectId, message: "disk full" });
  // What was sent before the refusal may be answered.
  for (let next = story.out()[0]; next !== undefined; next = story.out()[0]) story.answer(next);
  expect(pausedBecause(story.state)).toBe("the store does not accept writes: disk full");
  story.pass(1_000);
  expect(story.out()).toEqual([]);
  writeAccepted();
  expect(pausedBecause(story.state)).toBeNull();
  expect(story.out().length).toBeGreaterThan(0);
});

test("[DP5] the fastest idle session is taken first", () => {
  const story = new Story();
  story.crowd(3);
  for (const [sessionId, ms] of [
    ["s1", 90],
    ["s2", 5],
    ["s3", 30],
  ] as const)
    recordResponse(story.state, story.state.sessions.get(sessionId)!, { ms, work: 500 });
  story.submit("job", PLAIN, 2_000);
  expect(
    story
      .out()
      .map(({ sessionId }) => sessionId)
      .slice(0, 3),
  ).toEqual(["s2", "s3", "s1"]);
});

test("[DP7] a session that nobody knows yet holds one assignment at a time", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", PLAIN, 2_000);
  expect(
    story
      .out()
      .map((assignment) => assignment.sessionId)
      .sort(),
  ).toEqual(["s1", "s2"]);
});

test("[DP2] a job that waited neither starves the others when it begins, nor lets a newcomer starve them", () => {
  const story = new Story();
  story.crowd(4);
  story.submitJob({ ...storedJob("waits", PLAIN, 200_000, story.nowMs), tabBytes: 3 * 2 ** 30 });
  story.submit("old", PLAIN, 200_000);
  const workFor = (jobId: string) => servedOf(story, jobId);
  for (let n = 0; n < 30; n++) story.answer(story.out()[0]!);
  story.submit("new", PLAIN, 200_000);
  const before = { old: workFor("old"), new: workFor("new") };
  for (let n = 0; n < 30; n++) story.answer(story.out()[0]!);
  expect(workFor("old")).toBeGreaterThan(before.old);
  expect(workFor("new")).toBeGreaterThan(before.new);
  story.join(5, "s5", { memoryBytes: 4 * 2 ** 30 });
  const later = workFor("old");
  for (let n = 0; n < 60; n++) story.answer(story.out()[0]!);
  expect(workFor("old")).toBeGreaterThan(later);
  expect(workFor("waits")).toBeGreaterThan(0);
});
