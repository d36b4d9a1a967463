import { expect, test } from "vitest";
import { RowsStory } from "../rows/testing/rows-story.ts";
import { partsAtWork, spentParts } from "./spent-parts.ts";

const spentIn = ({ state }: RowsStory) => spentParts(state).map(({ stored }) => stored.jobId);

test("[CE11] a part on the ledger is spent once no more rows wait than are out; a job in one piece is no part", () => {
  const rows = 1_000;
  const story = new RowsStory();
  story.crowd(6);
  story.submit("part", rows, { part: { firstQuery: rows } });
  story.submit("piece", rows);
  const told: boolean[] = [];
  while (story.stateOf("part") !== "done") {
    const { ledger, claims } = story.job("part");
    const { fresh, again } = ledger!.counts;
    const out = [...claims.values()].reduce((sum, { unanswered }) => sum + unanswered.size, 0);
    const isSpent = spentIn(story).includes("part");
    expect(isSpent).toBe(fresh + again <= out);
    expect(spentIn(story)).not.toContain("piece");
    expect(partsAtWork(story.state).map(({ stored }) => stored.jobId)).toContain("part");
    told.push(isSpent);
    const next = story.out().find(({ jobId }) => jobId === "part") ?? story.out()[0];
    if (next === undefined) break;
    story.answer(next, 1);
  }
  expect(new Set(told)).toEqual(new Set([true, false]));
  story.answerAll();
  expect([spentIn(story), partsAtWork(story.state)]).toEqual([[], []]);
});

test("[CE11] a part on the ledger that is being prepared is not spent", () => {
  const preparing = new RowsStory({ holds: ({ type }) => type === "work" });
  preparing.crowd(6);
  preparing.submit("part", 2_000, { part: { firstQuery: 0 } });
  expect([partsAtWork(preparing.state).length, spentIn(preparing)]).toEqual([1, []]);
});
