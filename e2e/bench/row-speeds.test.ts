/** Small cases of the bench of the ledger: what is asked is asked of the right figure, and a miss is called one. */
import { expect, test } from "vitest";
import { atLeast, atMost, goalsTable } from "./goals.ts";
import { BEFORE } from "./row-speeds/before.ts";
import { LONG_CROWDS, rowsPossiblePerMs, SHORT_CROWDS, SPEED_CROWDS } from "./row-speeds/drawn-crowds.ts";
import { speedsSection } from "./row-speeds/jobs-tables.ts";

test("a goal that is missed says so, and all are counted", () => {
  const { rows, notes } = goalsTable([
    atMost("seconds", 110, 111),
    atMost("wrong", 0, 0),
    atLeast("share", 0.97, 0.98),
  ]);
  expect(rows.map(({ name, holds }) => [name, holds])).toEqual([
    ["seconds", "MISSED"],
    ["wrong", "yes"],
    ["share", "yes"],
  ]);
  expect(notes).toEqual(["3 goals, 1 missed."]);
});

test("what was measured before the ledger is there for every crowd", () => {
  const names = (crowds: readonly { readonly name: string }[]) => crowds.map(({ name }) => name);
  expect(Object.keys(BEFORE.speeds)).toEqual(names(SPEED_CROWDS));
  expect(Object.keys(BEFORE.long)).toEqual(names(LONG_CROWDS));
  expect(Object.keys(BEFORE.short)).toEqual(names(SHORT_CROWDS));
});

test("of a crowd a quarter of whose tabs is mute the others alone are what is possible", () => {
  const [none, , , , mute] = LONG_CROWDS.map(({ tabs }) => tabs(1));
  const answering = none!.filter((_, tab) => tab % 4 !== 0);
  expect(rowsPossiblePerMs(mute!)).toBeCloseTo(rowsPossiblePerMs(answering), 12);
});

// Of a jitter of a tenth the mean pace is a little above the pace of the mean.
test("tabs a hundredfold apart give at least .97 of what they could, strangers too", () => {
  const { goals, table } = speedsSection([1], BEFORE.speeds);
  expect(goalsTable(goals).rows.map(({ holds }) => holds)).toEqual(Array.from({ length: 6 }, () => "yes"));
  expect(table.rows.every(({ share }) => Number(share) < 1.01)).toBe(true);
});
