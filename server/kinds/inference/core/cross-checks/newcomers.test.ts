/** [CC4] [CC5] An attacker that is first to have a record, in a crowd without any. */
import { expect, test } from "vitest";
import { type AskedOf, Story } from "../../../../coordinator/testing/story.ts";
import { begun, checkedJob, SETTINGS, toEnd } from "../../testing/cross-checked-story.ts";
import type { Batch } from "../job.ts";
import type { BatchRow } from "../work.ts";
import { placeOf, standingAt } from "./checked-job.ts";
import { rowsToBeEstablished } from "./who-checks.ts";

type Sent = AskedOf<"sendAssignment">;

const QUICK = 4;
const ROWS = 2_400;
const isQuick = ({ sessionId }: Sent) => Number(sessionId.slice(1)) <= QUICK;
const duplicatesOf = ({ payload }: Sent) => (payload as Batch).duplicates;
const checksOf = (story: Story) => story.job("job").checks!;

/** A third of the crowd takes all turns; the others have their first batches, and no record. */
function quickTurns(turns = 40) {
  const story = begun({}, 12, checkedJob({}, ROWS));
  for (let turn = 0; turn < turns; turn++) story.answer(story.out().find(isQuick)!, 1);
  return story;
}

/** All answer in turn, until as many as are asked for are established. */
function untilEstablished(story: Story, established: number) {
  const count = () => {
    const needed = rowsToBeEstablished(story.state, story.job("job"));
    return story.state.crowd.partners.countFrom(needed + 1);
  };
  while (count() < established) story.answer(story.out()[0]!, 1);
}

function untilNoneIsHeld(story: Story) {
  while (checksOf(story).held.size > 0) story.answer(story.out()[0]!, 1);
}

function expectEndWithoutPool(story: Story) {
  toEnd(story);
  expect(story.jobState("job")).toBe("done");
  expect(checksOf(story).pool.size).toBe(0);
}

test("[CC5] nobody is drawn while few are established, though those few may check: rows wait, and go to nobody", () => {
  const story = quickTurns();
  const { held, pool, queues, rowsTaken } = checksOf(story);
  expect(rowsTaken).toBeGreaterThanOrEqual(400);
  expect(held.size).toBeGreaterThan(5);
  expect([...pool.values()].every(({ at, wasHeld }) => at === null && wasHeld)).toBe(true);
  expect(queues.size).toBe(0);
  expect(story.asked("sendAssignment").every((sent) => duplicatesOf(sent).length === 0)).toBe(true);
});

test("[CC5] partners are drawn once two in three are established, for rows that waited too", () => {
  const story = quickTurns();
  untilEstablished(story, 8);
  untilNoneIsHeld(story);
  expect(checksOf(story).drawsAnyway).toBe(false);
  expect([...checksOf(story).pool.values()].some(({ at, wasHeld }) => at !== null && wasHeld)).toBe(true);
  expectEndWithoutPool(story);
});

test("[CC5] where many newcomers come to a crowd that has records rows wait again", () => {
  const story = quickTurns();
  untilEstablished(story, 12);
  untilNoneIsHeld(story);
  for (let n = 13; n <= 24; n++) story.join(n, `s${n}`, { addressGroup: `address ${n}` });
  const before = checksOf(story).rowsTaken;
  for (let n = 0; n < 200 && checksOf(story).held.size === 0; n++) story.answer(story.out()[0]!, 1);
  expect(checksOf(story).held.size).toBeGreaterThan(0);
  expect(checksOf(story).rowsTaken).toBeLessThan(before + 400);
  expectEndWithoutPool(story);
});

test("[CC4] a row that waited so counts in no batch as if it checked the others: whoever was first may know it", () => {
  const story = quickTurns();
  untilEstablished(story, 8);
  let withHeld = 0;
  for (let n = 0; n < 400 && story.out().length > 0; n++) {
    const sent = story.out()[0]!;
    const duplicates = duplicatesOf(sent);
    const { pool } = checksOf(story);
    const wasHeld = (row: BatchRow) => pool.get(placeOf(story.job("job"), row))?.wasHeld === true;
    const waited = duplicates.filter(wasHeld).length;
    story.answer(sent, 1);
    const coins = sent.roundIndex < 0 ? undefined : standingAt(story.job("job"), sent)?.coins;
    if (coins === undefined || waited === 0) continue;
    withHeld++;
    expect(coins.duplicates).toBe(duplicates.length);
    expect(coins.hidden).toBe(duplicates.length - waited);
  }
  expect(withHeld).toBeGreaterThan(3);
});

test("[CC5] where every row is out before the crowd is established rows wait no longer: partners are drawn among all, not the quick alone", () => {
  const story = begun({}, 12, checkedJob({}, ROWS));
  // All answer until their devices are measured; then the quick ones alone, until nothing is left to be sent for the first time.
  for (let n = 0; n < 24; n++) story.answer(story.out()[0]!, 1);
  for (;;) {
    const next = story.out().find(isQuick);
    if (next === undefined) break;
    story.answer(next, 1);
  }
  toEnd(story);
  expect(story.jobState("job")).toBe("done");
  expect(checksOf(story).held.size).toBe(0);
  const sent = story.asked("sendAssignment").filter((one) => duplicatesOf(one).length > 0);
  const toQuick = sent.filter(isQuick).reduce((sum, one) => sum + duplicatesOf(one).length, 0);
  const toOthers = sent.reduce((sum, one) => sum + duplicatesOf(one).length, 0) - toQuick;
  expect(toOthers).toBeGreaterThan(toQuick);
});

test("[CC5] two in three keys that have a record are no crowd where they are behind two addresses of eight: rows wait", () => {
  const story = new Story({ settings: SETTINGS });
  const isKey = (n: number) => n <= 12;
  for (let n = 1; n <= 18; n++) story.join(n, `s${n}`, { addressGroup: `address ${isKey(n) ? n % 2 : n}` });
  story.submitJob(checkedJob({}, ROWS, { roundsInFlight: 64 }));
  const ofKey = ({ sessionId }: Sent) => isKey(Number(sessionId.slice(1)));
  const needed = rowsToBeEstablished(story.state, story.job("job"));
  const { partners } = story.state.crowd;
  for (let n = 0; n < 300 && partners.countFrom(needed + 1) < 12; n++) story.answer(story.out().find(ofKey)!, 1);
  expect([partners.countFrom(needed + 1), partners.size]).toEqual([12, 18]);
  for (let n = 0; n < 10; n++) story.answer(story.out().find(ofKey)!, 1);
  expect(checksOf(story).held.size).toBeGreaterThan(0);
  expect(checksOf(story).queues.size).toBe(0);
  untilNoneIsHeld(story);
  expect(checksOf(story).drawsAnyway).toBe(false);
  expectEndWithoutPool(story);
});
