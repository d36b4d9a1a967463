import { expect, test } from "vitest";
import { submitRun } from "../coded/testing/coded-story.ts";
import { PLAIN, Story } from "../coordinator/testing/story.ts";
import { openTellers } from "../kinds/kinds.ts";
import { stateFigures } from "./state-figures.ts";

test("[OP4] jobs that wait for tabs, or for more than there are, are counted, of every kind", async () => {
  const story = new Story();
  const figure = stateFigures(story.state, openTellers()).find(({ name }) => name === "paritab_jobs_without_tabs")!;
  const waiting = async () => (await figure.values())[0]![1];
  expect(await waiting()).toBe(0);
  story.submit("rows", PLAIN, 2_000);
  expect(await waiting()).toBe(1);
  // K = 2, S = 1, M = 1: it seats four volunteers.
  submitRun(story, "run", { iterations: 10 });
  expect(await waiting()).toBe(2);
  story.crowd(3);
  expect(await waiting()).toBe(1);
  story.join(4);
  expect(await waiting()).toBe(0);
});

test("[OP4] of jobs on the ledger the figures tell what rows wait for, trusted rows beside their price, and namings an hour", async () => {
  const story = new Story();
  const figures = stateFigures(story.state, openTellers());
  const told = async (name: string) =>
    Object.fromEntries(await figures.find((figure) => figure.name === name)!.values());
  expect(await told("paritab_rows_waiting")).toEqual({ fresh: 0, again: 0, check: 0, coordinator: 0 });
  expect(await told("paritab_rows_checked")).toEqual({ answered: 0, trusted: 0, priced: 0, duplicates: 0 });
  for (const name of ["paritab_row_claims_out", "paritab_row_oldest_not_final_seconds", "paritab_namings_last_hour"])
    expect(await told(name)).toEqual({ "": 0 });
});
