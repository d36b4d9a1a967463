/** Records of volunteers: what enters them, what follows from a lie, and how long who is silent rests. */
import { expect, test } from "vitest";
import { CORE_KINDS } from "../kinds/core-kinds.ts";
import { newVolunteer, quarantine, recordChecks, restVolunteer, volunteerOf } from "./reputation.ts";
import { startStep } from "./step-context.ts";
import { volunteerRecord } from "./testing/records.ts";
import { PLAIN, Story } from "./testing/story.ts";

const FOUND = { jobId: "job", roundIndex: 0 };
const AUDIT = { checked: 4, randomlyChecked: 3, failed: 0 };

function atWork(): { story: Story } {
  const story = new Story();
  story.crowd(12);
  story.submit("job", PLAIN, 200);
  return { story };
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
  story.submit("job", PLAIN, 40);
  expect(story.out()).toEqual([]);
  story.nowMs += 10_000;
  story.happen({ type: "timerFired", timerId });
  expect(story.out()).toHaveLength(1);
});

test("[VF3] rows that were recomputed and right count for the record, those that were drawn", () => {
  const { story } = atWork();
  const step = story.step();
  expect(recordChecks(step, "v1", FOUND, AUDIT)).toBe(true);
  expect(story.state.volunteers.get("v1")).toMatchObject({ auditsPassed: 3, auditsFailed: 0, quarantine: null });
  expect(step.effects).toEqual([]);
});

test("[VF13] a volunteer counts among the audited once, from its first recomputed row on", () => {
  const { story } = atWork();
  const step = story.step();
  const audited = () => story.state.auditedVolunteers;
  recordChecks(step, "v1", FOUND, { checked: 0, randomlyChecked: 0, failed: 0 });
  expect(audited()).toBe(0);
  recordChecks(step, "v1", FOUND, AUDIT);
  recordChecks(step, "v1", FOUND, AUDIT);
  expect(audited()).toBe(1);
  recordChecks(step, "v2", FOUND, { ...AUDIT, failed: 1 });
  expect(audited()).toBe(2);
  recordChecks(step, "v2", FOUND, AUDIT);
  expect(audited()).toBe(2);
});

test("[VF3] one wrong row quarantines, and nothing of what was found with it counts as passed", () => {
  const { story } = atWork();
  const step = story.step();
  recordChecks(step, "v1", FOUND, AUDIT);
  expect(recordChecks(step, "v1", { ...FOUND, roundIndex: 2 }, { ...AUDIT, failed: 1 })).toBe(false);
  const volunteer = story.state.volunteers.get("v1")!;
  expect(volunteer).toMatchObject({ auditsPassed: 3, auditsFailed: 1 });
  const reason = "1 of 4 recomputed rows differ";
  expect(volunteer.quarantine).toEqual({ atMs: story.nowMs, jobId: "job", roundIndex: 2, reason });
  // What it is quarantined for stays what it was, whatever is found later.
  expect(recordChecks(step, "v1", { ...FOUND, roundIndex: 3 }, { ...AUDIT, failed: 4 })).toBe(false);
  expect(volunteer.quarantine).toMatchObject({ roundIndex: 2, reason });
  expect(story.state.quarantinedCount).toBe(1);
});

test("[RC2] what is found after a job's end counts for the record", () => {
  const { story } = atWork();
  story.happen({ type: "jobCancelled", jobId: "job" });
  const step = story.step();
  recordChecks(step, "v1", FOUND, AUDIT);
  recordChecks(step, "v2", FOUND, { ...AUDIT, failed: 1 });
  expect(story.state.volunteers.get("v1")!.auditsPassed).toBe(3);
  expect(story.state.volunteers.get("v2")!.quarantine).not.toBeNull();
});

test("rows of somebody who has been forgotten count for nobody", () => {
  const { story } = atWork();
  const step = story.step();
  expect(recordChecks(step, "forgotten", FOUND, AUDIT)).toBe(true);
  expect(recordChecks(step, "forgotten", FOUND, { ...AUDIT, failed: 1 })).toBe(false);
  expect(story.state).toMatchObject({ auditedVolunteers: 0, quarantinedCount: 0 });
});

test("[VF3] every tab of the quarantined is told and closed, and gets nothing more, one that is being probed too", () => {
  const { story } = atWork();
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

test("[VF13] a volunteer that passed as many rows as it failed is no newcomer among the audited", () => {
  const { story } = atWork();
  Object.assign(story.state.volunteers.get("v1")!, { auditsPassed: 1, auditsFailed: 1 });
  recordChecks(story.step(), "v1", FOUND, AUDIT);
  expect(story.state.auditedVolunteers).toBe(0);
});
