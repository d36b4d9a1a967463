import { expect, test } from "vitest";
import { ASSIGNMENT_DEADLINE_MS_MAX, ASSIGNMENT_DEADLINE_MS_MIN } from "../../shared/protocol/limits.ts";
import { PLAIN, Story } from "./testing/story.ts";

/** So many rows that they are not all out at once. */
const ROWS = 200;

test("[AS1] a repeated answer changes nothing", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", PLAIN, ROWS);
  const [first] = story.out();
  story.answer(first!);
  const before = { ...story.job("job").ledger!.counts };
  expect(story.answer(first!)).toEqual([]);
  expect(story.job("job").ledger!.counts).toEqual(before);
  expect(story.state.volunteers.get("v1")!.creditAssignments).toBe(1);
});

test("[AS1] an answer whose rows are being looked at is not replaced by a second one, nor looked at twice", () => {
  const story = new Story({ hold: ["lookKnown"] });
  story.crowd(6);
  story.submit("job", PLAIN, ROWS);
  const [first] = story.out();
  story.answer(first!);
  const asked = () => story.asked("lookKnown").length;
  const before = asked();
  expect(before).toBeGreaterThan(0);
  expect(story.answer(first!)).toEqual([]);
  expect(asked()).toBe(before);
});

test("[AS2] only the session that an assignment was sent to can answer it", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", PLAIN, ROWS);
  const [first, second] = story.out();
  expect(story.answer({ assignmentId: first!.assignmentId, sessionId: second!.sessionId })).toEqual([]);
  expect(story.state.assignments.get(first!.assignmentId)?.state).toBe("outstanding");
});

test("[AS3] an answer to a void assignment changes nothing", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", PLAIN, ROWS);
  const lost = story.out()[0]!;
  story.happen({ type: "sessionClosed", sessionId: lost.sessionId });
  story.join(9, lost.sessionId); // a tab that comes back under the same name
  expect(story.answer(lost)).toEqual([]);
  expect(story.asked("voidAssignment").map((effect) => effect.assignmentId)).toContain(lost.assignmentId);
});

test("[AS3] [AS8] an answer to a batch that its tab was told to drop changes nothing: the tab has to let go of it", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(2);
  story.submit("job", PLAIN, ROWS);
  const dropped = story.out()[0]!;
  story.happen({ type: "jobCancelled", jobId: "job" });
  expect(story.answer(dropped)).toEqual([]);
  expect(story.state.assignments.get(dropped.assignmentId)?.state).toBe("dropped");
});

test("[AS5] the deadline is measured: nobody is late before others have shown how long it takes", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", PLAIN, ROWS);
  const [slow] = story.out();
  story.pass(ASSIGNMENT_DEADLINE_MS_MAX / 4);
  expect(story.state.assignments.get(slow!.assignmentId)?.state).toBe("outstanding");
  expect(story.out()).toHaveLength(3);

  const quick = new Story();
  quick.crowd(2);
  quick.submit("job", PLAIN, 5_000);
  const [straggler] = quick.out();
  const others = () => quick.out().filter(({ sessionId }) => sessionId !== straggler!.sessionId);
  for (let n = 0; n < 5; n++) quick.answer(others()[0]!, 20);
  quick.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  expect(quick.state.assignments.get(straggler!.assignmentId)?.state).toBe("late");
});

test("[AS6] a late answer is welcome as long as nobody was faster", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", PLAIN, 5_000);
  const [straggler] = story.out();
  const others = () => story.out().filter(({ sessionId }) => sessionId !== straggler!.sessionId);
  for (let n = 0; n < 5; n++) story.answer(others()[0]!, 20);
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  expect(story.state.assignments.get(straggler!.assignmentId)?.state).toBe("late");
  story.answer(straggler!);
  expect(story.state.volunteers.get("v1")!.creditAssignments).toBe(1);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
});

test("[AS6] [AS7] who never answers is closed, and rests", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(2);
  story.submit("job", PLAIN, 5_000);
  const [mute] = story.out();
  const others = () => story.out().filter(({ sessionId }) => sessionId !== mute!.sessionId);
  for (let n = 0; n < 5; n++) story.answer(others()[0]!, 20);
  for (let n = 0; n < 200 && story.asked("closeSession").length === 0; n++) {
    story.pass(ASSIGNMENT_DEADLINE_MS_MIN / 4);
    for (const sent of others()) story.answer(sent, 0);
  }
  expect(story.asked("closeSession")).toMatchObject([{ sessionId: mute!.sessionId, code: "unresponsive" }]);
  const volunteer = story.state.volunteers.get("v1")!;
  expect(volunteer.unansweredInRow).toBe(1);
  expect(volunteer.restsUntilMs).toBeGreaterThan(story.nowMs);
});
