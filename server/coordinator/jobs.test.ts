import { expect, test } from "vitest";
import { step } from "../kinds/core-kinds.ts";
import { JOBS_ENDED_KEPT_MAX } from "./jobs.ts";
import { recordChecks } from "./reputation.ts";
import { initialState } from "./state.ts";
import { stateFingerprint } from "./testing/state-fingerprint.ts";
import { PLAIN, Story } from "./testing/story.ts";

test("[JB1] [PS1] a submission is answered only after it is durable, and nothing is begun before", () => {
  const story = new Story({ hold: ["persist"] });
  const effects = story.submit("job", PLAIN);
  expect(effects.map((effect) => effect.type)).toEqual(["persist"]);
  const { effectId } = story.asked("persist")[0]!;
  const after = story.happen({ type: "persisted", effectId });
  expect(after.slice(0, 2).map((effect) => effect.type)).toEqual(["answerSubmission", "prepareRows"]);
});

test("[EV3] only the write that is under way can become durable: word of another changes nothing", () => {
  const story = new Story({ hold: ["persist"] });
  story.submit("first", PLAIN);
  const earlier = story.state.write!.effectId;
  story.happen({ type: "persisted", effectId: earlier });
  const { effectId } = story.state.write!;
  expect(effectId).not.toBe(earlier);
  story.submit("second", PLAIN); // waits in line behind it
  for (const stale of [earlier, effectId + 1_000]) {
    expect(story.happen({ type: "persisted", effectId: stale })).toEqual([]);
    expect(story.state.write).toMatchObject({ effectId });
    expect(["first", "second"].map((jobId) => story.jobState(jobId))).toEqual(["running", "accepting"]);
  }
  story.happen({ type: "persisted", effectId });
  expect(story.state.write!.effectId).toBeGreaterThan(effectId);
  story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  expect(story.asked("answerSubmission")).toMatchObject([{ jobId: "first" }, { jobId: "second" }]);
});

test("[PS3] a refused submission is answered with the reason and leaves nothing behind", () => {
  const story = new Story({ hold: ["persist"] });
  story.submit("job", PLAIN);
  const { effectId } = story.asked("persist")[0]!;
  const effects = story.happen({ type: "persistFailed", effectId, message: "disk full" });
  expect(effects).toMatchObject([{ type: "answerSubmission", problem: "disk full" }, { type: "releaseJob" }]);
  expect(story.jobState("job")).toBe("gone");
});

test("[PS3] answers that the store refuses are written again, and dispatch waits meanwhile", () => {
  const story = new Story({ hold: ["persist"] });
  const persisted = () => {
    const { write } = story.state;
    if (write !== null) story.happen({ type: "persisted", effectId: write.effectId });
  };
  story.crowd(2);
  story.submit("job", PLAIN, 2_000);
  while (story.state.write !== null) persisted();
  for (const assignment of story.out()) story.answer(assignment);
  const refused = story.asked("persist").at(-1)!;
  story.happen({ type: "persistFailed", effectId: refused.effectId, message: "disk full" });
  for (let next = story.out()[0]; next !== undefined; next = story.out()[0]) story.answer(next);
  const again = story.pass(1_000).find((effect) => effect.type === "persist");
  expect(again).toMatchObject({ records: expect.arrayContaining([...refused.records]) });
  expect(story.out()).toEqual([]);
  persisted();
  expect(story.out().length).toBeGreaterThan(0);
});

test("[JB2] a cancelled job ends once, its claims are void, and late answers change nothing", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", PLAIN, 2_000);
  for (let n = 0; n < 4; n++) story.answer(story.out()[0]!);
  const sent = story.out();
  story.happen({ type: "jobCancelled", jobId: "job" });
  story.answerAll();
  expect(story.jobState("job")).toBe("cancelled");
  const left = story.out();
  for (const assignment of sent) if (!left.includes(assignment)) expect(story.answer(assignment)).toEqual([]);
  expect(story.happen({ type: "jobCancelled", jobId: "job" })).toEqual([]);
});

test("[JB5] a job that cannot be prepared fails with the reason; others go on", () => {
  const story = new Story({ hold: ["prepareRows"] });
  story.crowd(2);
  story.submit("bad", PLAIN);
  story.submit("good", PLAIN);
  const [bad, good] = story.asked("prepareRows");
  story.happen({ type: "prepareFailed", effectId: bad!.effectId, jobId: "bad", message: "a blob is corrupt" } as never);
  story.happen({ type: "rowsPrepared", effectId: good!.effectId, jobId: "good", rowMs: null, order: null });
  story.answerAll();
  expect([story.jobState("bad"), story.jobState("good")]).toEqual(["failed", "done"]);
  expect(story.job("bad").stored.error).toBe("a blob is corrupt");
});

