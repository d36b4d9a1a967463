/** [CC5] [CC14] A stream that leaves most tabs idle: the quickest are given all of its batches, and are not the only ones that check them. */
import { expect, test } from "vitest";
import type { AskedOf } from "../../../../coordinator/testing/story.ts";
import { begunStream } from "../../testing/cross-checked-stream.ts";
import type { Batch } from "../job.ts";
import { NO_ROUND } from "../work.ts";

type Sent = AskedOf<"sendAssignment">;

const QUICK = 3;
const isQuick = ({ sessionId }: Sent) => Number(sessionId.slice(1)) <= QUICK;

test("[CC5] a quarter of the crowd that answers before all others is given the queries, and no more than its share of the duplicates", () => {
  const story = begunStream();
  const rows = 500;
  for (let n = 0; n < rows; n++) {
    const firstQuery = story.job("job").stream!.received;
    story.happen({ type: "queriesPosted", jobId: "job", firstQuery, queryCount: 1 });
    for (let sent = story.out()[0]; sent !== undefined; sent = story.out()[0])
      story.answer(sent, isQuick(sent) ? 5 : 50);
  }
  const all = story.asked("sendAssignment");
  const fresh = all.filter(({ roundIndex }) => roundIndex !== NO_ROUND);
  expect(fresh.filter(isQuick).length / fresh.length).toBeGreaterThan(0.9);
  const sum = (of: readonly Sent[]) =>
    of.reduce((count, { payload }) => count + (payload as Batch).duplicates.length, 0);
  expect(sum(all)).toBeGreaterThan(4);
  expect(sum(all.filter(isQuick)) / sum(all)).toBeLessThan(0.5);
  expect(story.job("job").checks!.pool.size).toBeLessThan(4);
});
