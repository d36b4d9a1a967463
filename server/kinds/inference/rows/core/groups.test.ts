/** Coded jobs on the ledger, as stories: votes, copies, and mixtures beside rows. */
import { describe, expect, test } from "vitest";
import { COORDINATOR } from "../../core/job.ts";
import { RowsStory, type RowsStoryOptions } from "../testing/rows-story.ts";
import { purgeRows } from "./trust.ts";
import { rowsWaits } from "./waits.ts";

const LARGE = { macsPerQuery: 1e9 };
const VOTES = { scheme: "replication", queriesPerGroup: 4, stragglers: 1, liars: 1 };
const COPIES = { scheme: "replication", queriesPerGroup: 4, stragglers: 1, liars: 0 };
const APPROXIFER = { scheme: "approxifer", queriesPerGroup: 3, stragglers: 1, liars: 0 };
const PARITIES = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, spares: "parities" };

function begun(submission: object, rows: number, tabs: number, options: RowsStoryOptions = {}): RowsStory {
  const story = new RowsStory(options);
  story.crowd(tabs);
  story.submit("job", rows, LARGE, submission);
  return story;
}

const marksIn = (story: RowsStory) => [...new Set(story.durableRows("job").map(({ mark }) => mark))].sort();
const isLiar = (volunteerId: string) => volunteerId === "v1";

describe("votes", () => {
  test("a third volunteer decides where two differ: every row has a majority at the end", () => {
    // Rows that the coordinator knows it has right, so that it votes at all.
    const story = begun(VOTES, 60, 4, { lies: (volunteerId, place) => isLiar(volunteerId) && place % 7 === 5 });
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job")).toHaveLength(60);
    const decoded = story.asked("decodeGroups").flatMap(({ groups }) => groups.map(({ group }) => group));
    expect(decoded.length).toBeGreaterThan(new Set(decoded).size);
  });

  test("no volunteer votes twice on a row", () => {
    const story = begun(VOTES, 60, 4, { lies: isLiar });
    story.answerAll();
    const votes = story.asked("takeMixtures").flatMap(({ volunteerId, mixtures }) => {
      return mixtures.map(({ group }) => `${group} ${volunteerId}`);
    });
    expect(new Set(votes).size).toBe(votes.length);
  });

  test("a job whose rows need three volunteers waits with two, says for how many, and ends with a third", () => {
    const story = begun({ ...VOTES, stragglers: 0 }, 60, 2);
    story.answerAll();
    expect(story.stateOf("job")).toBe("running");
    const { waitingFor } = rowsWaits(story.state, story.job("job"));
    expect(waitingFor).toBe("waiting for tabs: each of its rows goes to 3 different volunteers, and 2 are ready");
    story.join(3);
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
  });

  test("of a volunteer that is named no vote stands: rows that hung on it have no answer, and are voted on anew", () => {
    const story = begun(VOTES, 60, 5);
    const isOver = () => story.asked("takeMixtures").filter(({ volunteerId }) => volunteerId === "v2").length > 2;
    while (!isOver()) story.answer(story.out()[0]!);
    // A row that it is known to have wrong, in another job.
    story.state.volunteers.get("v2")!.quarantine = { atMs: story.nowMs } as never;
    purgeRows({ state: story.state, nowMs: story.nowMs, effects: [] } as never, story.job("job"), "v2");
    story.answerAll();
    const dropped = story.asked("dropMixtures").flatMap(({ items }) => items);
    expect(dropped.length).toBeGreaterThan(0);
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job").filter(({ author }) => author !== null)).toHaveLength(60);
  });

  test("[RS1] after a restart what a majority or a code said is an answer, and neither final nor the coordinator's", () => {
    for (const submission of [VOTES, { scheme: "approxifer", queriesPerGroup: 3, stragglers: 1 }]) {
      const story = begun(submission, 60, 6);
      const ofCode = () =>
        story.durableRows("job").filter(({ author, mark }) => author === COORDINATOR && mark !== "exact");
      for (let n = 0; n < 30 && ofCode().length < 3; n++) story.answer(story.out()[0]!);
      const byCode = ofCode();
      expect(byCode.length).toBeGreaterThan(0);
      const { ledger } = story.restart().job("job");
      for (const { place } of byCode)
        expect([ledger?.stateOf(place), ledger?.authorOf(place)]).toEqual(["answered", null]);
    }
  });

  test("[RS1] after a restart rows that had a majority are not asked again", () => {
    const story = begun(VOTES, 60, 4);
    for (let n = 0; n < 8; n++) story.answer(story.out()[0]!);
    const answered = story.durableRows("job").length;
    expect(answered).toBeGreaterThan(0);
    const after = story.restart();
    after.crowd(4);
    after.answerAll();
    expect(after.stateOf("job")).toBe("done");
    expect(after.durableRows("job")).toHaveLength(60);
    const again = after.asked("decodeGroups").flatMap(({ groups }) => groups.flatMap(({ places }) => places));
    expect(again.length).toBeLessThanOrEqual(60 - answered);
  });
});