test("[EV1] the log of events replays to the same state and the same effects", () => {
  const story = new Story();
  story.crowd(9);
  story.submit("one", PLAIN, 60);
  story.submit("two", PLAIN, 100);
  story.happen({ type: "sessionClosed", sessionId: "s4" });
  story.pass(2_000);
  story.answerAll();
  const replayed = initialState();
  const effects = story.events.flatMap((event) => [...step(replayed, structuredClone(event))]);
  expect(effects).toEqual(story.rawEffects);
  expect(stateFingerprint(replayed)).toBe(stateFingerprint(story.state));
});

test("[EV4] time never runs backwards", () => {
  const state = initialState();
  step(state, { type: "timerFired", timerId: 1, atMs: 500 });
  step(state, { type: "timerFired", timerId: 1, atMs: 100 });
  expect(state.nowMs).toBe(500);
});

test("[AS8] a tab that was told to drop a claim gets no other before it has let go, and that time counts", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(1);
  story.submit("job", PLAIN, 2_000);
  const [dropped] = story.out();
  story.nowMs += 30;
  story.happen({ type: "jobCancelled", jobId: "job" });
  story.submit("next", PLAIN, 2_000);
  expect(story.out()).toEqual([]);
  story.nowMs += 300;
  const { sessionId, assignmentId } = dropped!;
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  expect(story.state.sessions.get(sessionId)!.responses).toMatchObject([{ ms: 330 }]);
  expect(story.out().map(({ jobId }) => jobId)).toContain("next");
});

test("[PS2] [PS3] nothing older is written over something newer: a refused write keeps its place at the head", () => {
  const story = new Story({ hold: ["persist"] });
  const write = () => story.asked("persist").at(-1)!;
  story.crowd(4);
  story.submit("job", PLAIN, 2_000);
  while (story.state.write !== null) story.happen({ type: "persisted", effectId: story.state.write.effectId });
  for (const assignment of story.out()) story.answer(assignment, 1);
  const rowsWrite = write();
  expect(rowsWrite.records.some((record) => record.kind === "rows")).toBe(true);
  story.happen({ type: "persistFailed", effectId: rowsWrite.effectId, message: "disk full" });
  // A quarantine, while the store is ill: nothing is overtaken by it.
  const found = { jobId: "job", roundIndex: 0 };
  recordChecks(story.step(), "v3", found, { checked: 3, randomlyChecked: 3, failed: 1 });
  expect(write()).toBe(rowsWrite);
  story.pass(1_000);
  const kinds = write().records.map((record) =>
    record.kind === "volunteer" && record.volunteer.quarantine ? "quarantine" : record.kind,
  );
  expect(kinds.lastIndexOf("quarantine")).toBeGreaterThan(kinds.indexOf("rows"));
  const lastOfLiar = write()
    .records.filter((record) => record.kind === "volunteer" && record.volunteer.volunteerId === "v3")
    .at(-1);
  expect(lastOfLiar).toMatchObject({ volunteer: { quarantine: { reason: "1 of 3 recomputed rows differ" } } });
});

test("[JB2] a job whose end is being written cannot be cancelled any more", () => {
  const story = new Story({ hold: ["persist"] });
  const persisted = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  story.crowd(2);
  story.submit("job", PLAIN, 40);
  for (let n = 0; n < 200 && story.jobState("job") !== "finishing"; n++) {
    for (const assignment of story.out()) story.answer(assignment);
    if (story.jobState("job") !== "finishing" && story.state.write !== null) persisted();
  }
  expect(story.jobState("job")).toBe("finishing");
  expect(story.happen({ type: "jobCancelled", jobId: "job" })).toEqual([]);
  while (story.state.write !== null) persisted();
  expect(story.jobState("job")).toBe("done");
});

test("[JB2] a job that took longer than the next two hundred is still there when it has ended; the earliest to end gives way", () => {
  const story = new Story();
  const cancel = (jobId: string) => {
    story.pass(1);
    story.happen({ type: "jobCancelled", jobId });
  };
  story.submit("long", PLAIN);
  for (let n = 1; n <= JOBS_ENDED_KEPT_MAX; n++) {
    story.submit(`short ${n}`, PLAIN);
    cancel(`short ${n}`);
  }
  cancel("long");
  expect(story.jobState("long")).toBe("cancelled");
  expect(["short 1", "short 2"].map((jobId) => story.jobState(jobId))).toEqual(["gone", "cancelled"]);
});
