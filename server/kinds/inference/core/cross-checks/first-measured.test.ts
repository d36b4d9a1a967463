/**
 * [CC5] [PC3] Whose device is measured first for a model: in a crowd that has records, but none with this model, as at a new model and after a
 * restart.
 */
import { expect, test } from "vitest";
import { giveRecord } from "../../../../coordinator/testing/crowd-play.ts";
import { type AskedOf, Story } from "../../../../coordinator/testing/story.ts";
import { checkedJob, SETTINGS, toEnd } from "../../testing/cross-checked-story.ts";
import type { Batch } from "../job.ts";

type Sent = AskedOf<"sendAssignment">;

const QUICK = 4;
const isQuick = ({ sessionId }: Pick<Sent, "sessionId">) => Number(sessionId.slice(1)) <= QUICK;

/** Everybody has a record; a third is quick, and answers before the others' first batches are there. */
function quickTurns(volunteers: number) {
  const story = new Story({ settings: SETTINGS });
  for (let n = 1; n <= volunteers; n++) {
    story.join(n, `s${n}`, { addressGroup: `address ${n}` });
    giveRecord(story, n);
  }
  for (const { classes } of story.state.volunteers.values()) classes.clear();
  story.submitJob(checkedJob({}, 200 * volunteers, { roundsInFlight: 64 }));
  for (let n = 0; n < 60; n++) story.answer(story.out().find(isQuick)!, 1);
  return story;
}

/** Rows that wait, by for whom. */
function waiting(story: Story) {
  const { queues } = story.job("job").checks!;
  const count = { quick: 0, others: 0 };
  for (const partner of queues.partners())
    count[Number(partner.slice(1)) <= QUICK ? "quick" : "others"] += queues.waitingFor(partner);
  return count;
}

/** Duplicates of the batches that went out from here on, by whether who was sent them had answered a batch before. */
function sentAfter(story: Story, from: number) {
  return story
    .asked("sendAssignment")
    .slice(from)
    .filter(({ payload }) => (payload as Batch).duplicates.length > 0);
}

test.each([12, 40])(
  "[CC5] in a crowd of %i that has records rows wait for those too who are not measured yet, and go to them once they are",
  (volunteers) => {
    const story = quickTurns(volunteers);
    const { quick, others } = waiting(story);
    expect(others).toBeGreaterThan(quick);
    const from = story.asked("sendAssignment").length;
    for (const sent of story.asked("sendAssignment").filter((one) => !isQuick(one)))
      expect((sent.payload as Batch).duplicates).toEqual([]);
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    expect(story.job("job").checks!.pool.size).toBe(0);
    expect(sentAfter(story, from).some((sent) => !isQuick(sent))).toBe(true);
  },
);

test("[CC5] who is given no batch of the job is waited for until a third of it is taken in, and no longer", () => {
  const story = quickTurns(12);
  const { quick, others } = waiting(story);
  const isBusy = (sent: Sent) => Number(sent.sessionId.slice(1)) <= 8;
  // Four never answer.
  const { checks } = story.job("job");
  while (checks!.rowsTaken < 1_400) story.answer(story.out().find(isBusy)!, 1);
  expect(quick + others).toBeGreaterThan(10);
  for (const partner of checks!.queues.partners()) expect(Number(partner.slice(1))).toBeLessThanOrEqual(8);
});

test.each([true, false])(
  "[CC5] where every row is out at once (records: %s) those who answer first, and are measured first, do not check each other: rows wait for the others",
  (hasRecords) => {
    const volunteers = 60;
    const story = new Story({ settings: SETTINGS });
    for (let n = 1; n <= volunteers; n++) {
      story.join(n, `s${n}`, { addressGroup: `address ${n}` });
      if (hasRecords) giveRecord(story, n);
    }
    for (const { classes } of story.state.volunteers.values()) classes.clear();
    story.submitJob(checkedJob({}, 10 * volunteers, { roundsInFlight: 64 }));
    expect(story.out()).toHaveLength(volunteers);
    for (let next = story.out().find(isQuick); next !== undefined; next = story.out().find(isQuick))
      story.answer(next, 1);
    const { checks } = story.job("job");
    expect(checks).toMatchObject({ drawsAnyway: true, rowsTaken: 10 * QUICK });
    const sent = () => sentAfter(story, 0);
    const countOf = (batches: readonly Sent[]) =>
      batches.reduce((sum, { payload }) => sum + (payload as Batch).duplicates.length, 0);
    // They are a fifteenth of the crowd.
    expect(countOf(sent())).toBeLessThanOrEqual(2);
    expect(checks!.queues.size).toBeGreaterThan(2);
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    expect(checks!.pool.size).toBe(0);
    expect(countOf(sent().filter(isQuick)) / countOf(sent())).toBeLessThan(0.2);
  },
);
