/** What a restart finds in the store, and what it makes of it. */
import { expect, test } from "vitest";
import type { RestoredInference, RestoredRound } from "../kinds/inference/core/work.ts";
import type { StoredJob } from "../kinds/inference/records.ts";
import type { StoredContribution, StoredVolunteer } from "../store/store.ts";
import { CAUGHT, volunteerRecord } from "./testing/records.ts";
import { batchSource, Story, SYSTEMATIC, storedJob } from "./testing/story.ts";

const LIAR = volunteerRecord("v1", { auditsPassed: 3, auditsFailed: 1, quarantine: CAUGHT });

function round(roundIndex: number, volunteerIds: readonly (string | null)[]): RestoredRound {
  return {
    ...{ roundIndex, generation: 0, firstMs: 7, exactMs: 9, estimatedAtFirst: 0, redispatched: 0 },
    sources: volunteerIds.map((volunteerId) => (volunteerId === null ? null : batchSource(volunteerId))),
  };
}

function jobIn(state: StoredJob["state"], rounds: RestoredRound[], submission = {}): RestoredInference {
  const job = { ...storedJob(`job ${state}`, { ...SYSTEMATIC, ...submission }, 80, 5), state };
  return { job: { ...job, orderSha256: "1".repeat(64) }, rounds, contributions: [] };
}

const HONEST = ["v2", "v3", "v4", "v5", "v6", "v7", "v8"];
const WITH_LIAR = ["v1", ...HONEST.slice(1)];

function restored(jobs: RestoredInference[], volunteers: StoredVolunteer[]): Story {
  const story = new Story({ hold: ["prepare"] });
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
  const story = restored([jobIn("running", []), ...ended.map((state) => jobIn(state, [round(0, WITH_LIAR)]))], [LIAR]);
  story.crowd(7);
  expect(story.asked("prepare").map(({ jobId }) => jobId)).toEqual(["job running"]);
  expect(story.out()).toEqual([]);
  expect(story.jobState("job running")).toBe("preparing");
  expect(story.asked("withdraw")).toEqual([]);
  for (const state of ended) {
    const job = story.job(`job ${state}`);
    expect(job.stored.state).toBe(state);
    expect(job.toRedo.size).toBe(0);
    expect(job.finishedRounds.get(0)).toMatchObject({ firstMs: 7, exactMs: 9 });
  }
  const { effectId } = story.asked("prepare")[0]!;
  story.happen({ type: "prepared", effectId, jobId: "job running", orderSha256: "1".repeat(64) });
  expect(story.out()).toHaveLength(6); // of seven tabs one belongs to a liar
});

test("[RS3] rounds with a liar's part are withdrawn at once, the others stand", () => {
  const rounds = [round(0, HONEST), round(1, WITH_LIAR)];
  const story = restored([jobIn("running", rounds)], [LIAR]);
  expect(story.asked("withdraw")).toMatchObject([{ roundIndex: 1, workerIndex: 0, generation: 0 }]);
  expect([...story.job("job running").toRedo]).toEqual([1]);
});

test("[VF6] rounds that nothing verified stand, a liar's part in them too", () => {
  for (const scheme of ["uncoded", "replication", "approxifer"]) {
    const story = restored([jobIn("running", [round(0, WITH_LIAR)], { scheme })], [LIAR]);
    expect(story.asked("withdraw"), scheme).toEqual([]);
    expect(story.job("job running").toRedo.size, scheme).toBe(0);
  }
});

test("[SC4] where each result goes into every answer, a liar's round is withdrawn as a whole", () => {
  const story = restored([jobIn("running", [round(0, WITH_LIAR)], { scheme: "spline" })], [LIAR]);
  expect(story.asked("withdraw")).toMatchObject([{ roundIndex: 0, workerIndex: null }]);
});

test("[VF4] of a fast job's round the liar's part is withdrawn, and the estimates that it went into", () => {
  const sources = ["v2", null, "v1", null, "v5", "v6", null];
  const fast = restored([jobIn("running", [round(0, sources)], { completion: "fast" })], [LIAR]);
  expect(fast.asked("withdraw").map(({ workerIndex }) => workerIndex)).toEqual([1, 2, 3]);
  const exact = restored([jobIn("running", [round(0, sources)])], [LIAR]);
  expect(exact.asked("withdraw").map(({ workerIndex }) => workerIndex)).toEqual([2]);
});

test("[RC2] what volunteers did for a job before the restart stays on its receipt, and counts as work sent", () => {
  const done: StoredContribution = {
    ...{ jobId: "job running", volunteerId: "v2", assignments: 2, rows: 20, auditedRows: 6, failedRows: 0 },
    ...{ rejectedRows: 0, withdrawnAssignments: 0, withdrawnRows: 0, auditsPassedAtEnd: null },
  };
  const restoredJob = { ...jobIn("running", []), contributions: [done, { ...done, volunteerId: "v3", rows: 10 }] };
  const job = restored([restoredJob], []).job("job running");
  expect(job.contributions.get("v2")).toEqual(done);
  expect(job.contributions.get("v2")).not.toBe(done);
  expect(job.sentWork).toBe(30 * job.stored.macsPerQuery);
});
