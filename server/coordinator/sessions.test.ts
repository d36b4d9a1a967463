import { expect, test } from "vitest";
import { PROBE_MS_MAX } from "../../shared/protocol/limits.ts";
import { recordChecks } from "./reputation.ts";
import { PLAIN, Story } from "./testing/story.ts";

test("[SE1] a session gets no work before it has answered a probe right", () => {
  const story = new Story();
  story.submit("job", PLAIN);
  const opened = story.happen({
    type: "sessionOpened",
    sessionId: "s1",
    volunteerId: "v1",
    nickname: "",
    backend: "wasm",
    team: "",
    addressGroup: null,
    invitationSha256: null,
  });
  expect(opened.map((effect) => effect.type)).toEqual(["setTimer", "sendProbe"]);
  expect(story.out()).toEqual([]);
  story.happen({ type: "sessionProbed", sessionId: "s1", precision: "float16" });
  expect(story.out()).toHaveLength(1);
  expect(story.state.sessions.get("s1")).toMatchObject({ state: "ready", precision: "float16" });
});

test("[SE2] a session that answers its probe wrong, or never, is closed", () => {
  const story = new Story();
  story.happen({
    type: "sessionOpened",
    sessionId: "wrong",
    volunteerId: "v1",
    nickname: "",
    backend: "wasm",
    team: "",
    addressGroup: null,
    invitationSha256: null,
  });
  story.happen({ type: "sessionProbed", sessionId: "wrong", precision: null });
  expect(story.asked("closeSession")).toMatchObject([{ sessionId: "wrong", code: "wrong-answers" }]);

  story.happen({
    type: "sessionOpened",
    sessionId: "mute",
    volunteerId: "v2",
    nickname: "",
    backend: "wasm",
    team: "",
    addressGroup: null,
    invitationSha256: null,
  });
  story.pass(PROBE_MS_MAX - 1);
  expect(story.asked("closeSession")).toHaveLength(1);
  story.pass(1);
  expect(story.asked("closeSession")[1]).toMatchObject({ sessionId: "mute", code: "unresponsive" });
});

test("[SE3] what a closed session had not answered goes to another at once", () => {
  const story = new Story();
  story.crowd(4);
  story.submit("job", PLAIN, 40);
  story.answer(story.out()[3]!);
  const lost = story.out()[0]!;
  const before = story.job("job").ledger!.counts.again;
  const effects = story.happen({ type: "sessionClosed", sessionId: lost.sessionId });
  expect(effects).toContainEqual(
    // The tab is gone: there is nobody to tell.
    expect.objectContaining({ type: "voidAssignment", assignmentId: lost.assignmentId, tell: false }),
  );
  const sent = effects.filter((effect) => effect.type === "sendAssignment");
  expect(sent.length > 0 || story.job("job").ledger!.counts.again > before).toBe(true);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
});

test("[SE4] a session that is not available is sent nothing, and may answer what it holds", () => {
  const story = new Story();
  story.crowd(1);
  story.submit("job", PLAIN, 200);
  const held = story.out()[0]!;
  story.happen({ type: "availabilityChanged", sessionId: "s1", available: false });
  story.answer(held);
  expect(story.state.volunteers.get("v1")!.creditAssignments).toBe(1);
  expect(story.out()).toEqual([]);
  story.happen({ type: "availabilityChanged", sessionId: "s1", available: true });
  expect(story.out().length).toBeGreaterThan(0);
});

test("[VF3] a quarantined volunteer's next session gets neither probe nor work", () => {
  const story = new Story();
  story.join(1);
  story.submit("job", PLAIN, 40);
  const found = { jobId: "job", roundIndex: 0 };
  recordChecks(story.step(), "v1", found, { checked: 3, randomlyChecked: 3, failed: 1 });
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  const probes = story.asked("sendProbe").length;
  story.happen({
    type: "sessionOpened",
    sessionId: "again",
    volunteerId: "v1",
    nickname: "",
    backend: "wasm",
    team: "",
    addressGroup: null,
    invitationSha256: null,
  });
  expect(story.asked("sendProbe")).toHaveLength(probes);
  expect(story.state.sessions.get("again")?.state).toBe("quarantined");
  expect(story.asked("closeSession").at(-1)).toMatchObject({ sessionId: "again", code: "wrong-answers" });
  expect(story.out()).toEqual([]);
});

test("[SE5] a tab is asked a known question again after a drawn answer, and is sent nothing until it has answered", () => {
  const story = new Story({ settings: { reprobeShare: 0.01 } });
  story.join(1);
  story.submit("job", PLAIN, 20_000);
  story.draw = 0.98;
  story.answer(story.out()[0]!);
  expect(story.asked("sendProbe")).toHaveLength(1);
  story.draw = 0.995;
  story.answer(story.out()[0]!);
  expect(story.asked("sendProbe")).toHaveLength(2);
  // What was sent ahead of the question has begun.
  for (const sent of story.out()) story.answer(sent);
  expect(story.out()).toEqual([]);
  story.happen({ type: "sessionProbed", sessionId: "s1", precision: "float16" });
  expect(story.out().length).toBeGreaterThan(0);
  expect(story.state.assignments.get(story.out()[0]!.assignmentId)!.precision).toBe("float16");
  // An answer to a question that nobody asked changes nothing.
  story.happen({ type: "sessionProbed", sessionId: "s1", precision: null });
  expect(story.asked("closeSession")).toEqual([]);
});

test("[SE5] [SE2] who answers a later question wrong, or not at all, is closed as at first", () => {
  for (const isWrong of [true, false]) {
    const story = new Story({ settings: { reprobeShare: 1 } });
    story.join(1);
    story.submit("job", PLAIN, 20_000);
    story.answer(story.out()[0]!);
    if (isWrong) story.happen({ type: "sessionProbed", sessionId: "s1", precision: null });
    else story.pass(PROBE_MS_MAX);
    const code = isWrong ? "wrong-answers" : "unresponsive";
    expect(story.asked("closeSession")).toMatchObject([{ sessionId: "s1", code }]);
    expect(story.out()).toEqual([]);
    expect(story.state.volunteers.get("v1")!.quarantine).toBeNull();
  }
});

test("[SE5] nothing is left of a question when its tab goes or is quarantined", () => {
  const story = new Story({ settings: { reprobeShare: 1 } });
  story.join(1);
  story.submit("job", PLAIN, 20_000);
  story.answer(story.out()[0]!);
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  expect([...story.state.timers.values()].filter(({ kind }) => kind === "probe")).toEqual([]);
});

test("[SE1] a session that is open already is not opened a second time", () => {
  const story = new Story();
  story.join(1);
  const before = story.state.sessions.get("s1");
  const opening = { sessionId: "s1", volunteerId: "v2", nickname: "", backend: "wasm", team: "" };
  const effects = story.happen({ type: "sessionOpened", ...opening, addressGroup: null, invitationSha256: null });
  expect(effects).toEqual([]);
  expect(story.state.sessions.get("s1")).toBe(before);
  expect(story.state.volunteers.has("v2")).toBe(false);
});
