/** [CC5] Of whoever has been there for long much was taken in before: it is drawn as a partner as often as the others. */
import { expect, test } from "vitest";
import { giveRecord } from "../../../../coordinator/testing/crowd-play.ts";
import { Story } from "../../../../coordinator/testing/story.ts";
import { checkedJob, SETTINGS } from "../../testing/cross-checked-story.ts";
import type { Batch } from "../job.ts";
import { rowsToBeEstablished } from "./row-pool.ts";

const ROWS_OF_LONG_STANDING = 10_000;
const RESULTS = 250;

/** A fifth of the crowd is of long standing, the others are just established. @returns duplicates that went to each of both */
function duplicatesIn(volunteers: number, rows: number) {
  const story = new Story({ settings: SETTINGS });
  const isOld = (n: number) => n <= volunteers / 5;
  for (let n = 1; n <= volunteers; n++) story.join(n, `s${n}`, { addressGroup: `address ${n}` });
  story.submitJob(checkedJob({}, rows, { roundsInFlight: 64 }));
  const needed = rowsToBeEstablished(story.state, story.job("job"));
  for (let n = 1; n <= volunteers; n++) giveRecord(story, n, isOld(n) ? ROWS_OF_LONG_STANDING : needed);
  for (let n = 0; n < RESULTS && story.out().length > 0; n++) story.answer(story.out()[0]!, 1);
  const drawn = { old: 0, others: 0 };
  const note = (sessionId: string, count: number) => {
    drawn[isOld(Number(sessionId.slice(1))) ? "old" : "others"] += count;
  };
  for (const { sessionId, payload } of story.asked("sendAssignment"))
    note(sessionId, (payload as Batch).duplicates.length);
  const { queues } = story.job("job").checks!;
  for (const partner of queues.partners()) note(partner, queues.waitingFor(partner));
  return drawn;
}

test.each([
  ["small enough that all are weighed", 20, 6_000],
  ["so large that a few are tried", 300, 12_000],
])(
  "[CC5] in a crowd %s a fifth of long standing has a fifth of the duplicates, whatever it did before",
  (_, volunteers, rows) => {
    const { old, others } = duplicatesIn(volunteers, rows);
    expect(old + others).toBeGreaterThan(100);
    // Of records in full it would have more than nine in ten.
    expect(old / (old + others)).toBeLessThan(0.32);
    expect(old / (old + others)).toBeGreaterThan(0.1);
  },
);
