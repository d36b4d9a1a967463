import { expect, test } from "vitest";
import { FAILED_TURNS_MS_FIRST, NUMERICS_PENDING_MAX } from "../../shared/protocol/limits.ts";
import { bytesInFlight, lackOfTabs } from "../kinds/inference/core/queue.ts";
import { pausedBecause } from "./dispatch.ts";
import { Story, SYSTEMATIC } from "./testing/story.ts";

test("[DP2] two jobs are served alike, and a third that waits for tabs holds neither up", () => {
  const story = new Story();
  story.crowd(6);
  const small = { scheme: "uncoded", queriesPerGroup: 2, groupsPerRound: 2, roundsInFlight: 2 };
  story.submit("waits", { scheme: "approxifer", queriesPerGroup: 4, stragglers: 2, liars: 1 }, 40);
  story.submit("one", small, 200);
  story.submit("two", small, 200);
  for (let n = 0; n < 60; n++) {
    story.answer(story.out()[0]!);
    const [one, two] = ["one", "two"].map((id) => story.job(id).turns.served);
    if (n < 10) continue; // the first job had the whole crowd to itself until the second came
    expect(Math.abs(one! - two!)).toBeLessThanOrEqual(4 * 200); // what a job may have out;
  }
  expect(story.job("waits").openRounds.size).toBe(0);
  expect(lackOfTabs(story.state, story.job("waits"))?.waitingFor).toMatch(
    /approxifer needs 11 different volunteers, 6 are ready/,
  );
  story.answerAll();
  expect([story.jobState("one"), story.jobState("two"), story.jobState("waits")]).toEqual(["done", "done", "running"]);
});

test("[DP1] nothing is sent while numerics fall behind, and the reason is said", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(200);
  story.submit("job", { ...SYSTEMATIC, roundsInFlight: 64, groupsPerRound: 1 }, 2_000);
  let most = 0;
  for (let n = 0; n < 300; n++) {
    const next = story.out()[0];
    if (next === undefined) break;
    story.answer(next, 1);
    most = Math.max(most, story.state.numericsPending.size);
  }
  expect(pausedBecause(story.state)).toMatch(/fall behind/);
  // What was out comes in nevertheless: two batches of each tab.
  expect(most).toBeLessThanOrEqual(NUMERICS_PENDING_MAX + 2 * 200);
  const held = bytesInFlight(story.job("job"));
  story.pass(1_000);
  expect(bytesInFlight(story.job("job"))).toBe(held);
});

test("[DP1] nothing new is sent while the coordinator stops, and what is out may still be answered", () => {
  const story = new Story();
  story.crowd(6);
  story.submit("job", { ...SYSTEMATIC, roundsInFlight: 4 }, 160);
  const out = story.out();
  expect(out.length).toBeGreaterThan(0);
  story.happen({ type: "stopping" });
  for (const assignment of out) story.answer(assignment, 1);
  expect(story.out()).toEqual([]);
  expect(pausedBecause(story.state)).toBe("the coordinator is stopping");
  expect(story.job("job").finishedRounds.size).toBe(1);
});

test("[DP1] nothing is sent while the store refuses, the reason is said, and work goes on once it accepts again", () => {
  const story = new Story({ hold: ["persist"] });
  const writeAccepted = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  story.crowd(2);
  story.submit("job", { scheme: "uncoded", queriesPerGroup: 2, groupsPerRound: 2, roundsInFlight: 4 }, 40);
  while (story.state.write !== null) writeAccepted();
  for (const assignment of story.out()) story.answer(assignment);
  // The second round is out already when the first one's write is refused, and the third ahead: they may be answered.
  story.happen({ type: "persistFailed", effectId: story.state.write!.effectId, message: "disk full" });
  expect(story.out()).toHaveLength(4);
  for (const assignment of story.out()) story.answer(assignment);
  // The fourth was opened before the refusal; it is not sent.
  expect(story.job("job").openRounds.size).toBe(4);
  expect(story.out()).toEqual([]);
  expect(pausedBecause(story.state)).toBe("the store does not accept writes: disk full");
  story.pass(1_000);
  expect(story.out()).toEqual([]);
  writeAccepted();
  expect(pausedBecause(story.state)).toBeNull();
  expect(story.out()).toHaveLength(4);
});

test("[DP3] the next round is opened when all batches of the open ones are out", () => {
  const story = new Story();
  story.crowd(6);
  story.submit("job", { ...SYSTEMATIC, roundsInFlight: 4 }, 160);
  expect(story.job("job").openRounds.size).toBe(1);
  story.join(7);
  story.join(8);
  expect(story.job("job").openRounds.size).toBe(2);
});

test("[DP4] after the first answers lost queries go out again at once, and the first verified answer wins", () => {
  const story = new Story();
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  const lost = sent[1]!;
  for (const assignment of sent) if (assignment !== lost && assignment.workerIndex !== 6) story.answer(assignment, 1);
  expect(story.asked("publish")).toHaveLength(1);
  const backups = story.asked("sendAssignment").slice(sent.length);
  expect(backups).toMatchObject([{ workerIndex: lost.workerIndex }]);
  story.answer(backups[0]!, 1);
  expect(story.jobState("job")).toBe("done");
  expect(story.asked("voidAssignment").map((effect) => effect.assignmentId)).toContain(lost.assignmentId);
});

