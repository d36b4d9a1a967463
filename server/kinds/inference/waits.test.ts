/** [JB2] What a job says of what it waits for, while tabs have nothing of it to do. */
import { expect, test } from "vitest";
import { CHECKS_WAITED_FOR_MS_MIN } from "../../../shared/protocol/limits.ts";
import type { AwayReason } from "../../../shared/protocol/why-no-tab.ts";
import { Story, type StoryOptions } from "../../coordinator/testing/story.ts";
import { judge } from "../../coordinator/testing/verdicts.ts";
import { waitsOf } from "./views.ts";

const JOB = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, groupsPerRound: 4, roundsInFlight: 1 };
const NO_TABS = { waitingFor: "waiting for tabs: no tab is connected and ready", lacksTabs: "any" };

function begin(queryCount: number, crowd: number, hold: NonNullable<StoryOptions["hold"]>): Story {
  const story = new Story({ hold });
  story.crowd(crowd);
  story.submit("job", JOB, queryCount);
  return story;
}

const waits = (story: Story) => waitsOf(story.state, story.job("job"));

/** So much later something happens that has nothing to do with the job. */
function later(story: Story, ms: number): void {
  story.nowMs += ms;
  story.happen({ type: "resultArrived", sessionId: "nobody", assignmentId: -1, draw: 0 });
}

function everybodyLeaves(story: Story): void {
  for (const sessionId of [...story.state.sessions.keys()]) story.happen({ type: "sessionClosed", sessionId });
}

const rowsAsked = (story: Story) =>
  story.asked("audit").reduce((sum, { randomRows, classRows }) => sum + randomRows + classRows, 0);

test("[JB2] a job with all batches in waits for the coordinator's checks, however many tabs are there, once these take a while", () => {
  const story = begin(16, 8, ["audit"]);
  const [last, ...others] = story.out();
  for (const sent of others) story.answer(sent);
  later(story, CHECKS_WAITED_FOR_MS_MIN);
  // A tab is at a batch of it still.
  expect(waits(story)).toEqual({ waitingFor: null });
  story.answer(last!);
  const waitingFor = `waiting for the coordinator's checks: it computes ${rowsAsked(story)} rows`;
  expect(waits(story)).toEqual({ waitingFor });
  everybodyLeaves(story);
  expect(waits(story)).toEqual({ waitingFor });
});

test("[JB2] checks that are quick are no word worth, and what is left for tabs comes first", () => {
  const story = begin(64, 8, ["audit"]);
  story.answerAll();
  expect(waits(story)).toEqual({ waitingFor: null });
  later(story, CHECKS_WAITED_FOR_MS_MIN);
  expect(waits(story).waitingFor).toMatch(/^waiting for the coordinator's checks: it computes \d+ rows$/);
  everybodyLeaves(story);
  expect(waits(story)).toEqual(NO_TABS);
});

test("[JB2] a tab that rests between two batches is no reason, however often it does; one that pauses says by which rule", () => {
  const story = begin(64, 1, []);
  const says = (available: boolean, because?: AwayReason) =>
    story.happen({ type: "availabilityChanged", sessionId: "s1", available, ...(because && { because }) });
  for (let n = 0; n < 8; n++) {
    says(false, "resting");
    expect(waits(story)).toEqual({ waitingFor: null });
    says(true);
    expect(waits(story)).toEqual({ waitingFor: null });
  }
  says(false, "busy");
  expect(waits(story)).toEqual({
    waitingFor:
      "waiting for tabs: the one tab that is connected pauses by its busy rule; if it is yours, change that rule on its page",
    lacksTabs: "any",
  });
  // A tab of another version does not say why.
  says(false);
  expect(waits(story).waitingFor).toMatch(
    /^waiting for tabs: the one tab that is connected is paused by its volunteer;/,
  );
});

test("[JB2] a code of different volunteers counts whoever rests, and says which smaller one those who are here are enough for", () => {
  const story = new Story();
  story.submit("job", { ...JOB, scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1 }, 8);
  story.crowd(3);
  const needs = /replication needs 6 different volunteers, (\d) (?:is|are) ready; with (.*) enough$/.exec(
    waits(story).waitingFor!,
  )!;
  expect(needs.slice(1)).toEqual(["3", "--queries-per-group 2 --stragglers 0 --liars 0, 2 are"]);
  // The other threads of those volunteers are nobody else.
  for (const n of [1, 2, 3]) story.join(n, `s${n}b`);
  expect(waits(story).waitingFor).toContain("3 are ready");
  for (const n of [4, 5, 6]) story.join(n);
  for (const sessionId of ["s1", "s1b"])
    story.happen({ type: "availabilityChanged", sessionId, available: false, because: "resting" });
  expect(waits(story)).toEqual({ waitingFor: null });
});

test("[JB2] rows that are computed once more before anybody is named are told of at once", () => {
  const story = begin(16, 8, ["audit", "confirm"]);
  const [sent] = story.out();
  story.answer(sent!);
  judge(story, sent!, { failed: 1 });
  for (let other = story.out()[0]; other !== undefined; other = story.out()[0]) {
    expect(waits(story)).toEqual({ waitingFor: null });
    story.answer(other);
    judge(story, other);
  }
  expect(waits(story)).toEqual({
    waitingFor: "waiting for the coordinator's checks: it computes once more what differs",
  });
  const { effectId, jobId, assignmentId, volunteerIds } = story.asked("confirm").at(-1)!;
  const judged = volunteerIds.map((volunteerId) => ({ volunteerId, verdict: "agrees", spread: 0 }) as const);
  story.happen({ type: "confirmed", effectId, jobId, assignmentId, judged });
  expect(story.jobState("job")).toBe("done");
});

test("[JB2] at its end a job waits for the last checks of those who have no record yet", () => {
  const story = begin(16, 8, ["topUp"]);
  story.answerAll();
  expect(story.jobState("job")).toBe("auditing");
  expect(waits(story)).toEqual({ waitingFor: "waiting for the coordinator's last checks" });
});
