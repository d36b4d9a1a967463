import { expect, test } from "vitest";
import { RowsStory } from "../testing/rows-story.ts";

const LARGE = { macsPerQuery: 1e9 };

/** Six tabs, of which the first has answered its first claim in good time, and is silent about its next one. */
function withOneAtWork(rows: number): RowsStory {
  const story = new RowsStory();
  story.crowd(6);
  story.submit("job", rows, LARGE);
  const isOfFirst = ({ sessionId }: { sessionId: string }) => sessionId === "s1";
  story.answer(story.out().find(isOfFirst)!, 50);
  story.answerAll(isOfFirst);
  story.pass(1_000);
  story.answerAll(isOfFirst);
  return story;
}

test("[PR113] [RW7] a claim of which others have answered all is called off, and its job does not wait for its tab", () => {
  const story = withOneAtWork(300);
  expect(story.stateOf("job")).toBe("done");
  expect(story.finalCount("job")).toBe(300);
  const calledOff = story.effects.filter(
    (effect) => effect.type === "voidAssignment" && effect.sessionId === "s1" && effect.tell,
  );
  expect(calledOff.length).toBeGreaterThan(0);
});

test("[PR113] a late tab hears that it ends with what it is at, and owes its second words alone", () => {
  const story = new RowsStory();
  story.crowd(6);
  story.submit("job", 2_000, LARGE);
  for (let n = 0; n < 30; n++) story.answer(story.out().find(({ sessionId }) => sessionId !== "s1")!, 200);
  story.pass(20_000);
  const { assignmentId, sessionId, rowsNeeded } = story.asked("leaveOut").at(-1)!;
  const claim = story.job("job").claims.get(assignmentId)!;
  expect([...claim.indexOf.values()].length).toBeGreaterThan(rowsNeeded);
  const came = { type: "rows", rows: Array.from({ length: rowsNeeded }, (_, row) => row) };
  story.happen({ type: "resultArrived", sessionId, assignmentId, draw: 0.9, came: came as never });
  expect(claim.unanswered.size).toBe(0);
  expect(story.job("job").claims.has(assignmentId)).toBe(false);
  story.answerAll();
  story.pass(60_000);
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
});

test("a claim that could not be sent goes to others at once", () => {
  const story = new RowsStory();
  story.crowd(6);
  story.submit("job", 300, LARGE);
  const { assignmentId } = story.out()[0]!;
  const outcome = { type: "claimNotSent", assignmentId, message: "no room" };
  story.happen({ type: "outcome", kind: "inference", jobId: "job", effectId: 0, outcome: outcome as never });
  expect(story.job("job").claims.has(assignmentId)).toBe(false);
  story.answerAll();
  expect(story.finalCount("job")).toBe(300);
});
