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
    for (let n = QUICK + 1; n <= VOLUNTEERS; n++) {
      join(story, n);
      giveRecord(story, n);
    }
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
});
