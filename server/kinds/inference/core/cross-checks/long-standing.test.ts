/**
 * [CC5] Of whoever has been there for long much was taken in before: it is drawn as a partner as often as the others. Many keys behind a few
 * addresses are drawn no more often than a few volunteers.
 */
import { expect, test } from "vitest";
import { giveRecord } from "../../../../coordinator/testing/crowd-play.ts";
import { Story } from "../../../../coordinator/testing/story.ts";
import { checkedJob, SETTINGS } from "../../testing/cross-checked-story.ts";
import type { Batch } from "../job.ts";
import { rowsToBeEstablished } from "./who-checks.ts";

const ROWS_OF_LONG_STANDING = 10_000;
const RESULTS = 250;

interface PartyCrowd {
  isParty(n: number): boolean;
  addressGroup(n: number): string;
  /** @param needed to be established */
  recordOf(n: number, needed: number): number;
  /** Where the party has one more tab of each key; absent: nowhere. */
  readonly secondAddress?: string;
}

/** @returns the share of all duplicates that went to the party, of more than a hundred */
function partyShare(volunteers: number, rows: number, { isParty, addressGroup, recordOf, secondAddress }: PartyCrowd) {
  const story = new Story({ settings: SETTINGS });
  for (let n = 1; n <= volunteers; n++) story.join(n, `s${n}`, { addressGroup: addressGroup(n) });
  for (let n = 1; n <= volunteers && secondAddress !== undefined; n++)
    if (isParty(n)) story.join(n, `t${n}`, { addressGroup: secondAddress });
  story.submitJob(checkedJob({}, rows, { roundsInFlight: 64 }));
  const needed = rowsToBeEstablished(story.state, story.job("job"));
  for (let n = 1; n <= volunteers; n++) giveRecord(story, n, recordOf(n, needed));
  for (let n = 0; n < RESULTS && story.out().length > 0; n++) story.answer(story.out()[0]!, 1);
  const drawn = { party: 0, others: 0 };
  const note = (sessionId: string, count: number) => {
    drawn[isParty(Number(sessionId.slice(1))) ? "party" : "others"] += count;
  };
  for (const { sessionId, payload } of story.asked("sendAssignment"))
    note(sessionId, (payload as Batch).duplicates.length);
  const { queues } = story.job("job").checks!;
  for (const partner of queues.partners()) note(partner, queues.waitingFor(partner));
  expect(drawn.party + drawn.others).toBeGreaterThan(100);
  return drawn.party / (drawn.party + drawn.others);
}

const SIZES = [
  ["small enough that all are weighed", 20, 6_000],
  ["so large that a few are tried", 300, 12_000],
] as const;

test.each(SIZES)(
  "[CC5] in a crowd %s a fifth of long standing has a fifth of the duplicates, whatever it did before",
  (_, volunteers, rows) => {
    const isParty = (n: number) => n <= volunteers / 5;
    const share = partyShare(volunteers, rows, {
      isParty,
      addressGroup: (n) => `address ${n}`,
      recordOf: (n, needed) => (isParty(n) ? ROWS_OF_LONG_STANDING : needed),
    });
    // Of records in full it would have more than nine in ten.
    expect(share).toBeLessThan(0.32);
    expect(share).toBeGreaterThan(0.1);
  },
);

test.each(SIZES)(
  "[CC5] in a crowd %s half of all keys behind two addresses have a fifth of the duplicates at most",
  (_, volunteers, rows) => {
    const isParty = (n: number) => n <= volunteers / 2;
    const share = partyShare(volunteers, rows, {
      isParty,
      addressGroup: (n) => `address ${isParty(n) ? n % 2 : n}`,
      recordOf: () => 1_000,
    });
    // By heads it would have half of them.
    expect(share).toBeLessThan(0.3);
  },
);

test("[CC5] keys behind one address count as few where each has a tab at another address too, that may check the first one's rows", () => {
  const isParty = (n: number) => n <= 10;
  const share = partyShare(20, 6_000, {
    isParty,
    addressGroup: (n) => `address ${isParty(n) ? 0 : n}`,
    recordOf: () => 1_000,
    secondAddress: "second address",
  });
  // One of eleven. Counted by the address that a row may go to it would have twice as many.
  expect(share).toBeLessThan(0.14);
});
