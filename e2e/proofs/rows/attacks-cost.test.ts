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
  expect(story.state.crowd.named).not.toContain("v7");
  story.answer(late);
  // A coin of the claim may name it before any difference is looked into.
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

test("[VF10] [AS11] however many keys say that rows failed, a job whose cap is spent costs the coordinator 64 rows more at most", () => {
  const story = new RowsStory();
  story.crowd(6);
  story.submit("job", 1_000, LARGE, { coordinatorRowsMax: 500 });
  const spare = 500 - story.job("job").block!.block.terms.priceRows;
  for (let key = 100; key < 400; key++) {
    story.join(key, { sessionId: `f${key}`, addressGroup: `evil ${key % 3}` });
    for (const { sessionId, assignmentId } of story.out()) {
      const isBegun = story.state.assignments.get(assignmentId)?.startedMs !== null;
      if (sessionId.startsWith("f") && isBegun)
        story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" });
    }
  }
  const tried = story.asked("recompute").flatMap(({ rows }) => rows.filter(({ why }) => why === "failed")).length;
  expect(tried).toBeGreaterThan(0);
  expect(tried).toBeLessThanOrEqual(64 + spare);
  for (let n = 0; n < 20 && story.stateOf("job") !== "done"; n++) {
    story.answerAll();
    story.pass(60_000);
  }
  expect(story.stateOf("job")).toBe("done");
});

// Of less than 20 that are free a first block holds all: a finding leaves nothing for asking again.
test.each([
  { rows: 1_000, isFinal: false },
  { rows: 30_000, isFinal: true },
])(
  "[CK11] after a finding in a new submitter's job of $rows rows all are final: $isFinal; else it is told how many of a new job would suffice",
  ({ rows, isFinal }) => {
    const story = new RowsStory({ lies: (volunteerId, place) => volunteerId === "v2" && place % 4 === 0 });
    story.crowd(6);
    story.submit("job", rows, LARGE);
    for (let n = 0; n < 20 && story.stateOf("job") !== "done"; n++) {
      story.answerAll();
      story.pass(60_000);
    }
    expect(story.stateOf("job")).toBe("done");
    expect(story.wrongFinal("job")).toEqual([]);
    expect(story.finalCount("job") === rows).toBe(isFinal);
    expect(story.job("job").stored.refusal?.rowsThatSuffice).toBe(isFinal ? undefined : 177);
  },
);
