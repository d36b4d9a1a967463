/** [JB2] What a job says of what it waits for, while tabs have nothing of it to do. */
import { expect, test } from "vitest";
import { CHECKS_WAITED_FOR_MS_MIN } from "../../../shared/protocol/limits.ts";
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
