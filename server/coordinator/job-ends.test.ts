/** A job's last audits and its end: whom they ask, how far they go, and what is written. */
import { expect, test } from "vitest";
import type { InferenceJob } from "../kinds/inference/core/job.ts";
import { forgetOldJobs, JOBS_ENDED_KEPT_MAX } from "./jobs.ts";
import { auditsMissing, liarShares } from "./reputation-bounds.ts";
import { Story, SYSTEMATIC, storedJob } from "./testing/story.ts";
import { judge } from "./testing/verdicts.ts";

/** Every round is durable; `records` is what audits had found of each volunteer before. */
function allAnswered(queryCount: number, records: Readonly<Record<string, number>> = {}, submission = {}) {
  const story = new Story({ hold: ["topUp"] });
  story.crowd(7);
  for (const [id, passed] of Object.entries(records)) story.state.volunteers.get(id)!.auditsPassed = passed;
  story.submit("job", { ...SYSTEMATIC, ...submission }, queryCount);
  story.answerAll();
  return { story, job: story.job("job") };
}

const RECORDS = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`v${n}`, 1_000]));

function ownSources(job: InferenceJob): Set<string> {
  const own = [...job.finishedRounds.values()].flatMap(({ sources }) => sources.slice(0, 4));
  return new Set(own.flatMap((source) => (source === null ? [] : [source.volunteerId])));
}

test("[JB4] last audits ask for what each record lacks, of those whose answers stand, up to half of the job's queries", () => {
  const { story, job } = allAnswered(400);
  const topUps = story.asked("topUp");
  expect(job.stored.state).toBe("auditing");
  expect(new Set(topUps.map(({ volunteerId }) => volunteerId)).size).toBe(topUps.length);
  for (const { volunteerId } of topUps) expect(ownSources(job).has(volunteerId)).toBe(true);
  const shares = liarShares(story.state);
  const lacking = (volunteerId: string) => auditsMissing(story.state.volunteers.get(volunteerId)!, 1e-3, shares);
  const [last] = topUps.slice(-1);
  for (const { volunteerId, rows } of topUps.slice(0, -1)) expect(rows).toBe(lacking(volunteerId));
  const asked = topUps.reduce((sum, { rows }) => sum + rows, 0);
  const all = [...ownSources(job)].reduce((sum, volunteerId) => sum + lacking(volunteerId), 0);
  expect(asked).toBe(Math.min(all, 200));
  expect(last!.rows).toBeLessThanOrEqual(lacking(last!.volunteerId));
  expect(job).toMatchObject({ topUpRows: asked });
});

test("[JB4] of an odd number of queries half is rounded up", () => {
  const { story } = allAnswered(41, {}, { groupsPerRound: 11 });
  expect(story.asked("topUp").reduce((sum, { rows }) => sum + rows, 0)).toBe(21);
});

test("[JB4] whose record reaches the bound is not asked, and where all do the job ends at once", () => {
  const one = allAnswered(120, { ...RECORDS, v1: 0 });
  expect(one.story.asked("topUp").map(({ volunteerId }) => volunteerId)).toEqual(
    ownSources(one.job).has("v1") ? ["v1"] : [],
  );
  const all = allAnswered(120, RECORDS);
  expect(all.story.asked("topUp")).toEqual([]);
  expect(all.job.stored.state).toBe("done");
});

test("[JB4] a looser bound of the job asks for less", () => {
  const rows = (answerBound: number) => {
    const { story } = allAnswered(400, {}, { answerBound });
    return story.asked("topUp").reduce((sum, effect) => sum + effect.rows, 0);
  };
  expect(rows(3e-3)).toBeLessThan(rows(1e-3));
  expect(rows(0.5)).toBe(0);
});

test("[VF6] where nothing is audited no last audits are asked for", () => {
  for (const scheme of ["uncoded", "approxifer"]) {
    const { story, job } = allAnswered(40, {}, { scheme, stragglers: 1, liars: 0 });
    expect(story.asked("topUp"), scheme).toEqual([]);
    expect(job.stored.state, scheme).toBe("done");
  }
});

test("[RC2] an end is written with the records as they are then, and says when, and what share of liars was reckoned with", () => {
  const story = new Story({ hold: ["topUp", "persist"] });
  const write = () => {
    if (story.state.write !== null) story.happen({ type: "persisted", effectId: story.state.write.effectId });
  };
  story.crowd(7);
  story.nowMs += 0.6;
  story.submit("job", SYSTEMATIC, 40);
  for (let n = 0; n < 20 && story.jobState("job") !== "auditing"; n++) {
    for (const sent of story.out()) story.answer(sent, 1);
    write();
  }
  const [topUp] = story.asked("topUp");
  for (const { effectId, jobId, volunteerId, rows } of story.asked("topUp")) {
    story.happen({ type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 0 });
  }
  expect(story.jobState("job")).toBe("finishing");
  const job = story.job("job");
  const { records } = story.asked("persist").at(-1)!;
  const end = records.flatMap((record) => (record.kind === "job" ? [record.job] : []));
  expect(end).toMatchObject([
    {
      state: "done",
      error: null,
      finishedMs: Math.round(story.nowMs),
      liarShare: liarShares(story.state).established,
      newcomerLiarShare: liarShares(story.state).newcomers,
    },
  ]);
  expect(Number.isInteger(end[0]!.finishedMs)).toBe(true);
  const { auditsPassed } = story.state.volunteers.get(topUp!.volunteerId)!;
  expect(records).toContainEqual(
    expect.objectContaining({
      kind: "volunteer",
      volunteer: expect.objectContaining({ volunteerId: topUp!.volunteerId, auditsPassed }),
    }),
  );
  const frozen = records.flatMap((record) => (record.kind === "contribution" ? [record.contribution] : []));
  expect(frozen.length).toBe(job.contributions.size);
  for (const { volunteerId, auditsPassedAtEnd } of frozen) {
    expect(auditsPassedAtEnd).toBe(story.state.volunteers.get(volunteerId)!.auditsPassed);
  }
  write();
  expect(story.jobState("job")).toBe("done");
  expect(story.asked("releaseJob")).toMatchObject([{ jobId: "job" }]);
});

