/** Records of volunteers: what enters them, what follows from a lie, and how long who is silent rests. */
import { expect, test } from "vitest";
import { CORE_KINDS } from "../kinds/core-kinds.ts";
import type { InferenceJob } from "../kinds/inference/core/job.ts";
import { recordAudit } from "../kinds/inference/core/verdicts/record-audit.ts";
import { newVolunteer, quarantine, restVolunteer, volunteerOf } from "./reputation.ts";
import { startStep } from "./step-context.ts";
import { volunteerRecord } from "./testing/records.ts";
import { askedOf, Story, SYSTEMATIC } from "./testing/story.ts";

const AUDIT = { checked: 4, randomlyChecked: 3, failed: 0 };

function atWork(submission: Record<string, unknown> = SYSTEMATIC): { story: Story; job: InferenceJob } {
  const story = new Story({ hold: ["topUp"] });
  story.crowd(12);
  story.submit("job", submission, 200);
  return { story, job: story.job("job") };
}

test("what a tab says of itself is taken over, but a name is not lost where it says none", () => {
  const { state } = new Story();
  const volunteer = volunteerOf(state, "v1", { nickname: "one", team: "red" });
  expect(volunteer).toMatchObject({ nickname: "one", team: "red", creditMacs: 0, auditsPassed: 0, auditsFailed: 0 });
  expect(volunteerOf(state, "v1", { nickname: "", team: "" })).toBe(volunteer);
  expect(volunteer).toMatchObject({ nickname: "one", team: "" });
  expect(volunteerOf(state, "v1", { nickname: "two", team: "blue" })).toMatchObject({ nickname: "two", team: "blue" });
  expect(state.volunteers.size).toBe(1);
});

test("[AS7] who is silent rests ten seconds, twice as long each time in a row, and half an hour at most", () => {
  const story = new Story();
  story.crowd(1);
  const volunteer = story.state.volunteers.get("v1")!;
  const rests = Array.from({ length: 12 }, () => {
    const step = story.step(volunteer.restsUntilMs);
    restVolunteer(step, "v1");
    expect(step.effects.at(-1)).toMatchObject({ type: "setTimer", atMs: volunteer.restsUntilMs });
    return (volunteer.restsUntilMs - step.nowMs) / 1_000;
  });
  expect(rests).toEqual([10, 20, 40, 80, 160, 320, 640, 1_280, 1_800, 1_800, 1_800, 1_800]);
  expect([...story.state.timers.values()].every(({ kind }) => kind === "rest")).toBe(true);
  const step = story.step();
  restVolunteer(step, "nobody");
  expect(step.effects).toEqual([]);
});

test("[AS7] threads of one volunteer that fall silent together are one time", () => {
  const story = new Story();
  for (const thread of ["a", "b", "c", "d"]) story.join(1, `s1${thread}`);
  const restMs = (atMs: number) => {
    const step = story.step(atMs);
    restVolunteer(step, "v1");
    return story.state.volunteers.get("v1")!.restsUntilMs - atMs;
  };
  expect([1_000, 1_500, 2_000, 9_000].map(restMs)).toEqual([10_000, 10_000, 10_000, 10_000]);
  expect(restMs(19_000)).toBe(20_000);
});

test("[AS7] when the rest is over its tab gets work again by itself", () => {
  const story = new Story();
  story.crowd(1);
  restVolunteer(story.step(), "v1");
  const timerId = [...story.state.timers.keys()].at(-1)!;
  story.submit("job", { scheme: "uncoded", queriesPerGroup: 1 }, 4);
  expect(story.out()).toEqual([]);
  story.nowMs += 10_000;
  story.happen({ type: "timerFired", timerId });
  expect(story.out()).toHaveLength(1);
});

test("[VF3] an audit that passed counts its random rows for the record, and all of its rows for the job", () => {
  const { story, job } = atWork();
  const step = story.step();
  expect(recordAudit(step, job, 0, "v1", AUDIT)).toBe(true);
  expect(story.state.volunteers.get("v1")).toMatchObject({ auditsPassed: 3, auditsFailed: 0, quarantine: null });
  expect(job.stored).toMatchObject({ auditedRows: 4, failedAudits: 0 });
  expect(job.contributions.get("v1")).toMatchObject({ auditedRows: 4, failedRows: 0 });
  // The same rows, of somebody else: recomputed once.
  recordAudit(step, job, 0, "v2", { ...AUDIT, isShared: true });
  expect(story.state.volunteers.get("v2")!.auditsPassed).toBe(3);
  expect(job.stored.auditedRows).toBe(4);
  expect(job.contributions.get("v2")).toMatchObject({ auditedRows: 4 });
  expect(step.effects).toEqual([]);
});

test("[VF9] a volunteer counts among the audited once, from its first recomputed row on", () => {
  const { story, job } = atWork();
  const step = story.step();
  const audited = () => story.state.auditedVolunteers;
  recordAudit(step, job, 0, "v1", { checked: 0, randomlyChecked: 0, failed: 0 });
  expect(audited()).toBe(0);
  recordAudit(step, job, 0, "v1", AUDIT);
  recordAudit(step, job, 0, "v1", AUDIT);
  expect(audited()).toBe(1);
  recordAudit(step, job, 0, "v2", { ...AUDIT, failed: 1 });
  expect(audited()).toBe(2);
  recordAudit(step, job, 0, "v2", AUDIT);
  expect(audited()).toBe(2);
});

