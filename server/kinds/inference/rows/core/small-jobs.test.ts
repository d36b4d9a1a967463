/** Jobs that their account does not carry, and that the coordinator computes itself while tabs are ready. */
import { expect, test } from "vitest";
import { COORDINATOR } from "../../core/job.ts";
import { RowsStory, type RowsStoryOptions } from "../testing/rows-story.ts";

function begun(options: RowsStoryOptions = {}, tabs = 6): RowsStory {
  const story = new RowsStory(options);
  story.crowd(tabs);
  story.submit("job", 40);
  return story;
}

const authorsOf = (story: RowsStory) => new Set(story.durableRows("job").map(({ author }) => author));

test("[CK11] of 40 rows tabs that are ready answer first: each row is the coordinator's too, and they are credited", () => {
  const story = begun();
  expect(story.out().length).toBeGreaterThan(1);
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
  expect(story.durableRows("job").every(({ mark, isFinal }) => mark === "exact" && isFinal)).toBe(true);
  const credited = [...(story.durable.contributions.get("job")?.values() ?? [])].filter(({ rows }) => rows > 0);
  expect(credited.length).toBeGreaterThan(1);
  expect(credited.every(({ failedRows }) => failedRows === 0)).toBe(true);
  expect([...authorsOf(story)].filter((author) => author !== COORDINATOR).length).toBeGreaterThan(1);
});

test("[CK11] what no tab has answered after three seconds the coordinator computes without them", () => {
  const story = begun();
  const [first] = story.out();
  story.answer(first!);
  story.pass(2_900);
  expect(story.stateOf("job")).toBe("running");
  story.pass(100);
  expect(story.stateOf("job")).toBe("done");
  expect(story.finalCount("job")).toBe(40);
  expect(story.out()).toEqual([]);
  expect(authorsOf(story)).toContain(COORDINATOR);
});

test("[CK11] without a tab that is ready it computes them at once", () => {
  const story = begun({}, 0);
  expect(story.stateOf("job")).toBe("done");
  expect([...authorsOf(story)]).toEqual([COORDINATOR]);
});

test("[CK11] a tab that lies in such a job is named, and no row of it stays wrong", () => {
  const story = begun({ lies: (volunteerId, place) => volunteerId === "v2" && place % 2 === 0 });
  story.answerAll();
  story.pass(10_000);
  expect(story.stateOf("job")).toBe("done");
  expect(story.finalCount("job")).toBe(40);
  expect([...story.state.crowd.named]).toContain("v2");
  expect(story.durableRows("job").filter(({ author }) => author === "v2")).toEqual([]);
});

test("[CK11] [RS1] after a restart the coordinator computes what is not there", () => {
  const story = begun();
  story.answer(story.out()[0]!);
  const again = story.restart();
  again.pass(3_000);
  expect(again.stateOf("job")).toBe("done");
  expect(again.finalCount("job")).toBe(40);
});
