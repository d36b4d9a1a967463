import { expect, test } from "vitest";
import type { CoreRecord } from "../../../../coordinator/effects.ts";
import { RowsStory } from "../testing/rows-story.ts";

/** What a submission holds beside its rows is small: states, attempts and authors of a row take seven bytes. */
const BYTES_A_ROW_MAX = 16;

test("a job of 1,000,000 rows sends its first claims in the step that opens its block, and holds a few bytes a row", () => {
  const story = new RowsStory();
  story.crowd(16);
  const before = process.memoryUsage().arrayBuffers;
  story.submit("job", 1_000_000, { macsPerQuery: 1e6 });
  expect(story.out()).toHaveLength(16);
  const { ledger } = story.job("job");
  expect(ledger!.visits).toBeLessThan(16 * 1_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000 * BYTES_A_ROW_MAX);
});

test("a long block is written as final some rows at a time, and its reserve is free with the last of them", () => {
  const story = new RowsStory();
  story.crowd(16);
  story.submit("job", 60_000, { macsPerQuery: 1e4 });
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
  expect(story.finalCount("job")).toBe(60_000);
  const written = story.effects.flatMap((effect) => (effect.type === "persist" ? [effect.records] : []));
  const finals = written.map((records) => ofType(records, "final"));
  const sizes = finals.flat().map(({ places }) => places.length);
  expect(sizes.length).toBeGreaterThan(1);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(16_384);
  const last = finals.findLastIndex((some) => some.length > 0);
  expect(ofType(written[last]!, "account").at(-1)?.account.account).toMatchObject({ places: 60_000, held: 0 });
}, 120_000);

function ofType(records: readonly CoreRecord[], type: string) {
  return records.flatMap((one) => (one.kind === "job" && one.record.type === type ? [one.record as never] : [])) as {
    places: readonly number[];
    account: { account: object };
  }[];
}
