import { expect, test } from "vitest";
import { RowsStory } from "../testing/rows-story.ts";

const LARGE = { macsPerQuery: 1e9 };
const BOUND = { answerBound: 0.05 };

/** Jobs of one submitter, one after the other; of seven tabs one lies often, and one now and then. */
function threeJobs(): RowsStory {
  const story = new RowsStory({
    lies: (volunteerId, place) =>
      (volunteerId === "v1" && place % 3 === 0) || (volunteerId === "v2" && place % 40 === 1),
  });
  story.crowd(7);
  for (const [jobId, rows] of [
    ["first", 1_000],
    ["second", 2_000],
    ["third", 2_000],
  ] as const) {
    story.submit(jobId, rows, LARGE, BOUND);
    story.answerAll();
    story.pass(60_000);
    story.answerAll();
    expect(story.stateOf(jobId)).toBe("done");
  }
  return story;
}

test("route 1 has a part of eps once the account is old, and more after a finding; it is settled with the terms", () => {
  const story = threeJobs();
  const shareOf = (jobId: string) => story.job(jobId).block?.block.terms.routeOneShare;
  expect(["first", "second", "third"].map(shareOf)).toEqual([0, 0.5, 0.9]);
});

test("where a block had a finding, volunteers whose own rows were computed often enough have a bound, and are not asked again", () => {
  const story = threeJobs();
  const { block, blocksBefore } = story.job("second");
  expect(block?.block.state).toBe("charged");
  expect(blocksBefore).toEqual([]);
  expect(story.finalCount("second")).toBe(2_000);
  const computed = story.asked("recompute").flatMap(({ rows }) => rows.filter(({ why }) => why === "route"));
  expect(computed.length).toBeGreaterThan(0);
  expect(computed.length).toBeLessThan(500);
  expect(story.wrongFinal("second").length).toBeLessThanOrEqual(0.05 * 2_000);
});