test("[VF3] one wrong row quarantines, and nothing of that audit counts as passed", () => {
  const { story, job } = atWork();
  const step = story.step();
  recordAudit(step, job, 0, "v1", AUDIT);
  expect(recordAudit(step, job, 2, "v1", { ...AUDIT, failed: 1 })).toBe(false);
  const volunteer = story.state.volunteers.get("v1")!;
  expect(volunteer).toMatchObject({ auditsPassed: 3, auditsFailed: 1 });
  const reason = "1 of 4 recomputed rows differ";
  expect(volunteer.quarantine).toEqual({ atMs: story.nowMs, jobId: "job", roundIndex: 2, reason });
  expect(job.stored).toMatchObject({ auditedRows: 8, failedAudits: 1 });
  expect(job.contributions.get("v1")).toMatchObject({ auditedRows: 8, failedRows: 1 });
  // What it is quarantined for stays what it was, whatever is found later.
  expect(recordAudit(step, job, 3, "v1", { ...AUDIT, failed: 4 })).toBe(false);
  expect(volunteer.quarantine).toMatchObject({ roundIndex: 2, reason });
  expect(story.state.quarantinedCount).toBe(1);
});

test("[RC2] what audits find after a job's end counts for the record, and no more for the job", () => {
  const { story, job } = atWork();
  story.happen({ type: "jobCancelled", jobId: "job" });
  const step = story.step();
  recordAudit(step, job, 0, "v1", AUDIT);
  recordAudit(step, job, 0, "v2", { ...AUDIT, failed: 1 });
  expect(job.stored).toMatchObject({ auditedRows: 0, failedAudits: 0 });
  expect(job.contributions.has("v1")).toBe(false);
  expect(story.state.volunteers.get("v1")!.auditsPassed).toBe(3);
  expect(story.state.volunteers.get("v2")!.quarantine).not.toBeNull();
});

test("rows of somebody who has been forgotten count for the job alone", () => {
  const { story, job } = atWork();
  const step = story.step();
  expect(recordAudit(step, job, 0, "forgotten", AUDIT)).toBe(true);
  expect(recordAudit(step, job, 0, "forgotten", { ...AUDIT, failed: 1 })).toBe(false);
  expect(job.stored).toMatchObject({ auditedRows: 8, failedAudits: 1 });
  expect(story.state).toMatchObject({ auditedVolunteers: 0, quarantinedCount: 0 });
});

test("[VF3] every tab of the quarantined is told and closed, and gets nothing more, one that is being probed too", () => {
  const { story } = atWork({ scheme: "uncoded" });
  story.join(1, "s1b");
  story.happen({
    ...{ type: "sessionOpened", sessionId: "s1c", volunteerId: "v1", nickname: "", team: "", backend: "wasm" },
    ...{ addressGroup: null, invitationSha256: null },
  });
  const probes = () => [...story.state.timers.values()].filter(({ kind }) => kind === "probe").length;
  expect(probes()).toBe(1);
  const step = story.step();
  quarantine(step, story.state.volunteers.get("v1")!, { jobId: "job", roundIndex: 0 }, "a lie");
  const closed = step.effects.flatMap((effect) => (effect.type === "closeSession" ? [effect] : []));
  expect(closed).toMatchObject(["s1", "s1b", "s1c"].map((sessionId) => ({ sessionId, code: "wrong-answers" })));
  for (const { sessionId } of closed) {
    expect(story.state.sessions.get(sessionId)!.state).toBe("quarantined");
    expect(story.state.crowd.turns.idle.has(sessionId)).toBe(false);
  }
  expect(probes()).toBe(0);
  expect(story.state.isCrowdChanged).toBe(true);
  expect(story.state.persistQueue.at(-1)).toMatchObject({
    purpose: { kind: "standing" },
    records: [{ kind: "volunteer", volunteer: { volunteerId: "v1", quarantine: { reason: "a lie" } } }],
  });
  // A second word changes nothing.
  const { length } = step.effects;
  quarantine(step, story.state.volunteers.get("v1")!, { jobId: "other", roundIndex: 1 }, "another lie");
  expect(step.effects).toHaveLength(length);
  expect(story.state.quarantinedCount).toBe(1);
});

test("a volunteer whose tabs are all gone is quarantined all the same", () => {
  const { state } = new Story();
  const volunteer = newVolunteer(volunteerRecord("v9", { auditsPassed: 1 }));
  volunteer.sessionIds.add("gone");
  const step = startStep(CORE_KINDS, state, 5);
  quarantine(step, volunteer, { jobId: "job", roundIndex: 0 }, "a lie");
  expect(step.effects).toEqual([]);
  expect(volunteer.quarantine).not.toBeNull();
});

