import { expect, test } from "vitest";
import { Story } from "../../../coordinator/testing/story.ts";
import { RowsStory } from "../rows/testing/rows-story.ts";
import { partsAtWork, spentParts } from "./spent-parts.ts";

const spentIn = ({ state }: Pick<Story, "state">) => spentParts(state).map(({ stored }) => stored.jobId);

const JOB = {
  ...{ scheme: "systematic", queriesPerGroup: 4, stragglers: 0, liars: 0, groupsPerRound: 10, roundsInFlight: 1 },
};
const ROUND_ROWS = 40;

test("[CE11] a part is spent once it has no more rounds to open than are open; a job in one piece is no part", () => {
  const story = new Story();
  story.crowd(6);
  for (const jobId of ["part", "piece"]) story.submit(jobId, JOB, 4 * ROUND_ROWS);
  Object.assign(story.job("part").stored, { part: { firstQuery: 0 } });
  const told: [open: number, left: number, isSpent: boolean][] = [];
  while (story.jobState("part") !== "done" || story.jobState("piece") !== "done") {
    const { schedule, finishedRounds, openRounds } = story.job("part");
    if (story.jobState("part") !== "done") {
      told.push([openRounds.size, schedule.roundCount - finishedRounds.size, spentIn(story).includes("part")]);
      expect(partsAtWork(story.state)).toHaveLength(1);
    }
    expect(spentIn(story)).not.toContain("piece");
    const [next] = story.out();
    story.answer(next!, 1);
    story.pass(10);
  }
  expect(told.filter(([open, left, isSpent]) => isSpent !== left - open <= open)).toEqual([]);
  expect(new Set(told.map(([, , isSpent]) => isSpent))).toEqual(new Set([true, false]));
  expect([spentIn(story), partsAtWork(story.state)]).toEqual([[], []]);
});

test("[CE11] a part that is being prepared is not spent, however few rounds it will have", () => {
  const story = new Story({ hold: ["prepare"] });
  story.crowd(6);
  story.submit("part", JOB, ROUND_ROWS);
  Object.assign(story.job("part").stored, { part: { firstQuery: 0 } });
  expect([story.jobState("part"), spentIn(story)]).toEqual(["preparing", []]);
});

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
