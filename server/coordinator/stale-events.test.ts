/** [EV3] Word of what is not waited for, or not any more, changes nothing: whatever it is about, and whoever brings it. */
import { expect, test } from "vitest";
import { stateFingerprint } from "./testing/state-fingerprint.ts";
import { GOOD_DECODE, Story, SYSTEMATIC, type Told } from "./testing/story.ts";
import { judge } from "./testing/verdicts.ts";

interface Place {
  readonly jobId: string;
  readonly sessionId: string;
  readonly assignmentId: number;
  readonly effectId: number;
}

const NOWHERE: Place = { jobId: "no job", sessionId: "nobody", assignmentId: 900_001, effectId: 900_002 };

/** With a lie in it: whoever listened to it would quarantine somebody. */
const LIE = { ...GOOD_DECODE, suspectAudits: [{ workerIndex: 0, checked: 1, failed: 1 }] };

function wordsAbout({ jobId, sessionId, assignmentId, effectId }: Place): Told[] {
  const round = { jobId, roundIndex: 0, generation: 0 };
  const rows = { checked: 1, randomlyChecked: 1, failed: 1 };
  return [
    { type: "sessionProbed", sessionId, precision: "float32" },
    { type: "sessionProbed", sessionId, precision: null },
    { type: "persisted", effectId },
    { type: "persistFailed", effectId, message: "disk full" },
    { type: "prepared", effectId, jobId, orderSha256: "2".repeat(64) },
    { type: "encoded", effectId, ...round },
    { type: "resultArrived", sessionId, assignmentId, draw: 0 },
    { type: "resultMalformed", sessionId, assignmentId, message: "not finite" },
    { type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" },
    { type: "assignmentReturned", sessionId, assignmentId },
    { type: "audited", effectId, ...round, assignmentId, ...rows, against: null },
    { type: "audited", effectId, ...round, assignmentId, ...rows, against: { randomlyChecked: 1, failed: 1 } },
    { type: "auditFailed", effectId, ...round, assignmentId, message: "no memory" },
    { type: "decoded", effectId, ...round, outcome: LIE },
    { type: "decodeFailed", effectId, ...round, message: "no memory" },
    { type: "toppedUp", effectId, jobId, volunteerId: "v1", checked: 1, failed: 1 },
    { type: "topUpFailed", effectId, jobId, volunteerId: "v1", message: "no memory" },
    { type: "timerFired", timerId: effectId },
  ];
}

/** Of something that is known, none of this may come unasked: what is, is another's or has come to its end. */
const ABOUT_WHAT_IS_UNKNOWN: Told[] = [
  { type: "availabilityChanged", sessionId: "nobody", available: false },
  { type: "sessionClosed", sessionId: "nobody" },
  { type: "volunteerReleased", volunteerId: "nobody", reason: "asked for" },
  { type: "jobCancelled", jobId: "no job" },
  { type: "stopRequested", jobId: "no job" },
  { type: "prepareFailed", effectId: 900_002, jobId: "no job", message: "a blob is corrupt" },
  { type: "encodeFailed", effectId: 900_002, jobId: "no job", roundIndex: 0, generation: 0, message: "no memory" },
];

function expectNothing(story: Story, happenings: readonly Told[]): void {
  const before = stateFingerprint(story.state);
  for (const happening of happenings) {
    expect(story.happen(happening), happening.type).toEqual([]);
    expect(stateFingerprint(story.state), happening.type).toBe(before);
  }
}

/** A round that is being decoded, after five audits; two of its seven tabs have not answered. */
function atWork(): Story {
  const story = new Story({ hold: ["decode", "persist"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 40);
  while (story.state.write !== null) story.happen({ type: "persisted", effectId: story.state.write.effectId });
  for (const assignment of story.out().slice(0, 5)) story.answer(assignment, 1);
  expect(story.asked("decode")).toHaveLength(1);
  return story;
}

test("[EV3] of sessions, assignments, jobs, effects and timers that there never were", () => {
  const story = atWork();
  expectNothing(story, [...wordsAbout(NOWHERE), ...ABOUT_WHAT_IS_UNKNOWN]);
});

test("[EV3] of effects that there never were, in a job and of a tab that are there", () => {
  const story = atWork();
  expectNothing(story, wordsAbout({ ...NOWHERE, jobId: "job" }));
  expectNothing(story, wordsAbout({ ...NOWHERE, jobId: "job", sessionId: "s7" }));
  expectNothing(story, wordsAbout({ ...NOWHERE, sessionId: "s7" }));
});

test("[EV3] [AS2] of an assignment from a tab that it was not sent to, or that is gone", () => {
  const story = atWork();
  const { assignmentId } = story.out()[0]!;
  const words = (sessionId: string) =>
    wordsAbout({ ...NOWHERE, sessionId, assignmentId }).filter(({ type }) => type !== "sessionProbed");
  expectNothing(story, words("s1"));
  expectNothing(story, words("nobody"));
});

test("[EV3] [AS3] of what was answered, audited and decoded already, said once more", () => {
  const story = atWork();
  const { effectId: decodeId } = story.asked("decode")[0]!;
  const { effectId: auditId, assignmentId } = story.asked("audit")[0]!;
  const { sessionId } = story.asked("sendAssignment")[0]!;
  expectNothing(
    story,
    wordsAbout({ jobId: "job", sessionId, assignmentId, effectId: auditId }).filter(({ type }) => type !== "decoded"),
  );
  story.happen({
    type: "decoded",
    effectId: decodeId,
    ...{ jobId: "job", roundIndex: 0, generation: 0 },
    outcome: GOOD_DECODE,
  });
  expectNothing(story, wordsAbout({ jobId: "job", sessionId, assignmentId, effectId: decodeId }));
});

test("[EV3] [JB2] of a job that has ended: nothing of it is done any more, but a lie counts", () => {
  const story = new Story({ hold: ["decode", "audit", "topUp"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  for (const assignment of sent.slice(0, 6)) story.answer(assignment, 1);
  for (const assignment of sent.slice(0, 5)) judge(story, assignment);
  const { effectId: decodeId } = story.asked("decode")[0]!;
  story.happen({ type: "jobCancelled", jobId: "job" });
  const { sessionId, assignmentId } = sent[6]!;
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  const late = wordsAbout({ jobId: "job", sessionId, assignmentId, effectId: story.asked("prepare")[0]!.effectId });
  expectNothing(story, late);
  const { effectId, jobId, roundIndex, generation } = story.asked("decode")[0]!;
  const round = { jobId, roundIndex, generation };
  expect(story.happen({ type: "decodeFailed", effectId, ...round, message: "no memory" })).toEqual([]);
  expect(story.happen({ type: "decoded", effectId: decodeId, ...round, outcome: GOOD_DECODE })).toEqual([]);
  expect(story.jobState("job")).toBe("cancelled");
  judge(story, sent[5]!, { failed: 1 });
  expect(story.state.volunteers.get("v6")!.quarantine).toMatchObject({ jobId: "job" });
  expect(story.jobState("job")).toBe("cancelled");
});

test("[EV3] of a job that has been forgotten since: nothing is left to count it for", () => {
  const story = new Story({ hold: ["decode", "audit"] });
  story.crowd(8);
  story.submit("job", { ...SYSTEMATIC, stragglers: 1, liars: 0 }, 40);
  story.draw = 0;
  const sent = story.out();
  for (const assignment of sent) story.answer(assignment, 1);
  for (const assignment of sent) judge(story, assignment);
  const [opinion] = story.out();
  story.draw = 0.9;
  story.answer(opinion!, 1);
  const audit = story.asked("audit").at(-1)!;
  const decode = story.asked("decode").at(-1)!;
  expect(audit.against).not.toBeNull();
  expect(story.job("job").decodesPending.has(decode.effectId)).toBe(true);
  story.happen({ type: "jobCancelled", jobId: "job" });
  story.state.jobs.delete("job");
  const passed = () => [...story.state.volunteers.values()].map(({ auditsPassed }) => auditsPassed);
  const before = passed();
  expect(judge(story, opinion!, { failed: 1, againstFailed: 1 })).toEqual([]);
  const round = { jobId: "job", roundIndex: 0, generation: 0 };
  expect(story.happen({ type: "decoded", effectId: decode.effectId, ...round, outcome: LIE })).toEqual([]);
  expect(passed()).toEqual(before);
  expect(story.state.quarantinedCount).toBe(0);
});
