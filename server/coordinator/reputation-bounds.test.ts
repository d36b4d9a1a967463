import { expect, test } from "vitest";
import { answerBound } from "../../shared/verify/audit-bounds.ts";
import { batchBound, standsOnLiar } from "../kinds/inference/core/batch-bounds.ts";
import { auditsMissing, auditsNeededAmong, isQuarantined, liarShares } from "./reputation-bounds.ts";
import type { Volunteer } from "./state.ts";
import { CAUGHT } from "./testing/records.ts";
import { batchSource, Story } from "./testing/story.ts";
import { changeRecord } from "./verified-work.ts";

/** Nobody was caught. */
const FEW = { newcomers: 0.1, established: 0.1 };

function crowdOfThree(): { story: Story; volunteers: Volunteer[] } {
  const story = new Story();
  story.crowd(3);
  return { story, volunteers: ["v1", "v2", "v3"].map((id) => story.state.volunteers.get(id)!) };
}

test("[JB4] audits that passed already are not asked for again", () => {
  const { volunteers } = crowdOfThree();
  const [volunteer] = volunteers as [Volunteer];
  expect(auditsMissing(volunteer, 1e-3, FEW)).toBe(41);
  volunteer.auditsPassed = 10;
  expect(auditsMissing(volunteer, 1e-3, FEW)).toBe(31);
  volunteer.auditsPassed = 41;
  expect(auditsMissing(volunteer, 1e-3, FEW)).toBe(0);
  volunteer.auditsPassed = 1_000;
  expect(auditsMissing(volunteer, 1e-3, FEW)).toBe(0);
});

test("[VF13] liars are reckoned with by recomputed rows and not by heads, at least as many as the floor says", () => {
  const { story, volunteers } = crowdOfThree();
  const { state } = story;
  expect(liarShares(state)).toEqual(FEW);
  const record = (volunteer: Volunteer, auditsPassed: number, auditsFailed = 0) =>
    changeRecord(state.verifiedWork, volunteer, (changed) => {
      Object.assign(changed, { auditsPassed, auditsFailed, quarantine: auditsFailed > 0 ? CAUGHT : null });
    });
  const [honest, other, liar] = volunteers as [Volunteer, Volunteer, Volunteer];
  record(honest, 500);
  record(other, 60);
  expect(liarShares(state)).toEqual(FEW);
  // Caught with a record: its 200 rows and those that a record takes, beside the 400 that the other did with one.
  record(liar, 199, 1);
  expect(liarShares(state)).toEqual({ newcomers: 300 / 700, established: 300 / 700 });
  // Caught as a newcomer: four times its rows, beside the 160 that newcomers did, and nothing against records.
  record(liar, 9, 1);
  expect(liarShares(state)).toEqual({ newcomers: 40 / 200, established: 0.1 });
});

test("[VF13] fresh keys, however many, ask at most the rows of a record of newcomers, and nothing more of whoever has one", () => {
  const flood = { newcomers: 0.95, established: 0.1 };
  expect(auditsNeededAmong(FEW, 1e-3)).toBe(41);
  expect(auditsNeededAmong(flood, 1e-3)).toBe(100);
  expect(auditsNeededAmong({ newcomers: 0.2, established: 0.1 }, 1e-3)).toBe(92);
  expect(auditsNeededAmong({ newcomers: 0.95, established: 0.5 }, 1e-3)).toBe(368);
  const { story, volunteers } = crowdOfThree();
  const bound = (auditsPassed: number) => batchBound(story.state, batchSource("v1"), 10, flood, auditsPassed);
  expect(bound(99)).toBeGreaterThan(1e-3);
  expect(bound(100)).toBeLessThan(1e-3);
  volunteers[0]!.auditsPassed = 100;
  expect(auditsMissing(volunteers[0]!, 1e-3, flood)).toBe(0);
});

test("[VF9] a batch's bound is made of its rows, its audits and its volunteer's record, as they are", () => {
  const { story, volunteers } = crowdOfThree();
  const source = { ...batchSource("v1"), auditedRows: 2 };
  const facts = { batchRows: 10, auditedRows: 2, auditsPassed: 0, liarShare: 0.1 };
  expect(batchBound(story.state, source, 10)).toBe(answerBound(facts));
  expect(batchBound(story.state, source, 10, { newcomers: 0.3, established: 0.1 })).toBe(
    answerBound({ ...facts, liarShare: 0.3 }),
  );
  expect(batchBound(story.state, source, 10, FEW, 500)).toBe(answerBound({ ...facts, auditsPassed: 500 }));
  volunteers[0]!.auditsPassed = 70;
  expect(batchBound(story.state, source, 10)).toBe(answerBound({ ...facts, auditsPassed: 70 }));
  // More rows were recomputed than it has where an opinion's were added: then every one of them was.
  expect(batchBound(story.state, { ...source, auditedRows: 12 }, 10)).toBe(0);
  expect(batchBound(story.state, batchSource("never seen"), 10)).toBe(answerBound({ ...facts, auditedRows: 1 }));
});

test("[VF9] nothing of somebody who was caught is good for anything, and its word for others is none", () => {
  const { story, volunteers } = crowdOfThree();
  const vouchedFor = { ...batchSource("v1"), opinionBy: "v2" };
  const alone = batchBound(story.state, batchSource("v1"), 10);
  expect(batchBound(story.state, vouchedFor, 10)).toBeCloseTo(0.1 * alone, 15);
  volunteers[1]!.quarantine = CAUGHT;
  expect(isQuarantined(story.state, "v2")).toBe(true);
  expect(isQuarantined(story.state, "v1")).toBe(false);
  expect(isQuarantined(story.state, "never seen")).toBe(false);
  expect(batchBound(story.state, vouchedFor, 10)).toBe(alone);
  volunteers[0]!.quarantine = CAUGHT;
  expect(batchBound(story.state, { ...vouchedFor, auditedRows: 10 }, 10)).toBe(1);
});

test("[VF4] a batch stands on a liar that computed it, or that alone vouched for it, and not on one whose word it does not need", () => {
  const { story, volunteers } = crowdOfThree();
  const standsWith = (auditedRows: number, opinionBy: string | null) =>
    standsOnLiar(story.state, { ...batchSource("v1"), auditedRows, opinionBy });
  volunteers[1]!.quarantine = CAUGHT;
  expect(standsWith(0, "v2")).toBe(true);
  expect(standsWith(1, "v2")).toBe(false);
  expect(standsWith(0, "v3")).toBe(false);
  expect(standsWith(0, null)).toBe(false);
  expect(standsWith(1, null)).toBe(false);
  // [VF11] What was taken back while its volunteer was quarantined stays so.
  expect(standsOnLiar(story.state, { ...batchSource("v1"), isWithdrawn: true })).toBe(true);
  volunteers[0]!.quarantine = CAUGHT;
  expect(standsWith(10, "v3")).toBe(true);
});
