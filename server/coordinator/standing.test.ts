/** Who is remembered when its last tab goes, and what a release leaves of a record. */
import { expect, test } from "vitest";
import { releaseVolunteer } from "./release.ts";
import { quarantine } from "./reputation.ts";
import type { Volunteer } from "./state.ts";
import { CAUGHT } from "./testing/records.ts";
import { Story } from "./testing/story.ts";

function alone(): { story: Story; volunteer: Volunteer } {
  const story = new Story();
  story.crowd(1);
  return { story, volunteer: story.state.volunteers.get("v1")! };
}

test("a key that connected and did nothing is forgotten with its last tab, not before", () => {
  const { story } = alone();
  story.join(1, "s1b");
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  expect([...story.state.volunteers.get("v1")!.sessionIds]).toEqual(["s1b"]);
  story.happen({ type: "sessionClosed", sessionId: "s1b" });
  expect(story.state.volunteers.has("v1")).toBe(false);
});

test.each<[string, (volunteer: Volunteer) => void]>([
  ["an audit that it passed", (volunteer) => volunteer.auditsPassed++],
  ["an audit that it failed", (volunteer) => volunteer.auditsFailed++],
  ["credit", (volunteer) => volunteer.creditAssignments++],
  ["a silence", (volunteer) => volunteer.unansweredInRow++],
  [
    "a quarantine",
    (volunteer) => {
      volunteer.quarantine = CAUGHT;
    },
  ],
  [
    "a release",
    (volunteer) => {
      volunteer.released = { atMs: 2, reason: "a driver", from: CAUGHT };
    },
  ],
])("[SE3] [VF11] a volunteer is remembered after its last tab for %s", (_, mark) => {
  const { story, volunteer } = alone();
  mark(volunteer);
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  expect(story.state.volunteers.get("v1")).toBe(volunteer);
  expect(volunteer.sessionIds.size).toBe(0);
});

test("a volunteer is remembered for work that was verified and is not part of any total yet", () => {
  const { story, volunteer } = alone();
  story.state.sessions.get("s1")!.verifiedAssignments = 1;
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  expect(story.state.volunteers.get("v1")).toBe(volunteer);
});

test("[VF11] a released volunteer is a newcomer; among the audited it counts on only for a row that it failed", () => {
  for (const [auditsPassed, auditsFailed, counted] of [
    [5, 1, 1],
    [5, 0, 0], // quarantined for a product: no row of it was ever wrong
    [0, 1, 1],
    [0, 0, 1],
  ] as const) {
    const { story, volunteer } = alone();
    Object.assign(volunteer, { auditsPassed, auditsFailed });
    story.state.auditedVolunteers = 1;
    quarantine(story.step(), volunteer, { jobId: "job", roundIndex: 0 }, "a lie");
    story.happen({ type: "volunteerReleased", volunteerId: "v1", reason: "a driver" });
    expect(volunteer).toMatchObject({ auditsPassed: 0, auditsFailed, quarantine: null });
    expect(story.state).toMatchObject({ auditedVolunteers: counted, quarantinedCount: 0 });
  }
});

test("[VF11] [GJ1] trainings look again at who may sit once somebody is released", () => {
  const { story, volunteer } = alone();
  quarantine(story.step(), volunteer, { jobId: "job", roundIndex: 0 }, "a lie");
  story.state.isCrowdChanged = false;
  releaseVolunteer(story.step(), "v1", "a driver");
  expect(story.state.isCrowdChanged).toBe(true);
});
