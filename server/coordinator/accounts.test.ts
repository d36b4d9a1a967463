/** Credit and receipts: what is added up for whom, and when it is told. */
import { expect, test } from "vitest";
import { contributionOf, takeChangedContributions } from "../kinds/inference/core/contributions.ts";
import type { RowsJob } from "../kinds/inference/rows/core/rows-job.ts";
import { addCredit, bookCredits, type Credits, creditIsDurable, tellCredit } from "./credits.ts";
import { storedVolunteer } from "./persistence.ts";
import { CAUGHT } from "./testing/records.ts";
import { flat, PLAIN, Story } from "./testing/story.ts";

function atWork(): { story: Story; job: RowsJob } {
  const story = new Story();
  story.crowd(7);
  story.submit("job", PLAIN, 40);
  const job = story.job("job");
  return { story, job };
}

const NOTHING = {
  ...{ jobId: "job", assignments: 0, rows: 0, auditedRows: 0, failedRows: 0, rejectedRows: 0 },
  ...{ withdrawnAssignments: 0, withdrawnRows: 0, auditsPassedAtEnd: null },
};

test("[CR1] credit is added up beside the work, and booked on top of what there was, but for the quarantined", () => {
  const { story } = atWork();
  const credits: Credits = new Map();
  addCredit(credits, "v1", 100);
  addCredit(credits, "v1", 50);
  addCredit(credits, "v2", 7);
  addCredit(credits, "forgotten", 7);
  expect(credits.get("v1")).toEqual({ macs: 150, assignments: 2 });
  const [one, two] = ["v1", "v2"].map((id) => story.state.volunteers.get(id)!);
  Object.assign(one!, { creditMacs: 1_000, creditAssignments: 10 });
  two!.quarantine = CAUGHT;
  expect(bookCredits(story.state, credits)).toEqual([one]);
  expect(one).toMatchObject({ creditMacs: 1_150, creditAssignments: 12 });
  expect(two).toMatchObject({ creditMacs: 0, creditAssignments: 0 });
});

test("[CR1] a volunteer's tabs hear of its total, all of them, and nobody else's do", () => {
  const { story } = atWork();
  story.join(1, "s1b");
  const volunteer = story.state.volunteers.get("v1")!;
  creditIsDurable(story.state, { ...storedVolunteer(volunteer), creditMacs: 1_150, creditAssignments: 12 });
  const step = story.step();
  tellCredit(step, "v1");
  tellCredit(step, "forgotten");
  expect(step.effects).toMatchObject(
    ["s1", "s1b"].map((sessionId) => ({ type: "credit", sessionId, macs: 1_150, assignments: 12 })),
  );
});

test("[CR1] credit is told when its answers are durable, not before", () => {
  const story = new Story({ hold: ["persist"] });
  const write = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  story.crowd(4);
  story.submit("job", PLAIN, 40);
  while (story.state.write !== null) write();
  for (const sent of story.out()) story.answer(sent, 1);
  expect(story.asked("credit")).toEqual([]);
  while (story.state.write !== null) write();
  const told = story.asked("credit");
  expect(new Set(told.map(({ sessionId }) => sessionId))).toEqual(new Set(["s1", "s2", "s3", "s4"]));
  expect(told.every(({ macs, assignments }) => macs > 0 && assignments === 1)).toBe(true);
});

test("[RC1] what is counted of a volunteer is written once, as it was then", () => {
  const { job } = atWork();
  contributionOf(job, "v1").auditedRows += 7;
  contributionOf(job, "v1").failedRows += 2;
  const records = takeChangedContributions(job).map(flat);
  expect(records).toEqual([
    { kind: "contribution", contribution: { ...NOTHING, volunteerId: "v1", auditedRows: 7, failedRows: 2 } },
  ]);
  expect(takeChangedContributions(job).map(flat)).toEqual([]);
  contributionOf(job, "v1").auditedRows += 1;
  // What was handed out to be written does not change any more.
  expect(records[0]).toMatchObject({ contribution: { auditedRows: 7 } });
  expect(takeChangedContributions(job)).toHaveLength(1);
});

test("[RC2] the records at a job's end are those of everybody who did something for it, and are written", () => {
  const { story, job } = atWork();
  story.state.volunteers.get("v1")!.auditsPassed = 41;
  contributionOf(job, "forgotten");
  story.answerAll();
  expect(job.stored.state).toBe("done");
  const atEnd = [...job.contributions.values()].map(({ auditsPassedAtEnd }) => auditsPassedAtEnd);
  expect(atEnd.every((audits) => audits !== null)).toBe(true);
  expect(Math.max(...(atEnd as number[]))).toBeGreaterThanOrEqual(41);
  expect(job.contributions.get("forgotten")?.auditsPassedAtEnd).toBe(0);
  expect(takeChangedContributions(job)).toEqual([]);
});
