/** [EV3] Word of what is not waited for, or not any more, changes nothing: whatever it is about, and whoever brings it. */
import { expect, test } from "vitest";
import { stateFingerprint } from "./testing/state-fingerprint.ts";
import { PLAIN, Story, type Told } from "./testing/story.ts";

interface Place {
  readonly jobId: string;
  readonly sessionId: string;
  readonly assignmentId: number;
  readonly effectId: number;
}

const NOWHERE: Place = { jobId: "no job", sessionId: "nobody", assignmentId: 900_001, effectId: 900_002 };

function wordsAbout({ jobId, sessionId, assignmentId, effectId }: Place): Told[] {
  const of = { jobId, effectId };
  const row = { place: 0, attempt: 0 };
  // Whoever listened to it would look for a liar.
  const lie = { volunteerId: "v1", attempt: 0, isRight: false };
  return [
    { type: "sessionProbed", sessionId, precision: "float32" },
    { type: "sessionProbed", sessionId, precision: null },
    { type: "persisted", effectId },
    { type: "persistFailed", effectId, message: "disk full" },
    { ...of, type: "rowsPrepared", rowMs: null, order: null },
    { type: "resultArrived", sessionId, assignmentId, draw: 0 },
    { type: "resultMalformed", sessionId, assignmentId, message: "not finite" },
    { type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" },
    { type: "assignmentReturned", sessionId, assignmentId },
    { ...of, type: "knownLooked", assignmentId: 900_003, volunteerId: "v1", rows: [{ place: 0, looked: "wrong" }] },
    { ...of, type: "recomputed", rows: [{ ...row, words: [lie] }] },
    { ...of, type: "recomputeFailed", message: "no memory" },
    { ...of, type: "rowsConfirmed", judged: [{ volunteerId: "v1", verdict: "differs", spread: 1e-6 }] },
    { ...of, type: "confirmRowsFailed", message: "no memory" },
    { ...of, type: "decodeFailed", message: "no memory" },
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
];

function expectNothing(story: Story, happenings: readonly Told[]): void {
  const before = stateFingerprint(story.state);
  for (const happening of happenings) {
    expect(story.happen(happening), happening.type).toEqual([]);
    expect(stateFingerprint(story.state), happening.type).toBe(before);
  }
}

/** Some claims are answered, others are out. */
function atWork(): Story {
  const story = new Story();
  story.crowd(7);
  story.submit("job", PLAIN, 2_000);
  for (const sent of story.out().slice(0, 5)) story.answer(sent, 1);
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
  const { assignmentId, sessionId } = story.out()[0]!;
  const words = (from: string) =>
    wordsAbout({ ...NOWHERE, sessionId: from, assignmentId }).filter(({ type }) => type !== "sessionProbed");
  expectNothing(story, words(sessionId === "s1" ? "s2" : "s1"));
  expectNothing(story, words("nobody"));
});

test("[EV3] [AS3] of what was answered and recomputed already, said once more", () => {
  const story = atWork();
  const { effectId } = story.asked("recompute")[0]!;
  const { sessionId, assignmentId } = story.asked("sendAssignment")[0]!;
  // Timers have numbers of the same row.
  const words = wordsAbout({ jobId: "job", sessionId, assignmentId, effectId });
  expectNothing(
    story,
    words.filter(({ type }) => type !== "timerFired"),
  );
});

test("[EV3] [JB2] of a job that has ended, or has been forgotten since: nothing of it is done any more", () => {
  const story = atWork();
  const { effectId } = story.asked("prepareRows")[0]!;
  const { sessionId, assignmentId } = story.asked("sendAssignment")[0]!;
  story.happen({ type: "jobCancelled", jobId: "job" });
  story.answerAll();
  expect(story.jobState("job")).toBe("cancelled");
  expectNothing(story, wordsAbout({ jobId: "job", sessionId, assignmentId, effectId }));
  expectNothing(story, wordsAbout({ ...NOWHERE, jobId: "job" }));
  story.state.jobs.delete("job");
  expectNothing(story, wordsAbout({ jobId: "job", sessionId, assignmentId, effectId }));
  expect(story.state.quarantinedCount).toBe(0);
});
