/** What comes back for claims, and what is made of it: the cases that no other story needs. */
import { expect, test } from "vitest";
import { ASSIGNMENT_DEADLINE_MS_MAX } from "../../shared/protocol/limits.ts";
import { type AskedOf, PLAIN, Story, storedJob } from "./testing/story.ts";

type Sent = AskedOf<"sendAssignment">;
const ROWS = 2_000;

const outcomesOf = (story: Story, sessionId: string) =>
  story.state.sessions.get(sessionId)!.recent.map(({ outcome, ms }) => [outcome, ms]);

const fail = (story: Story, { sessionId, assignmentId }: Sent, message = "out of memory") =>
  story.happen({ type: "assignmentFailed", sessionId, assignmentId, message });

test("a tab's latest outcomes say what became of each claim, and after how long", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", PLAIN, ROWS);
  const [one, other] = story.out() as [Sent, Sent];
  story.answer(one, 20);
  fail(story, other, "a kernel broke");
  expect(outcomesOf(story, one.sessionId)).toEqual([["answered", 20]]);
  expect(outcomesOf(story, other.sessionId)[0]![0]).toBe("failed: a kernel broke");
});

test("[AS7] an answer ends a row of silences: the next rest is a first one again", () => {
  const story = new Story();
  story.crowd(1);
  story.submit("job", PLAIN, ROWS);
  const volunteer = story.state.volunteers.get("v1")!;
  volunteer.unansweredInRow = 3;
  story.answer(story.out()[0]!);
  expect(volunteer.unansweredInRow).toBe(0);
});

test("[AS4] a tab that fails at three models is told why in its own words, and no longer than a page can show", () => {
  const story = new Story();
  story.crowd(1);
  for (const model of ["a", "b", "c"])
    story.submitJob({ ...storedJob(`job ${model}`, PLAIN, ROWS, story.nowMs), modelSha256: model.repeat(64) });
  for (let n = 0; n < 2; n++) fail(story, story.out()[0]!, "x".repeat(600));
  expect(story.asked("closeSession")).toEqual([]);
  fail(story, story.out()[0]!, "x".repeat(600));
  const { message } = story.asked("closeSession")[0]!;
  expect(message).toMatch(/^3 assignments in a row failed on your device: x+$/);
  expect(message).toHaveLength(500);
});

test("[SE3] a claim that is given back unbegun is for others at once, and its tab may have the next", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", PLAIN, ROWS);
  const [first] = story.out() as [Sent];
  const { sessionId, assignmentId } = first;
  const { again } = story.job("job").ledger!.counts;
  story.happen({ type: "availabilityChanged", sessionId, available: false });
  const effects = story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  // It has let go already: there is nothing to tell it.
  expect(effects).toContainEqual(expect.objectContaining({ type: "voidAssignment", assignmentId, tell: false }));
  expect(story.job("job").ledger!.counts.again).toBeGreaterThan(again);
  expect(story.answer(first)).toEqual([]);
  expect(story.state.sessions.get(sessionId)!.failuresInRow).toBe(0);
  story.happen({ type: "availabilityChanged", sessionId, available: true });
  expect(story.out().map((sent) => sent.sessionId)).toContain(sessionId);
});

test("[AS8] who does not let go of a dropped claim in time is closed, and rests; who does is not", () => {
  for (const letsGo of [true, false]) {
    const story = new Story({ hold: ["voidAssignment"] });
    story.crowd(1);
    story.submit("job", PLAIN, ROWS);
    const { sessionId, assignmentId } = story.out()[0]!;
    story.happen({ type: "jobCancelled", jobId: "job" });
    story.pass(ASSIGNMENT_DEADLINE_MS_MAX - 1);
    expect(story.asked("closeSession")).toEqual([]);
    if (letsGo) story.happen({ type: "assignmentReturned", sessionId, assignmentId });
    story.pass(1);
    expect(story.asked("closeSession")).toMatchObject(letsGo ? [] : [{ sessionId, code: "unresponsive" }]);
    expect(story.state.volunteers.get("v1")!.restsUntilMs > story.nowMs).toBe(!letsGo);
  }
});

test("[JB5] [JB7] rows that the coordinator cannot compute end their job with the reason, and are held against nobody", () => {
  const story = new Story({ hold: ["lookKnown"] });
  story.crowd(8);
  story.submit("job", PLAIN, ROWS);
  story.submit("other", PLAIN, ROWS);
  const first = story.out().find(({ jobId }) => jobId === "job")!;
  story.answer(first, 1);
  const { effectId } = story.asked("lookKnown").find(({ jobId }) => jobId === "job")!;
  const { assignmentId } = first;
  const failed = { type: "lookKnownFailed", jobId: "job", effectId, assignmentId, message: "no memory" } as const;
  story.happen(failed);
  expect(story.job("job").stored.state).toBe("failed");
  expect(story.job("job").stored.error).toMatch(/no memory/);
  expect(story.state.volunteers.get("v1")).toMatchObject({ auditsFailed: 0, quarantine: null });
  expect(story.jobState("other")).toBe("running");
  story.happen({ ...failed, message: "again" });
  expect(story.job("job").stored.error).not.toMatch(/again/);
});
