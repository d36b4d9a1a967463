import fc from "fast-check";
import { expect, test } from "vitest";
import { GAP } from "../protocol/gap.ts";
import { type ModelColumn, modelRowsOf } from "./model-rows.ts";

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 8 });
const numbered = (trained: readonly string[]): ModelColumn[] => trained.map((name) => ({ name, kind: "number" }));
const csvOf = (given: readonly string[], rows: readonly (readonly unknown[])[]) =>
  [given, ...rows].map((cells) => `${cells.join(",")}\n`).join("");

test("[PR43] a table in any order of its columns, with others among them, is read by their names, each value under its own", () => {
  const cases = names.chain((trained) =>
    fc.tuple(fc.constant(trained), fc.shuffledSubarray([...trained, "SURPLUS"], { minLength: trained.length + 1 })),
  );
  fc.assert(
    fc.property(cases, ([trained, shuffled]) => {
      const rows = [0, 1, 2].map((row) => shuffled.map((name) => 100 * row + trained.indexOf(name)));
      const { values, rows: count, notes } = modelRowsOf(csvOf(shuffled, rows), "new.csv", numbered(trained));
      const expected = [0, 1, 2].flatMap((row) => trained.map((_, place) => 100 * row + place));
      expect([count, [...values], notes]).toEqual([3, expected, ["columns that the model does not use: SURPLUS"]]);
    }),
  );
});

test("every name that is missing is told, and nothing is predicted", () => {
  fc.assert(
    fc.property(names, names, (trained, given) => {
      const lacking = trained.filter((name) => !given.includes(name));
      fc.pre(lacking.length > 0);
      const text = csvOf(given, [given.map(() => 1)]);
      let told = "";
      try {
        modelRowsOf(text, "new.csv", numbered(trained));
      } catch (error) {
        told = (error as Error).message;
      }
      expect(told).toMatch(/^new\.csv: expected the columns of the training: /);
      for (const name of lacking.slice(0, 5)) expect(told).toContain(`"${name}"`);
    }),
  );
});

test("a name that stands twice fits only where the order is the same", () => {
  const columns = numbered(["a", "b", "a"]);
  expect([...modelRowsOf("a,b,a\n1,2,3\n", "new.csv", columns).values]).toEqual([1, 2, 3]);
  expect(() => modelRowsOf("a,a,b\n1,2,3\n", "new.csv", columns)).toThrow(/it has "a" 2 times/);
});

test("empty cells and unknown words are gaps, and the unknown ones are told; a word in a column of numbers is refused by its place", () => {
  const columns: ModelColumn[] = [
    { name: "city", kind: "category", levels: ["Oslo", "Rome"] },
    { name: "age", kind: "number" },
  ];
  const { values, notes } = modelRowsOf("age,city\n3,Rome\n?,Atlantis\nNA,\n", "new.csv", columns);
  expect([...values]).toEqual([1, 3, GAP, GAP, GAP, GAP]);
  expect(notes).toEqual(["1 cell is none of the levels that were trained on: Atlantis"]);
  expect(() => modelRowsOf("age,city\nold,Rome\n", "new.csv", columns)).toThrow(
    'new.csv, line 2, column 1: expected a finite number, got "old"',
  );
});

test("without names the places count, and a column to leave out is named by its place", () => {
  const columns = numbered(["a", "b"]);
  expect([...modelRowsOf("1,2\n3,4\n", "new.csv", columns).values]).toEqual([1, 2, 3, 4]);
  expect([...modelRowsOf("1,9,2\n", "new.csv", columns, "1").values]).toEqual([1, 2]);
  expect(() => modelRowsOf("1,9,2\n", "new.csv", columns)).toThrow("expected 2 columns, as it was trained with, got 3");
  expect(modelRowsOf("a,y,b\n1,9,2\n", "new.csv", columns, "y").notes).toEqual([]);
  const nameless: ModelColumn[] = [{ name: null, kind: "number" }];
  expect([...modelRowsOf("x\n7\n", "new.csv", nameless).values]).toEqual([7]);
});
