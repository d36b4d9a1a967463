/** What a restart finds in the store, and what it makes of it. */
import { expect, test } from "vitest";
import type { StoredJob } from "../kinds/inference/records.ts";
import type { RestoredOnRows } from "../kinds/inference/rows/work.ts";
import type { StoredContribution, StoredVolunteer } from "../store/store.ts";
import { CAUGHT, volunteerRecord } from "./testing/records.ts";
import { PLAIN, Story, storedJob } from "./testing/story.ts";

const LIAR = volunteerRecord("v1", { auditsPassed: 3, auditsFailed: 1, quarantine: CAUGHT });

function jobIn(state: StoredJob["state"]): RestoredOnRows {
  const job = { ...storedJob(`job ${state}`, PLAIN, 2_000, 5), state };
  return { job, contributions: [], onRows: { rows: [], blocks: [], openCoins: [] } };
}

function restored(jobs: RestoredOnRows[], volunteers: StoredVolunteer[]): Story {
  const story = new Story({ hold: ["prepareRows"] });
  story.happen({ type: "restored", jobs, volunteers });
  return story;
}

test("[VF9] the share of liars is reckoned from everybody who was audited before the restart", () => {
  const { state } = restored(
    [],
    [
      LIAR,
      volunteerRecord("v2"),
      volunteerRecord("v3", { auditsPassed: 1 }),
      volunteerRecord("v4", { auditsFailed: 1 }),
    ],
  );
  expect(state.volunteers.size).toBe(4);
  expect(state).toMatchObject({ quarantinedCount: 1, auditedVolunteers: 3 });
});

test("[VF13] what liars and others had shown counts after the restart as before it", () => {
  const records = [
    LIAR,
    volunteerRecord("v2", { auditsPassed: 250 }),
    volunteerRecord("v3", { auditsPassed: 30, auditsFailed: 1 }),
    volunteerRecord("v4", { ...LIAR, volunteerId: "v4", auditsPassed: 150, auditsFailed: 2 }),
  ];
  const { state } = restored([], records);
  const own = LIAR.auditsPassed + LIAR.auditsFailed;
  expect(state.verifiedWork).toEqual({
    newcomers: { right: 130, ofLiars: own + Math.min(3 * own, 100) },
    established: { right: 150, ofLiars: 252 },
  });
});

test("[RS1] a job at work is prepared again before anything of it is sent; one that has ended is left alone", () => {
  const ended = ["done", "failed", "cancelled"] as const;
  const story = restored([jobIn("running"), ...ended.map((state) => jobIn(state))], [LIAR]);
  story.crowd(7);
  expect(story.asked("prepareRows").map(({ jobId }) => jobId)).toEqual(["job running"]);
  expect(story.out()).toEqual([]);
  expect(story.jobState("job running")).toBe("preparing");
  for (const state of ended) expect(story.jobState(`job ${state}`)).toBe(state);
  const { effectId } = story.asked("prepareRows")[0]!;
  story.happen({ type: "rowsPrepared", effectId, jobId: "job running", rowMs: null, order: null });
  expect(story.out()).toHaveLength(6); // of seven tabs one belongs to a liar
});

test("[RC2] what volunteers did for a job before the restart stays on its receipt", () => {
  const done: StoredContribution = {
    ...{ jobId: "job running", volunteerId: "v2", assignments: 2, rows: 20, auditedRows: 6, failedRows: 0 },
    ...{ rejectedRows: 0, withdrawnAssignments: 0, withdrawnRows: 0, auditsPassedAtEnd: null },
  };
  const restoredJob = { ...jobIn("running"), contributions: [done, { ...done, volunteerId: "v3", rows: 10 }] };
  const job = restored([restoredJob], []).job("job running");
  expect(job.contributions.get("v2")).toEqual(done);
  expect(job.contributions.get("v2")).not.toBe(done);
});