test("[JB2] a job that is not durable yet cannot be cancelled; one at its last audits can", () => {
  const story = new Story({ hold: ["persist"] });
  story.submit("job", SYSTEMATIC);
  expect(story.happen({ type: "jobCancelled", jobId: "job" })).toEqual([]);
  expect(story.jobState("job")).toBe("accepting");
  const auditing = allAnswered(120);
  auditing.story.happen({ type: "jobCancelled", jobId: "job" });
  expect(auditing.job.stored).toMatchObject({ state: "cancelled", error: null });
  expect(auditing.job.topUps.size).toBe(0);
});

test("[JB2] [AS3] an end voids what is out, drops what was held, and leaves no timer and no room for a redo", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(8);
  story.submit("job", { ...SYSTEMATIC, roundsInFlight: 2 }, 200);
  const sent = story.out();
  expect(sent).toHaveLength(8);
  for (const one of sent.slice(0, 4)) story.answer(one, 1);
  for (const one of sent.slice(0, 2)) judge(story, one);
  const job = story.job("job");
  job.toRedo.add(5);
  const effects = story.happen({ type: "jobCancelled", jobId: "job" });
  const voided = effects.flatMap((effect) => (effect.type === "voidAssignment" ? [effect] : []));
  expect(voided.map(({ assignmentId, tell }) => [assignmentId, tell])).toEqual(
    expect.arrayContaining(sent.map((one, n) => [one.assignmentId, n >= 4])),
  );
  expect(effects.filter(({ type }) => type === "releaseRound")).toMatchObject([{ roundIndex: 0 }, { roundIndex: 1 }]);
  expect(job.openRounds.size + job.toRedo.size).toBe(0);
  expect([...story.state.assignments.keys()]).toEqual([]);
  expect([...story.state.timers.values()]).toEqual([]);
});

test("[JB8] a job that has ended may be deleted, and its volunteers keep what it earned them; one that runs may not", () => {
  const { story, job } = allAnswered(120, RECORDS);
  const { creditMacs } = story.state.volunteers.get("v1")!;
  expect([job.stored.state, creditMacs > 0]).toEqual(["done", true]);
  expect(story.happen({ type: "jobDeleted", jobId: "job" })).toEqual([]);
  expect(story.state.jobs.has("job")).toBe(false);
  expect(story.state.volunteers.get("v1")!.creditMacs).toBe(creditMacs);
  expect(story.happen({ type: "jobDeleted", jobId: "nobody's" })).toEqual([]);
  story.submit("next", SYSTEMATIC);
  expect(() => story.happen({ type: "jobDeleted", jobId: "next" })).toThrow("JB8");
});

test("of the jobs that have ended the latest to end are kept at hand, whatever is at work beside them", () => {
  const count = JOBS_ENDED_KEPT_MAX + 10;
  // Every fiftieth is at work; the one that was submitted first ended last.
  const endOf = (n: number) => (n % 50 === 0 ? null : n === 1 ? count : n);
  const jobThatEnded = (finishedMs: number | null) => {
    return { kind: "inference", stored: { state: finishedMs === null ? "running" : "done", finishedMs } } as const;
  };
  const jobs = new Map(Array.from({ length: count }, (_, n) => [`job ${n}`, jobThatEnded(endOf(n))]));
  type Ended = ReturnType<typeof jobThatEnded>;
  const hasEnded = ({ stored }: Ended) => stored.finishedMs !== null;
  const ended = [...jobs.values()].filter(hasEnded).length;
  forgetOldJobs(jobs, "inference");
  expect([...jobs.values()].filter(hasEnded)).toHaveLength(JOBS_ENDED_KEPT_MAX);
  expect(jobs.size).toBe(JOBS_ENDED_KEPT_MAX + 5);
  const forgotten = ended - JOBS_ENDED_KEPT_MAX;
  expect([...jobs.keys()].slice(0, 3)).toEqual(["job 0", "job 1", `job ${forgotten + 2}`]);
  forgetOldJobs(jobs, "inference");
  expect(jobs.size).toBe(JOBS_ENDED_KEPT_MAX + 5);
});

test("[JB1] [RS1] what is durable of a submission is the whole job, to be prepared; and once prepared, at work in its order", () => {
  const story = new Story({ hold: ["persist"] });
  story.submit("job", SYSTEMATIC);
  const job = storedJob("job", SYSTEMATIC, 40, story.nowMs);
  const written = () => story.asked("persist").map(({ records }) => records);
  expect(written()).toEqual([[{ kind: "job", job: { ...job, state: "preparing" } }]]);
  story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  const running = { ...job, state: "running", orderSha256: "1".repeat(64) };
  expect(written().slice(1)).toEqual([[{ kind: "job", job: running }]]);
});

test("jobs that have ended are forgotten when there are too many of them, and those at work never", () => {
  const story = new Story();
  story.submit("at work", SYSTEMATIC);
  for (let n = 0; n <= JOBS_ENDED_KEPT_MAX; n++) {
    story.submit(`job ${n}`, SYSTEMATIC, 4);
    story.happen({ type: "jobCancelled", jobId: `job ${n}` });
  }
  expect(story.state.jobs.has("job 0")).toBe(false);
  expect([story.jobState("at work"), story.jobState("job 1")]).toEqual(["running", "cancelled"]);
});
