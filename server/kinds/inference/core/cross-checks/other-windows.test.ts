/** [CC4] An attacker that tells duplicates by their windows: queries are dealt in secret within their own (LJ2). */
import { expect, test } from "vitest";
import type { AskedOf, Story } from "../../../../coordinator/testing/story.ts";
import { begun, checkedJob } from "../../testing/cross-checked-story.ts";
import type { Batch } from "../job.ts";
import { WINDOW_QUERIES_MAX } from "../query-windows.ts";
import { placeOf, standingAt } from "./checked-job.ts";

type Sent = AskedOf<"sendAssignment">;

const GROUPS = 64;
/** A round has four batches of so many rows. */
const ROUNDS_PER_WINDOW = WINDOW_QUERIES_MAX / (4 * GROUPS);
const HOLDER = "v12";

const duplicatesOf = ({ payload }: Sent) => (payload as Batch).duplicates;
const isOfSecondWindow = ({ roundIndex }: Pick<Sent, "roundIndex">) => roundIndex >= ROUNDS_PER_WINDOW;
const isHolders = ({ sessionId }: Sent) => sessionId === `s${HOLDER.slice(1)}`;

/** It is as honest as all others in the first window, and holds its batches back there until others are at the second one. */
function holdingBack() {
  const job = checkedJob({}, (3 * WINDOW_QUERIES_MAX) / 2, { groupsPerRound: GROUPS, roundsInFlight: 16 });
  const story = begun({}, 12, job);
  while (!story.out().some(({ roundIndex }) => roundIndex >= ROUNDS_PER_WINDOW - 12)) story.answer(story.out()[0]!, 1);
  const others = () => story.out().filter((sent) => !isHolders(sent));
  while (!others().every(isOfSecondWindow)) story.answer(others()[0]!, 1);
  for (let n = 0; n < 8; n++) story.answer(others()[0]!, 1);
  return story;
}

/** Rows of the batch whose coin is below h, and those of them that wait for somebody else, or are out to somebody. */
function coinsOf(story: Story, sent: Sent) {
  const job = story.job("job");
  const { checks, stored } = job;
  const rows = Array.from({ length: GROUPS }, (_, row) => row);
  const drawn = (row: number) => {
    const at = { ...sent, row };
    return { place: placeOf(job, at), attempt: standingAt(job, at)!.coins!.attempt };
  };
  const below = rows.filter((row) => checks!.draws.coin(drawn(row)) < stored.crossChecks!.terms!.checkShare);
  return { below, asked: rows.filter((row) => checks!.pool.has(drawn(row).place)) };
}

/** Comparisons with this partner that vouch for whom. */
const vouchedBy = (story: Story, whom: string, partner: string) =>
  story.job("job").checks!.counts.get(whom)?.partners.get(partner) ?? 0;

test("[CC4] whoever holds its batch back until others are at the next window may know all duplicates: each of its rows below h goes out again", () => {
  const story = holdingBack();
  for (const held of story.out().filter(isHolders)) story.answer(held, 1);
  // All rows of others in its next batch are of the window before: it answers these as they are, and lies in all that are left.
  const lies = story.out().find((sent) => isHolders(sent) && isOfSecondWindow(sent))!;
  const shown = duplicatesOf(lies);
  expect(shown.length).toBeGreaterThan(story.job("job").stored.crossChecks!.terms!.checkShare * GROUPS);
  for (const row of shown) expect(isOfSecondWindow(row)).toBe(false);
  const vouched = () =>
    shown
      .map((row) => standingAt(story.job("job"), row)!.volunteerId)
      .reduce((sum, author) => sum + vouchedBy(story, HOLDER, author), 0);
  const before = vouched();
  story.answer(lies, 1);
  const { below, asked } = coinsOf(story, lies);
  expect(below.length).toBeGreaterThan(0);
  expect(asked).toEqual(below);
  // [CC5] They check whoever answered them first, and say nothing of who knew them.
  expect(vouched()).toBe(before);
  for (const row of shown) {
    const author = standingAt(story.job("job"), row)!.volunteerId;
    expect(vouchedBy(story, author, HOLDER)).toBeGreaterThan(0);
  }
});

test("[CC4] rows of one window are hidden among each other: who is given some needs fewer of its own checked", () => {
  const story = holdingBack();
  let [hidden, fewer] = [0, 0];
  for (const sent of story.asked("sendAssignment")) {
    const ofWindow = duplicatesOf(sent).filter((row) => isOfSecondWindow(row) === isOfSecondWindow(sent));
    const source = standingAt(story.job("job"), sent);
    if (isHolders(sent) || source === null || ofWindow.length === 0) continue;
    const { below, asked } = coinsOf(story, sent);
    hidden++;
    if (asked.length < below.length) fewer++;
  }
  expect(hidden).toBeGreaterThan(20);
  expect(fewer).toBeGreaterThan(0);
});
