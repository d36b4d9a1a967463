import { expect, test } from "vitest";
import { ASSIGNMENT_DEADLINE_MS_MAX, ASSIGNMENT_DEADLINE_MS_MIN } from "../../shared/protocol/limits.ts";
import { Story } from "./testing/story.ts";

const ONE_ROUND = { scheme: "uncoded", queriesPerGroup: 2, groupsPerRound: 5, roundsInFlight: 1 };

test("[AS1] a repeated answer changes nothing", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", ONE_ROUND, 10);
  const [first] = story.out();
  story.answer(first!);
  const before = JSON.stringify([
    ...story
      .job("job")
      .openRounds.get(0)!
      .slots.map((s) => s.accepted),
  ]);
  expect(story.answer(first!)).toEqual([]);
  expect(
    JSON.stringify([
      ...story
        .job("job")
        .openRounds.get(0)!
        .slots.map((s) => s.accepted),
    ]),
  ).toBe(before);
});

test("[AS1] an answer that is being checked is not replaced by a second one, nor checked twice", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(6);
  story.submit("job", { scheme: "systematic" }, 12);
  const [first] = story.out();
  story.answer(first!);
  expect(story.asked("audit")).toHaveLength(1);
  expect(story.answer(first!)).toEqual([]);
  expect(story.asked("audit")).toHaveLength(1);
});

test("[AS2] only the session that an assignment was sent to can answer it", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", ONE_ROUND, 10);
  const [first, second] = story.out();
  expect(story.answer({ assignmentId: first!.assignmentId, sessionId: second!.sessionId })).toEqual([]);
  expect(story.state.assignments.get(first!.assignmentId)?.state).toBe("outstanding");
});

test("[AS3] an answer to a void assignment changes nothing", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", ONE_ROUND, 10);
  const lost = story.out()[0]!;
  story.happen({ type: "sessionClosed", sessionId: lost.sessionId });
  story.join(9, lost.sessionId); // a tab that comes back under the same name
  expect(story.answer(lost)).toEqual([]);
  expect(story.asked("voidAssignment").map((effect) => effect.assignmentId)).toContain(lost.assignmentId);
});

test("[AS3] [AS8] an answer to a batch that its tab was told to drop changes nothing: the tab has to let go of it", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(2);
  story.submit("job", ONE_ROUND, 10);
  const dropped = story.out()[0]!;
  story.happen({ type: "jobCancelled", jobId: "job" });
  expect(story.answer(dropped)).toEqual([]);
  expect(story.state.assignments.get(dropped.assignmentId)?.state).toBe("dropped");
});

test("[AS5] the deadline is measured: nobody is late before others have shown how long it takes", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", ONE_ROUND, 10);
  const [slow, fast] = story.out();
  story.pass(ASSIGNMENT_DEADLINE_MS_MAX / 4);
  expect(story.state.assignments.get(slow!.assignmentId)?.state).toBe("outstanding");
  expect(story.out()).toHaveLength(2);

  const quick = new Story();
  quick.crowd(3);
  quick.submit("job", ONE_ROUND, 10);
  const [straggler, other] = quick.out();
  quick.answer(other!, 20);
  quick.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  expect(quick.state.assignments.get(straggler!.assignmentId)?.state).toBe("late");
  expect(quick.out().map((a) => a.workerIndex)).toEqual([straggler!.workerIndex, straggler!.workerIndex]);
  expect(fast!.workerIndex).not.toBe(slow!.workerIndex);
});

test("[AS6] a late answer is welcome as long as nobody was faster", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", ONE_ROUND, 10);
  const [straggler, other] = story.out();
  story.answer(other!, 20);
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  story.answer(straggler!);
  expect(story.jobState("job")).toBe("done");
  const backup = story.asked("sendAssignment")[2]!;
  expect(story.asked("voidAssignment")).toMatchObject([{ assignmentId: backup.assignmentId, tell: true }]);
});

test("[AS6] [AS7] who never answers is closed, and rests longer each time", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(3);
  story.submit("job", ONE_ROUND, 10);
  const [mute, other] = story.out();
  story.answer(other!, 20);
  story.pass(20 * ASSIGNMENT_DEADLINE_MS_MIN);
  const closed = story.asked("closeSession");
  expect(closed[0]).toMatchObject({ sessionId: mute!.sessionId, code: "unresponsive" });
  // Its backup never answered either.
  expect(closed.map((effect) => effect.sessionId)).toEqual(["s1", "s3"]);
  const volunteer = story.state.volunteers.get("v1")!;
  expect(volunteer.unansweredInRow).toBe(1);
  expect(volunteer.restsUntilMs).toBeGreaterThan(story.nowMs);
});
