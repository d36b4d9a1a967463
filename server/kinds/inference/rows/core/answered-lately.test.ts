import { expect, test } from "vitest";
import { noteAnswered, type RowsAnswered, remainingOfRows } from "./answered-lately.ts";

const at = (...changes: readonly [atMs: number, rows: number][]): RowsAnswered[] =>
  changes.map(([atMs, rows]) => ({ atMs, rows }));

test("the time that is left is unknown before there is a rate, and where every row has an answer", () => {
  expect(remainingOfRows([], 10, 1_000)).toBeNull();
  expect(remainingOfRows(at([0, 0], [100, 5]), 10, 1_000)).toBeNull();
  expect(remainingOfRows(at([0, 0], [100, 5], [200, 10]), 10, 1_000)).toBeNull();
  expect(remainingOfRows(at([0, 6], [100, 5], [200, 4]), 10, 1_000), "answers were taken out").toBeNull();
});

test("the time that is left follows from the latest changes, and grows while nothing is answered", () => {
  const lately: RowsAnswered[] = [];
  for (let n = 0; n < 20; n++) noteAnswered(lately, { atMs: 10_000 * n, rows: n });
  for (let n = 0; n < 12; n++) noteAnswered(lately, { atMs: 200_000 + 10 * n, rows: 100 + 10 * n });
  noteAnswered(lately, { atMs: 300_000, rows: 210 });
  expect(remainingOfRows(lately, 310, 200_110)).toBe(100);
  expect(remainingOfRows(lately, 310, 201_100)).toBe(1_000);
});
