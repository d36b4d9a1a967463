/** What other coordinators on the same database have found out, counted or left behind, as the core takes it. */
import { expect, test } from "vitest";
import type { RestoredOnRows } from "../kinds/inference/rows/work.ts";
import type { StoredVolunteer } from "../store/store.ts";
import { creditIsDurable } from "./credits.ts";
import { storedVolunteer } from "./persistence.ts";
import { CAUGHT, volunteerRecord } from "./testing/records.ts";
import { PLAIN, Story, storedJob } from "./testing/story.ts";
import { wronglyKept } from "./testing/walked-crowd.ts";

const COUNTED = { creditMacs: 70, creditAssignments: 7, auditsPassed: 5, auditsFailed: 0, rowsTaken: 9 };

const violations = (story: Story) => [...wronglyKept(story.state)];

function hears(story: Story, ...volunteers: StoredVolunteer[]): void {
  story.happen({ type: "volunteersElsewhere", volunteers });
}

test("[CE4] what others counted of a volunteer is added to what was counted here, once however often it is told", () => {
  const story = new Story();
  story.crowd(2);
  const volunteer = story.state.volunteers.get("v1")!;
  volunteer.creditMacs = 10;
  volunteer.creditAssignments = 1;
  for (let n = 0; n < 3; n++) hears(story, volunteerRecord("v1", COUNTED));
  expect(volunteer).toMatchObject({ creditMacs: 80, creditAssignments: 8, auditsPassed: 5, rowsTaken: 9 });
  expect(volunteer.durableCredit).toEqual({ macs: 70, assignments: 7 });
  expect(storedVolunteer(volunteer).elsewhere).toEqual(COUNTED);
  hears(story, volunteerRecord("v1", { ...COUNTED, creditMacs: 71 }));
  expect(volunteer.creditMacs).toBe(81);
  expect(story.state.auditedVolunteers).toBe(1);
});

test("[CE4] [CR1] what others counted while own credit was being written is told too, when that is durable", () => {
  const story = new Story();
  story.crowd(1);
  const volunteer = story.state.volunteers.get("v1")!;
  volunteer.creditMacs = 10;
  volunteer.creditAssignments = 1;
  const written = storedVolunteer(volunteer);
  hears(story, volunteerRecord("v1", COUNTED));
  creditIsDurable(story.state, written);
  expect(volunteer.durableCredit).toEqual({ macs: 80, assignments: 8 });
});

test("[CE4] [VF13] whoever others know, and what they know of the crowd, counts as after a restart", () => {
  const records = [
    volunteerRecord("v1", { auditsPassed: 250, rowsTaken: 3 }),
    volunteerRecord("v2", { auditsPassed: 30, auditsFailed: 1, quarantine: CAUGHT }),
  ];
  const [told, restored] = [new Story(), new Story()];
  hears(told, ...records);
  hears(told, ...records);
  restored.happen({ type: "restored", jobs: [], volunteers: records });
  for (const name of ["verifiedWork", "quarantinedCount", "auditedVolunteers"] as const)
    expect(told.state[name]).toEqual(restored.state[name]);
  expect([told.state.crowd.met, [...told.state.crowd.named]]).toEqual([1, ["v2"]]);
});

test("[CE5] [VF3] [VF4] whom another coordinator has named is turned away here, and its work in running jobs is redone", () => {
  const story = new Story({});
  story.crowd(12);
  story.submit("job", PLAIN, 2_000);
  const liar = [...story.state.assignments.values()][0]!.sessionId;
  const volunteerId = story.state.sessions.get(liar)!.volunteerId;
  const isAtIt = () => story.out().some(({ sessionId }) => sessionId === liar);
  expect(isAtIt()).toBe(true);
  hears(story, volunteerRecord(volunteerId, { auditsFailed: 1, quarantine: CAUGHT }));
  expect(story.state.volunteers.get(volunteerId)?.quarantine).toEqual(CAUGHT);
  expect(story.state.sessions.get(liar)?.state).toBe("quarantined");
  expect(story.asked("closeSession").map(({ sessionId }) => sessionId)).toEqual([liar]);
  story.happen({ type: "sessionClosed", sessionId: liar });
  expect(isAtIt()).toBe(false);
  const released = { atMs: 99, reason: "mended", from: CAUGHT };
  hears(story, volunteerRecord(volunteerId, { auditsFailed: 1, released }));
  expect(story.state.volunteers.get(volunteerId)).toMatchObject({ quarantine: null, released });
  expect(story.state.quarantinedCount).toBe(0);
});

test("[CE4] [CC5] [WC3] whoever did rows elsewhere is drawn as often as if it had done them here; who chose there is not drawn", () => {
  const story = new Story();
  story.join(1, "s1", { addressGroup: "one" });
  const { partners } = story.state.crowd;
  expect(partners.weightOf("v1")).toBe(1);
  hears(story, volunteerRecord("v1", { ...COUNTED, rowsTaken: 30 }));
  expect(partners.weightOf("v1")).toBe(31);
  expect(violations(story)).toEqual([]);
  story.submit("job", PLAIN, 8);
  hears(story, volunteerRecord("v1", { ...COUNTED, rowsTaken: 30, choseUntilMs: Number.MAX_SAFE_INTEGER }));
  expect(partners.weightOf("v1")).toBe(0);
  expect(violations(story)).toEqual([]);
});

test("[CE3] [RS1] a job that somebody else has left goes on here as after a restart; one that is here stays as it is", () => {
  const job = { ...storedJob("left", PLAIN, 80, 5), state: "running" as const };
  const onRows = { rows: [], blocks: [], openCoins: [] };
  const left: RestoredOnRows = { job, contributions: [], onRows };
  const story = new Story({ hold: ["prepareRows"] });
  story.crowd(7);
  story.submit("own", PLAIN, 80);
  const own = story.job("own");
  story.happen({ type: "jobsTaken", jobs: [left] });
  expect(story.asked("prepareRows").map(({ jobId }) => jobId)).toContain("left");
  const held = story.job("left");
  story.happen({ type: "jobsTaken", jobs: [left, { ...left, job: { ...job, jobId: "own" } }] });
  expect([story.job("left"), story.job("own")]).toEqual([held, own]);
  expect(story.job("left")).toBe(held);
});
