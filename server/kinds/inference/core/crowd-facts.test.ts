import { expect, test } from "vitest";
import { Story, SYSTEMATIC } from "../../../coordinator/testing/story.ts";
import { outOf, type Sent } from "../../../coordinator/testing/verdicts.ts";
import { crowdFactsOf } from "./crowd-facts.ts";

const JOB = { ...SYSTEMATIC, stragglers: 0, liars: 0, roundsInFlight: 1 };

/** Each of four has answered so many batches of ten rows, 100 ms each; the next ones are out. */
function answered(batches: number): Story {
  const story = new Story();
  story.crowd(4);
  story.submit("job", JOB, 400);
  for (let batch = 0; batch < batches; batch++) {
    const out = story.out();
    story.pass(100);
    for (const sent of out) story.answer(sent, 0);
  }
  return story;
}

const factsOf = (story: Story) =>
  crowdFactsOf(story.state, { nowMs: story.nowMs, modelSha256: story.job("job").stored.modelSha256, besides: null });

test("a batch that takes twice its tab's median counts as slow before it is answered, and once", () => {
  const story = answered(4);
  const before = factsOf(story).slow;
  const [slow] = story.out() as [Sent];
  for (const other of story.out().slice(1)) story.answer(other, 100 / 3);
  expect(factsOf(story).slow.seen).toBe(before.seen);
  story.pass(120);
  const counted = factsOf(story);
  expect(counted.slow.seen).toBe(before.seen + 1);
  story.answer(slow, 0);
  expect(factsOf(story).slow.seen).toBe(before.seen + 1);
});

test("what a tab is at, and since when, is known; of one that idles it is not", () => {
  const story = answered(1);
  const [first] = outOf(story, 0) as [Sent];
  story.pass(30);
  expect(factsOf(story).tabs.map(({ isAt }) => isAt?.ms)).toEqual([30, 30, 30, 30]);
  story.answer(first, 0);
  expect(factsOf(story).tabs.filter(({ isAt }) => isAt === null)).toHaveLength(1);
});

test("rows that were looked at are those of the model that is asked about", () => {
  const story = answered(1);
  expect(factsOf(story).tabs.every(({ rowsMeasured }) => rowsMeasured > 0)).toBe(true);
  const unknown = crowdFactsOf(story.state, { nowMs: story.nowMs, modelSha256: null, besides: null });
  expect(unknown.tabs.map(({ rowsMeasured }) => rowsMeasured)).toEqual([0, 0, 0, 0]);
});
