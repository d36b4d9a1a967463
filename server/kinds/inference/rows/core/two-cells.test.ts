/** [CK2] Two coordinators whose jobs are booked on one account: each is told what the other has booked when it is too late. */
import { expect, test } from "vitest";
import { free } from "../../../../checks/account.ts";
import { RowsStory } from "../testing/rows-story.ts";
import { TwoCells } from "../testing/two-cells.ts";

const LARGE = { macsPerQuery: 1e9 };

function keyOfJobs(): string {
  const story = new RowsStory();
  story.submit("job", 1_000, LARGE);
  return [...story.state.accounts.keys()][0]!;
}

test("[CK2] a block that would take what another coordinator holds is opened anew within what is left", () => {
  const [cells, key] = [new TwoCells(60_000), keyOfJobs()];
  const [a, b] = [cells.of("a", key), cells.of("b", key)];
  a.submit("first", 2_000, LARGE);
  expect(cells.account.held).toBeCloseTo(49, 1);
  b.submit("second", 2_000, LARGE);
  expect(cells.refusals).toBe(1);
  expect(free(cells.account)).toBeGreaterThanOrEqual(-1e-6);
  expect(b.job("second").block?.block.terms.reserve).toBeLessThanOrEqual(64 - 49);
  expect(cells.account.places).toBe(64_000);
  for (const story of [a, b]) story.answerAll();
  expect([a.finalCount("first"), b.finalCount("second")]).toEqual([2_000, 2_000]);
  expect(cells.account).toMatchObject({ places: 64_000, held: 0, charged: 0 });
});

test("[CK2] where nothing is left it waits until the other has ended, and what a cancelled job left is looked at likewise", () => {
  const [cells, key] = [new TwoCells(17_000), keyOfJobs()];
  const [a, b] = [cells.of("a", key), cells.of("b", key)];
  a.submit("first", 2_000, LARGE);
  b.submit("second", 150, LARGE);
  expect([cells.refusals, b.out().length]).toEqual([1, 0]);
  expect(cells.own.get("b")).toMatchObject({ places: 0, held: 0 });
  a.happen({ type: "jobCancelled", jobId: "first" });
  expect(a.stateOf("first")).toBe("cancelled");
  expect(cells.account.held).toBe(0);
  b.happen({ type: "accountsElsewhere", accounts: [{ key, account: cells.othersOf("b") }] });
  b.answerAll();
  expect(b.finalCount("second")).toBe(150);
  expect(free(cells.account)).toBeGreaterThanOrEqual(-1e-6);
});
