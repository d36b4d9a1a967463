/** Credit and receipts: what is added up for whom, and when it is told. */
import { expect, test } from "vitest";
import {
  countAudit,
  countRound,
  freezeRecords,
  takeChangedContributions,
} from "../kinds/inference/core/contributions.ts";
import type { InferenceJob, Round } from "../kinds/inference/core/job.ts";
import { addCredit, bookCredits, type Credits, creditIsDurable, tellCredit } from "./credits.ts";
import { storedVolunteer } from "./persistence.ts";
import { CAUGHT } from "./testing/records.ts";
import { flat, Story, SYSTEMATIC } from "./testing/story.ts";

function atWork(): { story: Story; job: InferenceJob; round: Round } {
  const story = new Story();
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 40);
  const job = story.job("job");
  return { story, job, round: job.openRounds.get(0)! };
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

test("[CR1] credit is told when its round is durable, not before", () => {
  const story = new Story({ hold: ["persist"] });
  const write = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  story.crowd(4);
  story.submit("job", { scheme: "uncoded", queriesPerGroup: 4, groupsPerRound: 10 }, 40);
  write();
  write();
  for (const sent of story.out()) story.answer(sent, 1);
  expect(story.asked("credit")).toEqual([]);
  write();
  expect(story.asked("credit")).toMatchObject(
    [1, 2, 3, 4].map((n) => ({ sessionId: `s${n}`, macs: 1_000, assignments: 1 })),
  );
});

test("[RC3] a round counts what was verified in it, what its scheme rejected, and what was taken out, once each", () => {
  const { job, round } = atWork();
  addCredit(round.credits, "v1", 1_000);
  addCredit(round.credits, "v1", 1_000);
  addCredit(round.credits, "v2", 1_000);
  round.creditedRows.set("v1", 20).set("v2", 10);
  round.rejected.set("v2", 4);
  // v3 lied before the round was ever durable, v4 in what was: that counted as done already.
  round.takenOut.push(
    { volunteerId: "v3", rows: 10, wasDurable: false },
    { volunteerId: "v4", rows: 10, wasDurable: true },
  );
  countRound(job, round);
  expect(Object.fromEntries(job.contributions)).toEqual({
    v1: { ...NOTHING, volunteerId: "v1", assignments: 2, rows: 20 },
    v2: { ...NOTHING, volunteerId: "v2", assignments: 1, rows: 10, rejectedRows: 4 },
    v3: { ...NOTHING, volunteerId: "v3", assignments: 1, rows: 10, withdrawnAssignments: 1, withdrawnRows: 10 },
    v4: { ...NOTHING, volunteerId: "v4", withdrawnAssignments: 1, withdrawnRows: 10 },
  });
  countRound(job, round);
  expect(job.contributions.get("v1")).toMatchObject({ assignments: 4, rows: 40 });
  expect(job.contributions.get("v2")).toMatchObject({ rejectedRows: 8 });
});

test("[RC1] audits count where they were done, and what changed is written once", () => {
  const { job } = atWork();
  countAudit(job, "v1", 3, 0);
  countAudit(job, "v1", 4, 2);
  const records = takeChangedContributions(job).map(flat);
  expect(records).toEqual([
    { kind: "contribution", contribution: { ...NOTHING, volunteerId: "v1", auditedRows: 7, failedRows: 2 } },
  ]);
  expect(takeChangedContributions(job).map(flat)).toEqual([]);
  countAudit(job, "v1", 1, 0);
  // What was handed out to be written does not change any more.
  expect(records[0]).toMatchObject({ contribution: { auditedRows: 7 } });
  expect(takeChangedContributions(job)).toHaveLength(1);
});

test("[RC2] the records at a job's end are those of everybody who did something for it, and are written", () => {
  const { story, job } = atWork();
  for (const id of ["v1", "v2", "forgotten"]) countAudit(job, id, 1, 0);
  takeChangedContributions(job);
  story.state.volunteers.get("v1")!.auditsPassed = 41;
  freezeRecords(story.state, job);
  const frozen = [...job.contributions].map(([id, { auditsPassedAtEnd }]) => [id, auditsPassedAtEnd]);
  expect(frozen).toEqual([
    ["v1", 41],
    ["v2", 0],
    ["forgotten", 0],
  ]);
  expect(takeChangedContributions(job)).toHaveLength(3);
});