/** A job with one durable round, in which v1 gave an answer and v2 an opinion on that of v3. */
function withDurableRound(submission: Record<string, unknown>): { story: Story; job: InferenceJob } {
  const { story, job } = atWork({ ...SYSTEMATIC, ...submission });
  while (job.finishedRounds.size === 0) story.answer(story.out()[0]!, 1);
  const finished = job.finishedRounds.get(0)!;
  const source = { precision: "float32", auditedRows: 0, opinionBy: null } as const;
  const sources = finished.sources.map((_, worker) =>
    worker === 0
      ? { ...source, volunteerId: "v1", auditedRows: 1 }
      : { ...source, volunteerId: `v${worker + 2}`, opinionBy: worker === 1 ? "v2" : "v12" },
  );
  job.finishedRounds.set(0, { ...finished, sources });
  return { story, job };
}

test.each([
  ["its own answer", "v1", [0]],
  ["a batch that it alone vouched for", "v2", [0]],
  ["nothing, where it had no part", "v11", []],
])("[VF4] of a durable round it is redone for a liar: %s", (_, volunteerId, redone) => {
  const { story, job } = withDurableRound({});
  const step = story.step();
  quarantine(step, story.state.volunteers.get(volunteerId)!, { jobId: "job", roundIndex: 0 }, "a lie");
  expect([...job.toRedo]).toEqual(redone);
});

test("[VF4] [VF6] [JB2] nothing is redone of a job that verifies nothing, nor of one that has ended", () => {
  const baseline = withDurableRound({ scheme: "uncoded" });
  const ended = withDurableRound({});
  ended.story.happen({ type: "jobCancelled", jobId: "job" });
  for (const { story, job } of [baseline, ended]) {
    const step = story.step();
    quarantine(step, story.state.volunteers.get("v1")!, { jobId: "job", roundIndex: 0 }, "a lie");
    expect(job.toRedo.size).toBe(0);
    expect(step.effects.map(askedOf).filter(({ type }) => type === "withdraw")).toEqual([]);
  }
});

test("[JB4] a job at its last audits runs again only where a part of it has to be redone", () => {
  for (const [volunteerId, state] of [
    ["v1", "running"],
    ["v11", "auditing"],
  ] as const) {
    const { story, job } = withDurableRound({});
    job.stored.state = "auditing";
    job.topUps.set(volunteerId, 77);
    job.topUps.set("v5", 78);
    const step = story.step();
    quarantine(step, story.state.volunteers.get(volunteerId)!, { jobId: "job", roundIndex: 0 }, "a lie");
    expect(job.stored.state).toBe(state);
    expect([...job.topUps.keys()]).toEqual(["v5"]);
  }
});

test("[VF9] a volunteer that passed as many rows as it failed is no newcomer among the audited", () => {
  const { story, job } = atWork();
  Object.assign(story.state.volunteers.get("v1")!, { auditsPassed: 1, auditsFailed: 1 });
  recordAudit(story.step(), job, 0, "v1", AUDIT);
  expect(story.state.auditedVolunteers).toBe(0);
});

test("[VF6] in an open round that nothing verifies a liar's result stays as it is", () => {
  for (const scheme of ["uncoded", "approxifer"]) {
    const { story, job } = atWork({ ...SYSTEMATIC, scheme, liars: 0 });
    const [first] = story.out();
    story.answer(first!, 1);
    const step = story.step();
    quarantine(step, story.state.volunteers.get("v1")!, { jobId: "elsewhere", roundIndex: 0 }, "a lie");
    expect(job.openRounds.get(0)!.slots[0]!.accepted, scheme).toMatchObject({ volunteerId: "v1" });
    expect(step.effects.map(askedOf).filter(({ type }) => type === "withdraw")).toEqual([]);
  }
});

test("[VF5] [RS1] a lie that is found while a job is prepared again withdraws its part, and the job waits for its data", () => {
  const { story, job } = withDurableRound({});
  job.stored.state = "preparing";
  const step = story.step();
  quarantine(step, story.state.volunteers.get("v1")!, { jobId: "job", roundIndex: 0 }, "a lie");
  expect([...job.toRedo]).toEqual([0]);
  expect(job.stored.state).toBe("preparing");
});

test("[VF5] for a second liar only the rounds that it was part of are withdrawn", () => {
  const { story, job } = withDurableRound({});
  const { sources, ...finished } = job.finishedRounds.get(0)!;
  job.finishedRounds.set(1, {
    ...finished,
    sources: sources.map((source) => source && { ...source, volunteerId: "v11" }),
  });
  const withdrawnBy = (volunteerId: string) => {
    const step = story.step();
    quarantine(step, story.state.volunteers.get(volunteerId)!, { jobId: "job", roundIndex: 0 }, "a lie");
    return new Set(
      step.effects.map(askedOf).flatMap((effect) => (effect.type === "withdraw" ? [effect.roundIndex] : [])),
    );
  };
  expect(withdrawnBy("v1")).toEqual(new Set([0]));
  expect(withdrawnBy("v11")).toEqual(new Set([1]));
  expect(withdrawnBy("v9")).toEqual(new Set());
  expect([...job.toRedo]).toEqual([0, 1]);
});
