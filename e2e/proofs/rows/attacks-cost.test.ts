/** Volunteers that are to make the coordinator compute: rows that nobody needed, at the price of a key. */
import { expect, test } from "vitest";
import { RowsStory } from "../../../server/kinds/inference/rows/testing/rows-story.ts";

const LARGE = { macsPerQuery: 1e9 };

test("a claim that is late and wrong in all of its rows costs the coordinator one of them", () => {
  let isArmed = false;
  const story = new RowsStory({ lies: (volunteerId) => isArmed && volunteerId === "v7" });
  story.crowd(7);
  story.submit("job", 6_000, LARGE);
  const ofLiar = () => story.out().find(({ sessionId }) => sessionId === "s7");
  for (let n = 0; n < 3; n++) story.answer(ofLiar()!, 100);
  const late = ofLiar()!;
  const rows = story.rowsOf(late).filter(({ as }) => as === "answer").length;
  expect(rows).toBeGreaterThan(20);
  isArmed = true;
  // Until others have answered some of them.
  const { ledger } = story.job("job");
  const standing = () =>
    story.rowsOf(late).filter(({ place }) => ["answered", "final"].includes(ledger!.stateOf(place))).length;
  for (let n = 0; n < 400 && standing() < 20; n++) {
    const next = story.out().find(({ sessionId }) => sessionId !== "s7");
    if (next === undefined) story.pass(200);
    else story.answer(next, 20);
    if (n % 5 === 0) story.pass(100);
  }
  expect(standing()).toBeGreaterThanOrEqual(20);
  const differences = () =>
    story.asked("recompute").flatMap((asked) => asked.rows.filter(({ why }) => why === "difference")).length;
  const before = differences();
  story.answer(late);
  expect(differences()).toBeGreaterThan(before);
  expect(differences() - before).toBeLessThanOrEqual(1);
  expect(story.state.crowd.named).toContain("v7");
  story.answerAll();
  for (let n = 0; n < 20 && story.stateOf("job") !== "done"; n++) {
    story.pass(60_000);
    story.answerAll();
  }
  expect(story.stateOf("job")).toBe("done");
  expect(story.wrongFinal("job")).toEqual([]);
});