test("[DP5] the fastest idle session is taken first", () => {
  const story = new Story();
  story.crowd(3);
  const ping = { scheme: "uncoded", queriesPerGroup: 1, groupsPerRound: 1, roundsInFlight: 3 };
  story.submit("measure", ping, 3);
  const speeds = new Map([
    ["s1", 90],
    ["s2", 5],
    ["s3", 30],
  ]);
  for (const assignment of story.out().sort((a, b) => speeds.get(a.sessionId)! - speeds.get(b.sessionId)!)) {
    story.nowMs = 1_000 + speeds.get(assignment.sessionId)!;
    story.answer(assignment, 0);
  }
  story.submit("job", { ...ping, roundsInFlight: 1 }, 1);
  expect(story.out()).toMatchObject([{ sessionId: "s2" }]);
});

test("[DP6] the worker indices of a round are different volunteers, unless the crowd is smaller than the code", () => {
  const large = new Story();
  large.crowd(9);
  large.submit("job", SYSTEMATIC, 40);
  const sessions = large.out().map((assignment) => assignment.sessionId);
  expect(new Set(sessions).size).toBe(7);

  const small = new Story();
  small.crowd(3);
  small.submit("job", SYSTEMATIC, 40);
  small.answerAll();
  expect(small.jobState("job")).toBe("done");

  const twoTabs = new Story();
  twoTabs.crowd(11);
  twoTabs.join(11, "s11b");
  twoTabs.submit("job", { ...SYSTEMATIC, scheme: "replication" }, 40);
  expect(twoTabs.out()).toEqual([]);
});

test("[DP6] where checks depend on it nobody takes a second worker index, though the crowd has shrunk below the code", () => {
  for (const shape of [
    { scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1 },
    { scheme: "approxifer", queriesPerGroup: 2, stragglers: 1, liars: 1 },
  ]) {
    const story = new Story();
    story.crowd(6);
    story.submit("job", { ...shape, groupsPerRound: 20, roundsInFlight: 1 }, 40);
    const [left, ...others] = story.out();
    expect(others).toHaveLength(5);
    for (const assignment of others.slice(0, 3)) story.answer(assignment);
    story.happen({ type: "sessionClosed", sessionId: left!.sessionId });
    const again = () => story.asked("sendAssignment").slice(6);
    expect(again(), shape.scheme).toEqual([]);
    story.join(7);
    expect(again(), shape.scheme).toMatchObject([{ workerIndex: left!.workerIndex, sessionId: "s7" }]);
  }
});

test("[DP7] a session that nobody knows yet holds one assignment at a time", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", { ...SYSTEMATIC, roundsInFlight: 8 }, 400);
  expect(
    story
      .out()
      .map((assignment) => assignment.sessionId)
      .sort(),
  ).toEqual(["s1", "s2"]);
});

test("[RD2] K results are decoded after a short grace, not only after N-S", () => {
  const story = new Story();
  story.crowd(12);
  story.submit("warm", SYSTEMATIC, 40);
  story.answerAll();
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  for (const assignment of sent.filter((a) => a.workerIndex >= 3)) story.answer(assignment, 1);
  expect(story.asked("publish").filter((effect) => effect.jobId === "job")).toEqual([]);
  story.pass(100);
  expect(story.asked("publish").filter((effect) => effect.jobId === "job")).toHaveLength(1);
});

test("[DP4] [JB2] a crowd of just N tabs goes on after a failure, and after a pause", () => {
  for (const shape of [
    { scheme: "uncoded", queriesPerGroup: 4 },
    { scheme: "systematic", queriesPerGroup: 4, stragglers: 0, liars: 0 },
    { scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1 },
  ]) {
    const story = new Story();
    story.crowd(shape.scheme === "replication" ? 6 : 4);
    story.submit("job", { ...shape, groupsPerRound: 2, roundsInFlight: 1 }, 8);
    const { assignmentId, sessionId } = story.out()[1]!;
    story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" });
    const paused = story.out()[0]!;
    story.happen({ type: "availabilityChanged", sessionId: paused.sessionId, available: false });
    story.happen({ type: "assignmentReturned", sessionId: paused.sessionId, assignmentId: paused.assignmentId });
    story.happen({ type: "availabilityChanged", sessionId: paused.sessionId, available: true });
    story.answerAll();
    // [AS4] Where it takes all of them, whoever failed is needed again.
    story.pass(FAILED_TURNS_MS_FIRST);
    story.answerAll();
    expect(story.jobState("job"), shape.scheme).toBe("done");
  }
});

test("[DP2] a job that waited neither starves the others when it begins, nor lets a newcomer starve them", () => {
  const story = new Story();
  story.crowd(4);
  const small = { scheme: "uncoded", queriesPerGroup: 2, groupsPerRound: 2, roundsInFlight: 1 };
  story.submit("waits", { scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1, groupsPerRound: 1 }, 400);
  story.submit("old", small, 4_000);
  for (let n = 0; n < 100; n++) story.answer(story.out()[0]!);
  story.submit("new", small, 4_000);
  const sentTo = (jobId: string) => story.asked("sendAssignment").filter((effect) => effect.jobId === jobId).length;
  const before = { old: sentTo("old"), new: sentTo("new") };
  for (let n = 0; n < 100; n++) story.answer(story.out()[0]!);
  expect(sentTo("old") - before.old).toBeGreaterThan(30);
  expect(sentTo("new") - before.new).toBeGreaterThan(30);
  story.join(5);
  story.join(6);
  const later = { old: sentTo("old"), waits: sentTo("waits") };
  for (let n = 0; n < 200; n++) story.answer(story.out()[0]!);
  expect(sentTo("old") - later.old).toBeGreaterThan(30);
  expect(sentTo("waits")).toBeGreaterThanOrEqual(later.waits);
});
