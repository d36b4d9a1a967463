import { describe, expect, test } from "vitest";
import { RowsStory } from "../testing/rows-story.ts";

describe("a job on the ledger of rows", () => {
  test("of 40 rows, with six tabs, ends final: its account carries none, and the coordinator computes it", () => {
    const story = new RowsStory();
    story.crowd(6);
    story.submit("job", 40);
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.finalCount("job")).toBe(40);
  });

  test("of 1,000 rows, with six tabs, ends final, and its reserve is free again", () => {
    const story = new RowsStory();
    story.crowd(6);
    story.submit("job", 1_000, { macsPerQuery: 1e9 });
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.finalCount("job")).toBe(1_000);
    expect([...story.durable.accounts.values()].map(({ account }) => account)).toMatchObject([
      { places: 1_000, held: 0, charged: 0 },
    ]);
  });
});