test("of two copies the first answers, and its row is its volunteer's", () => {
  const story = begun(COPIES, 60, 4);
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
  const byTabs = story.durableRows("job").filter(({ mark }) => mark === "unchecked");
  expect(byTabs.length).toBeGreaterThan(40);
  expect(byTabs.every(({ author }) => author?.startsWith("v"))).toBe(true);
});

test("mixtures alone: a job whose claims came back from most of those who are there does not stand still", () => {
  const story = begun(APPROXIFER, 60, 5);
  const isOfThree = ({ sessionId }: { sessionId: string }) => ["s1", "s2", "s3"].includes(sessionId);
  for (let n = 0; n < 12; n++) {
    const sent = story.out().find(isOfThree);
    if (sent === undefined) break;
    const { sessionId, assignmentId } = sent;
    story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  }
  for (let n = 0; n < 20 && story.stateOf("job") === "running"; n++) {
    story.answerAll();
    story.pass(60_000);
  }
  expect(story.stateOf("job")).toBe("done");
  expect(story.durableRows("job").filter(({ author }) => author !== null)).toHaveLength(60);
});

describe("mixtures beside rows", () => {
  test("estimates are told after half a median response, and a row's own answer takes the place of its estimate", () => {
    const story = begun(PARITIES, 400, 6);
    const isSlow = ({ sessionId }: { sessionId: string }) => sessionId === "s1";
    // Nobody is faster with what it has: tabs that have it beside are as slow.
    const placesAt = (sent: ReturnType<RowsStory["out"]>[number]) =>
      story.rowsOf(sent).flatMap(({ place, as }) => (as === "answer" ? [place] : []));
    const isOfSlow = (sent: ReturnType<RowsStory["out"]>[number]) => {
      const slow = new Set(story.out().filter(isSlow).flatMap(placesAt));
      return placesAt(sent).some((place) => slow.has(place));
    };
    story.answerAll(isOfSlow);
    story.pass(2_500);
    expect(marksIn(story)).toContain("estimated");
    expect(story.asked("takeDecoded").length).toBeGreaterThan(0);
    story.answerAll();
    for (let n = 0; n < 40 && story.stateOf("job") === "running"; n++) {
      story.pass(10_000);
      story.answerAll(isSlow);
    }
    expect(story.stateOf("job")).toBe("done");
    expect(marksIn(story)).not.toContain("estimated");
  });

  test("one mixture of each part is computed again before a decoder sees any of it", () => {
    const story = begun(PARITIES, 400, 6);
    story.answerAll(({ sessionId }) => sessionId === "s1");
    const looked = story.asked("recompute").flatMap(({ rows }) => rows.filter(({ why }) => why === "mixture"));
    expect(looked.length).toBeGreaterThan(0);
    expect(looked.every(({ of, words }) => of !== undefined && words.length === 1)).toBe(true);
  });

  test("who computes mixtures wrongly is named for it", () => {
    const story = begun(PARITIES, 400, 6, { lies: (volunteerId, place) => isLiar(volunteerId) && place >= 2 ** 40 });
    story.answerAll();
    for (let n = 0; n < 40 && story.stateOf("job") === "running"; n++) {
      story.pass(10_000);
      story.answerAll();
    }
    expect(story.stateOf("job")).toBe("done");
    const tookMixtures = story.asked("takeMixtures").some(({ volunteerId }) => isLiar(volunteerId));
    expect([...story.state.crowd.named]).toEqual(tookMixtures ? ["v1"] : []);
  });
});
