import { expect, test } from "vitest";
import { submitRun } from "../coded/testing/coded-story.ts";
import { Story } from "../coordinator/testing/story.ts";
import { openTellers } from "../kinds/tellers.ts";
import { stateFigures } from "./state-figures.ts";

test("[OP4] jobs that wait for tabs, or for more than there are, are counted, of every kind", async () => {
  const story = new Story();
  const figure = stateFigures(story.state, openTellers()).find(({ name }) => name === "paritab_jobs_without_tabs")!;
  const waiting = async () => (await figure.values())[0]![1];
  expect(await waiting()).toBe(0);
  story.submit("rows", { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 64);
  expect(await waiting()).toBe(1);
  // K = 2, S = 1, M = 1: it seats four volunteers.
  submitRun(story, "run", { iterations: 10 });
  expect(await waiting()).toBe(2);
  story.crowd(3);
  expect(await waiting()).toBe(1);
  story.join(4);
  expect(await waiting()).toBe(0);
});
