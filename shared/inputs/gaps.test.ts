import { expect, test } from "vitest";
import { classesOf } from "./label-texts.ts";
import { tableOf } from "./table.ts";

const CSV = 'a,"b, quoted",kind\n1,2,yes\n,4,no\n3,NA,yes\n5,,no\n';

test("empty cells are refused at the first of them, and counted", () => {
  expect(() => tableOf(CSV, "f", "kind")).toThrow(
    /^f, line 3, column 1: expected a finite number, got "": 3 empty cells in 2 columns; fill them in$/,
  );
});

test("where it is asked for they get their column's mean; words are classes, and both are said", () => {
  const { features, labels, notes } = tableOf(CSV, "f", "kind", { fillsGaps: true });
  expect([...features.data]).toEqual([1, 2, 3, 4, 3, 3, 5, 3]);
  expect([...labels!.data]).toEqual([1, 0, 1, 0]);
  expect(notes).toEqual([
    "3 empty cells in 2 columns: filled with the mean of the column",
    "labels: no is 0, yes is 1",
  ]);
});

test("a word among numbers is refused, among features and among labels; so is a label that is missing", () => {
  expect(() => tableOf("1,0\n2,cat\n", "f", "1")).toThrow(/line 2, column 2: expected a finite number, got "cat"/);
  expect(() => tableOf("a,b\n1,x\n2,\n", "f", "b")).toThrow(/line 3, column 2: expected a finite number, got ""/);
  expect(() => tableOf("a,b\n1,2\ncat,2\n", "f", "b", { fillsGaps: true })).toThrow(/line 3, column 1: .*got "cat"/);
  expect(() => tableOf("a,b\n1,x\n", "f", "b", { anyLabels: true })).toThrow(/got "x"/);
});

test("a table of words without a header is refused: its first row would be taken for one", () => {
  expect(() => tableOf("1,5,yes\n2,6,no\n", "f", "2")).toThrow(
    /line 1: expected names of columns, for labels are words; got "1"/,
  );
});

test("a label column that is left out may hold anything", () => {
  const { features } = tableOf("a,b\n1,x\n2,\n3,4.5\n", "f", "b", { skipsLabels: true });
  expect([...features.data]).toEqual([1, 2, 3]);
});

test("words are classes by the alphabet, yes and no by what they mean", () => {
  expect(classesOf(["dog", "cat", "dog"])).toEqual({ classes: [1, 0, 1], names: ["cat", "dog"] });
  expect(classesOf(["TRUE", "False"])).toEqual({ classes: [1, 0], names: ["false", "true"] });
});
