import { expect, test } from "vitest";
import { liarShares } from "./reputation-bounds.ts";
import type { Volunteer } from "./state.ts";
import { CAUGHT } from "./testing/records.ts";
import { Story } from "./testing/story.ts";
import { changeRecord } from "./verified-work.ts";

/** Nobody was caught. */
const FEW = { newcomers: 0.1, established: 0.1 };

function crowdOfThree(): { story: Story; volunteers: Volunteer[] } {
  const story = new Story();
  story.crowd(3);
  return { story, volunteers: ["v1", "v2", "v3"].map((id) => story.state.volunteers.get(id)!) };
}

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
