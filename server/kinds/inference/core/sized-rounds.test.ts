/** Which size of batch a tab gets, by what is known of its speed. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { must } from "../../../coordinator/assert.ts";
import { refreshCrowd } from "../../../coordinator/crowd/keep-crowd.ts";
import { recordResponse } from "../../../coordinator/response-times.ts";
import { Story, SYSTEMATIC, storedJob } from "../../../coordinator/testing/story.ts";
import type { SizedRounds } from "../records.ts";
import { roundSizeOf } from "./round-schedule.ts";

const PLAIN = { ...SYSTEMATIC, queriesPerGroup: 2, stragglers: 0, liars: 0, groupsPerRound: 40, roundsInFlight: 0 };
const MACS_PER_ROW = 100;

/** Rounds of 40, 10 and 5 groups of two, so many of each. */
function sizes(...rounds: [number, number, number]): { roundSizes: SizedRounds[]; queryCount: number } {
  let [fromRound, firstPlace] = [0, 0];
  const roundSizes = [40, 10, 5].map((groupsPerRound, size) => {
    const part = { fromRound, firstPlace, groupsPerRound };
    fromRound += rounds[size] ?? 0;
    firstPlace += (rounds[size] ?? 0) * groupsPerRound * 2;
    return part;
  });
  return { roundSizes, queryCount: firstPlace };
}

/** It has answered as many batches of ten rows, each row in so long. */
function measured(story: Story, sessionId: string, msPerRow: number, answers = 3): void {
  const session = must(story.state.sessions.get(sessionId), "story: the session is there");
  for (let n = 0; n < answers; n++)
    recordResponse(story.state, session, { ms: 10 * msPerRow, work: 10 * MACS_PER_ROW });
  refreshCrowd(story.state, session);
}

/** A tab for each of these speeds, s1 the first; null: nothing is known of it. */
function begin(msPerRow: readonly (number | null)[], rounds: [number, number, number], hold: "decode"[] = []) {
  const story = new Story({ hold });
  msPerRow.forEach((ms, i) => {
    story.join(i + 1);
    if (ms !== null) measured(story, `s${i + 1}`, ms);
  });
  story.submitJob({ ...storedJob("job", PLAIN, 0, story.nowMs), ...sizes(...rounds) });
  return story;
}

/** Groups of the batch that the session is at; null: it idles. */
function rowsAt(story: Story, sessionId: string): number | null {
  const sent = story.out().find((one) => one.sessionId === sessionId);
  if (sent === undefined) return null;
  const { schedule } = story.job("job");
  return schedule.parts[roundSizeOf({ schedule }, sent.roundIndex)]?.groupsPerRound ?? null;
}

const atWork = (story: Story, count: number) => Array.from({ length: count }, (_, i) => rowsAt(story, `s${i + 1}`));

function answerOf(story: Story, sessionId: string, afterMs: number): void {
  story.answer(
    must(
      story.out().find((one) => one.sessionId === sessionId),
      `story: ${sessionId} is at something`,
    ),
    afterMs,
  );
}

test("[DP12] each tab gets batches that it answers within three seconds, and the smallest while nothing is known of it", () => {
  const story = begin([10, 70, 80, 250, 400, 2_000, null, null], [40, 40, 40]);
  expect(atWork(story, 8)).toEqual([40, 40, 10, 10, 5, 5, 5, 5]);
});

test("[DP12] a tab whose latest answer took long gets smaller batches from the next one on, and larger ones when it is fast again", () => {
  const story = begin([60, 60, 300, 300], [40, 40, 40]);
  expect(rowsAt(story, "s1")).toBe(40);
  answerOf(story, "s1", 2_400);
  expect(rowsAt(story, "s1")).toBe(40);
  // Four times as slow: ten seconds for forty rows, and so more than three for all but ten.
  answerOf(story, "s1", 10_000);
  expect(rowsAt(story, "s1")).toBe(10);
  answerOf(story, "s1", 600);
  expect(rowsAt(story, "s1")).toBe(40);
});

