/** What a job of days may meet: more volunteers than its records have numbers for, and more restarts than a row has attempts. */
import { expect, test } from "vitest";
import { Names } from "../engine/names.ts";
import { NO_AUTHOR, VOLUNTEERS_MAX } from "../records.ts";
import { RowsStory } from "../testing/rows-story.ts";
import { AUTHORS_MAX } from "./rows-job.ts";
import { rowsWaits } from "./waits.ts";

const LARGE = { macsPerQuery: 1e9 };

test("a job that has as many authors as its records take goes on with these, and says so", () => {
  const story = new RowsStory();
  story.crowd(1);
  story.submit("job", 1_000, LARGE);
  story.answer(story.out()[0]!);
  const job = story.job("job");
  const own = job.contributions.get("v1")!;
  for (let n = job.contributions.size; n < AUTHORS_MAX; n++) job.contributions.set(`key ${n}`, { ...own });
  story.leave("s1");
  for (let n = 2; n < 8; n++) story.join(n);
  expect(story.out()).toEqual([]);
  expect(rowsWaits(story.state, job).waitingFor).toContain("it has room for no others");
  story.pass(60_000);
  story.join(1, { sessionId: "again" });
  for (let n = 0; n < 20 && story.stateOf("job") !== "done"; n++) {
    story.answerAll();
    story.pass(60_000);
  }
  expect(story.stateOf("job")).toBe("done");
  expect(story.asked("takeRows").every(({ volunteerId }) => volunteerId === "v1")).toBe(true);
});

test("a partner for which there is no number left is not kept", () => {
  const names = new Names();
  for (let n = 0; n < VOLUNTEERS_MAX; n++) names.numberOf(`v${n}`);
  expect(names.partnerNumberOf("v7")).toBe(names.numberOf("v7"));
  expect(names.partnerNumberOf("another")).toBe(NO_AUTHOR);
  expect(() => names.numberOf("another")).toThrow("expected at most");
});

test("[CC2] a job whose coordinator was restarted more often than a row has attempts fails, and says why", () => {
  const story = new RowsStory();
  story.submit("job", 1_000, LARGE);
  const stored = story.durable.jobs.get("job")!;
  story.durable.jobs.set("job", { ...stored, crossChecks: { ...stored.crossChecks!, run: 4_000 } });
  const again = story.restart();
  expect(again.stateOf("job")).toBe("failed");
  expect(again.state.jobs.get("job")?.stored).toMatchObject({ error: expect.stringContaining("restarted 4000 times") });
});
