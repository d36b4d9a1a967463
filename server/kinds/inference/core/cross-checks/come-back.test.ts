/** [CC7] After a restart all tabs connect again, those of a coalition before all others: rows wait until the others have had the time. */
import { describe, expect, test } from "vitest";
import { COME_BACK_MS, TAB_RECONNECT_MS_MAX } from "../../../../../shared/protocol/limits.ts";
import { storedVolunteer } from "../../../../coordinator/persistence.ts";
import { giveRecord } from "../../../../coordinator/testing/crowd-play.ts";
import { type AskedOf, Story } from "../../../../coordinator/testing/story.ts";
import { checkedJob, SETTINGS, toEnd } from "../../testing/cross-checked-story.ts";
import type { Batch } from "../job.ts";

type Sent = AskedOf<"sendAssignment">;

const VOLUNTEERS = 30;
const QUICK = 6;
const ROWS = 3_600;
const checksOf = (story: Story) => story.job("job").checks!;
const isQuick = (volunteerId: string) => Number(volunteerId.slice(1)) <= QUICK;

function join(story: Story, n: number): void {
  story.join(n, `s${n}`, { addressGroup: `address ${n}` });
}

/** @param rowsTaken of the job before the restart */
function restarted(rowsTaken: number) {
  const story = new Story({ settings: SETTINGS });
  for (let n = 1; n <= VOLUNTEERS; n++) {
    join(story, n);
    giveRecord(story, n);
  }
  story.submitJob(checkedJob({}, ROWS, { roundsInFlight: 64 }));
  while (story.jobState("job") !== "done" && story.job("job").finishedRounds.size < rowsTaken / 40)
    story.answer(story.out()[0]!, 1);
  const before = story.job("job");
  const rounds = [...before.finishedRounds].map(([roundIndex, { openedMs: _, ...round }]) => ({
    roundIndex,
    ...round,
  }));
  const volunteers = [...story.state.volunteers.values()].map(storedVolunteer);
  const again = new Story({ settings: SETTINGS });
  again.happen({ type: "restored", jobs: [{ job: { ...before.stored }, rounds, contributions: [] }], volunteers });
  return again;
}

/** The coordinator was started anew, and has nothing to do yet. */
function startedAnew(comeBackMs: number = COME_BACK_MS) {
  const before = new Story({ settings: SETTINGS });
  for (let n = 1; n <= VOLUNTEERS; n++) {
    join(before, n);
    giveRecord(before, n);
  }
  const story = new Story({ settings: { ...SETTINGS, comeBackMs } });
  const volunteers = [...before.state.volunteers.values()].map(storedVolunteer);
  story.happen({ type: "restored", jobs: [], volunteers });
  return story;
}

function duplicatesTo(story: Story, isOne: (volunteerId: string) => boolean): number {
  const { queues } = checksOf(story);
  const inBatches = story
    .asked("sendAssignment")
    .filter(({ sessionId }: Sent) => isOne(sessionId))
    .reduce((sum, { payload }) => sum + (payload as Batch).duplicates.length, 0);
  return queues.partners().reduce((sum, one) => sum + (isOne(one) ? queues.waitingFor(one) : 0), inBatches);
}

describe("[CC7] after a restart", () => {
  test("those who are back first are not drawn before the others can be: of these rows they check no more than their share", () => {
    const story = restarted(1_800);
    for (let n = 1; n <= QUICK; n++) join(story, n);
    for (let n = 0; n < 40; n++) story.answer(story.out()[0]!, 1);
    expect(checksOf(story).held.size).toBeGreaterThan(40);
    expect(duplicatesTo(story, isQuick)).toBe(0);
    for (let n = QUICK + 1; n <= VOLUNTEERS; n++) join(story, n);
    while (checksOf(story).held.size > 0) story.answer(story.out()[0]!, TAB_RECONNECT_MS_MAX / 15);
    expect(checksOf(story).drawsAnyway).toBe(false);
    const quick = duplicatesTo(story, isQuick);
    const others = duplicatesTo(story, (one) => !isQuick(one));
    expect(quick + others).toBeGreaterThan(40);
    expect(quick / (quick + others)).toBeLessThan(0.35);
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    expect(story.asked("settle")).toEqual([]);
  });

  test("at a job's end its rows wait for the volunteers, and the coordinator answers none of them", () => {
    const story = restarted(ROWS);
    const { pool } = checksOf(story);
    expect(pool.size).toBeGreaterThan(100);
    for (let n = 1; n <= QUICK; n++) join(story, n);
    expect([story.out(), story.asked("settle")]).toEqual([[], []]);
    for (let n = QUICK + 1; n <= VOLUNTEERS; n++) join(story, n);
    story.pass(COME_BACK_MS);
    expect(new Set(story.out().map(({ sessionId }) => isQuick(sessionId)))).toContain(false);
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    expect(story.asked("settle")).toEqual([]);
    expect(checksOf(story).pool.size).toBe(0);
  });

  test("where nobody comes back its coins are answered by the coordinator once the time is over", () => {
    const story = restarted(ROWS);
    expect(story.asked("settle")).toEqual([]);
    story.pass(COME_BACK_MS);
    expect(story.asked("settle").length).toBeGreaterThan(0);
  });

  test.each([600, 1_800, ROWS])(
    "nor of a job that begins before the others can be, of which they do %i of 3,600 rows until then",
    (rows) => {
      // Each of their batches takes a millisecond.
      const story = startedAnew(rows / 10 + 20);
      for (let n = 1; n <= QUICK; n++) join(story, n);
      story.submitJob(checkedJob({}, ROWS, { roundsInFlight: 64 }));
      const checks = checksOf(story);
      const nextOfQuick = () => story.out().find(({ sessionId }) => isQuick(sessionId));
      const quickTurn = () => {
        const next = nextOfQuick();
        return next === undefined ? story.pass(1) : story.answer(next, 1);
      };
      while (story.nowMs < checks.drawsFromMs - 1) quickTurn();
      expect(checks.rowsTaken).toBeGreaterThanOrEqual(rows);
      expect(checks.held.size).toBeGreaterThan(40);
      expect(duplicatesTo(story, isQuick)).toBe(0);
      for (let n = QUICK + 1; n <= VOLUNTEERS; n++) join(story, n);
      story.pass(1);
      // The others are at their first batches.
      for (let n = 0; n < 40; n++) quickTurn();
      toEnd(story);
      expect(story.jobState("job")).toBe("done");
      expect(story.asked("settle")).toEqual([]);
      const quick = duplicatesTo(story, isQuick);
      expect(quick / (quick + duplicatesTo(story, (one) => !isQuick(one)))).toBeLessThan(0.3);
    },
  );

  test("a job waits for nobody where there was nobody, or all could be back before it began", () => {
    const story = startedAnew();
    story.pass(COME_BACK_MS);
    for (const begun of [story, new Story({ settings: SETTINGS })]) {
      for (let n = 1; n <= VOLUNTEERS; n++) {
        join(begun, n);
        giveRecord(begun, n);
      }
      begun.submitJob(checkedJob({}, ROWS, { roundsInFlight: 64 }));
      for (let n = 0; n < 40; n++) begun.answer(begun.out()[0]!, 1);
      expect(checksOf(begun).held.size).toBe(0);
      expect(duplicatesTo(begun, () => true)).toBeGreaterThan(40);
    }
  });
});