test("[DP12] where no round of its own size is left a tab takes smaller ones first, and then larger ones", () => {
  const fast = begin([10, 10], [1, 3, 3]);
  expect(atWork(fast, 2)).toEqual([40, 40]);
  answerOf(fast, "s1", 300);
  expect(rowsAt(fast, "s1")).toBe(10);
  const slow = begin([2_000, 2_000], [2, 1, 1]);
  expect(atWork(slow, 2)).toEqual([5, 5]);
  answerOf(slow, "s1", 10_000);
  expect(rowsAt(slow, "s1")).toBe(10);
});

test("[DP12] a batch that would outlast the rest of the job is not begun while somebody faster is at one", () => {
  const story = begin([10, 10, 2_000], [1, 0, 4]);
  expect(atWork(story, 3)).toEqual([40, 40, 5]);
  for (let n = 0; n < 4; n++) {
    answerOf(story, "s1", 50);
    answerOf(story, "s2", 0);
  }
  const left = story.out().filter(({ sessionId }) => sessionId === "s3");
  expect(left).toHaveLength(1);
  // Ten seconds for five rows: the others were through with all that was left long before.
  story.answer(left[0]!, 9_000);
  expect(rowsAt(story, "s3")).toBeNull();
});

test("[DP12] when all rounds are open, what takes its tab long is sent to somebody faster who idles, and whoever is first counts", () => {
  const story = begin([10, 10, 1_500], [1, 0, 1]);
  const slow = must(
    story.out().find(({ sessionId }) => sessionId === "s3"),
    "story: the slow one has a small batch",
  );
  answerOf(story, "s1", 300);
  answerOf(story, "s2", 0);
  while (story.out().some(({ sessionId }) => sessionId !== "s3"))
    story.answer(story.out().find(({ sessionId }) => sessionId !== "s3")!, 50);
  const places = story
    .asked("sendAssignment")
    .filter(({ roundIndex, workerIndex }) => roundIndex === slow.roundIndex && workerIndex === slow.workerIndex);
  expect(places.map(({ sessionId }) => sessionId)).toHaveLength(2);
  expect(story.jobState("job")).toBe("done");
  expect(story.asked("voidAssignment")).toContainEqual(
    expect.objectContaining({ assignmentId: slow.assignmentId, tell: true }),
  );
});

test("[DP12] [JB2] whatever the speeds, whoever leaves and comes: a job of several sizes ends", () => {
  const speeds = fc.constantFrom(5, 40, 90, 300, 1_500, null);
  const rounds = fc.tuple(fc.nat(4), fc.nat(4), fc.integer({ min: 1, max: 4 }));
  const turns = fc.array(fc.nat(), { minLength: 1, maxLength: 60 });
  const setting = fc.record({ first: fc.array(speeds, { minLength: 1, maxLength: 6 }), rounds, turns });
  let ended = 0;
  fc.assert(
    fc.property(setting, ({ first, rounds, turns }) => {
      const story = begin(first, rounds);
      let tabs = first.length;
      for (const turn of turns) {
        const out = story.out();
        const one = out[turn % Math.max(1, out.length)];
        if (turn % 7 === 0 && one !== undefined) {
          story.happen({ type: "sessionClosed", sessionId: one.sessionId });
          story.join(++tabs);
          measured(story, `s${tabs}`, 1 + (turn % 900));
        } else if (one !== undefined) story.answer(one, 1 + (turn % 5_000));
        if (turn % 5 === 0) story.pass(turn % 20_000);
      }
      // From here on nobody is late.
      for (let n = 0; n < 2_000 && story.jobState("job") !== "done"; n++) {
        if (story.out().length === 0) story.join(++tabs);
        else story.answer(story.out()[0]!, 5);
      }
      expect(story.jobState("job")).toBe("done");
      ended++;
    }),
    { numRuns: 60 },
  );
  expect(ended).toBe(60);
});
