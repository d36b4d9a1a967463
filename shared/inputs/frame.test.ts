import { describe, expect, test } from "vitest";
import { GAP } from "../protocol/gap.ts";
import { modelRowsOf } from "./model-rows.ts";
import { tableOf } from "./table.ts";

const asFrame = { categoriesAdvice: "--categories COLUMNS" };
const frameOf = (text: string, label: string | null = "y", more: object = {}) =>
  tableOf(text, "f.csv", label, { asFrame: { ...asFrame, ...more } });

describe("a table of numbers, words and gaps", () => {
  test("words become places among levels by the alphabet, empty cells GAP, and labels keep their words", () => {
    const table = frameOf("size,city,y\n1.5,Rome,yes\n,Oslo,no\n3,NA,yes\n");
    expect(table.features).toEqual({ dtype: "F64", shape: [3, 2], data: Float64Array.of(1.5, 1, GAP, 0, 3, GAP) });
    expect(table.frame).toEqual({
      categories: [{ column: 1, levels: ["Oslo", "Rome"] }],
      gap: GAP,
      labelNames: ["no", "yes"],
    });
    expect(table.columnNames).toEqual(["size", "city"]);
    expect([...table.labels!.data]).toEqual([1, 0, 1]);
    expect(table.notes).toEqual([
      "categories: city; each level becomes a column",
      "2 empty cells in 2 columns: numbers get their column's mean, categories none of their levels",
      "labels: no, yes",
    ]);
  });

  test("a table of numbers alone is as before, in float64, with or without a header", () => {
    const { features, frame, notes } = frameOf("16777217,2,0\n1,0.1,1\n", "2");
    expect(features.data).toEqual(Float64Array.of(16777217, 2, 1, 0.1));
    expect([frame, notes]).toEqual([{ categories: [], gap: null, labelNames: null }, []]);
  });

  test("a slip among numbers is named, and both ways out; several slips at once", () => {
    const rows = Array.from({ length: 10 }, (_, i) => `${i},${i / 2},${i % 2}`);
    rows[4] = "oops,1,0";
    rows[6] = "3,2;5,1";
    const told =
      /f\.csv, line 6, column 1: expected a finite number, got "oops"; 1 of 10 cells of column a are no numbers: mend them, or say that it holds categories \(--categories COLUMNS\)\nf\.csv, line 8, column 2: .*"2;5"/;
    expect(() => frameOf(`a,b,y\n${rows.join("\n")}\n`)).toThrow(told);
    const forced = frameOf(`a,b,y\n${rows.join("\n")}\n`, "y", { categories: ["a", "1"] });
    expect(forced.frame!.categories.map(({ levels }) => levels.length)).toEqual([9, 9]);
  });

  test("a column of more different words than categories have is left out, and said", () => {
    const rows = Array.from({ length: 150 }, (_, i) => `name ${i},${i},${i % 2}`).join("\n");
    const { columnNames, features, notes } = frameOf(`who,x,y\n${rows}\n`);
    expect([columnNames, features.shape]).toEqual([["x"], [150, 1]]);
    expect(notes[0]).toBe("column who is left out: more than 100 different words, or a text");
    expect(() => frameOf(`who,y\n${rows.replaceAll(/,\d+,/g, ",")}\n`)).toThrow(/got texts alone/);
    const codes = Array.from({ length: 150 }, (_, i) => `${i},${i % 2}`).join("\n");
    expect(() => frameOf(`zip,y\n${codes}\n`, "y", { categories: ["zip"] })).toThrow(
      "expected at most 100 categories in column zip, got more",
    );
  });

  test("a first line that is data is not lost, and an empty label is named", () => {
    expect(() => frameOf("5.1,setosa,0\n4.9,other,1\n", "2")).toThrow(/line 1: expected names of columns, got "5.1"/);
    expect(() => frameOf("a,y\n1,yes\n2,\n")).toThrow(/f\.csv, line 3, column 2: expected a finite number, got ""/);
    expect(() => frameOf("a,y\n1,1\n2,no\n")).toThrow(/line 3, column 2: .*got "no"/);
  });

  test("the label's column is found by its name where nobody says which it is", () => {
    expect([...frameOf("a,target\n1,0\n2,1\n", null, { guessesLabels: true }).labels!.data]).toEqual([0, 1]);
    expect(frameOf("a,target,y\n1,0,1\n", null, { guessesLabels: true }).labels).toBeNull();
    expect(frameOf("y,a\n1,5\n0,6\n", null, { guessesLabels: true }).features.shape).toEqual([2, 1]);
  });
});

describe("rows for a model that knows its columns", () => {
  const columns = [
    { name: "city", kind: "category", levels: ["Oslo", "Rome"] },
    { name: "size", kind: "number" },
  ] as const;

  test("columns are found by their names; what the model does not know is told", () => {
    const rows = modelRowsOf("y,size,city\n1,2,Rome\n0,,Bern\n1,3,\n", "new.csv", columns);
    expect(rows.values).toEqual(Float64Array.of(1, 2, GAP, GAP, GAP, 3));
    expect(rows.notes).toEqual([
      "columns that the model does not use: y",
      "1 cell is none of the levels that were trained on: Bern",
    ]);
  });

  test("without names they are taken by their places, as many as there are", () => {
    expect(
      modelRowsOf("0,5\n", "n", [
        { name: null, kind: "number" },
        { name: null, kind: "number" },
      ]).rows,
    ).toBe(1);
    expect(() => modelRowsOf("1,2,3\n", "new.csv", columns)).toThrow(
      "expected 2 columns, as it was trained with, got 3",
    );
  });

  test("columns that are missing, or stand twice, are named; a word among numbers too", () => {
    expect(() => modelRowsOf("town,size\nOslo,1\n", "new.csv", columns)).toThrow('it lacks "city"');
    expect(() => modelRowsOf("city,size,size\nOslo,1,2\n", "new.csv", columns)).toThrow('it has "size" 2 times');
    expect(() => modelRowsOf("city,size\nOslo,big\n", "new.csv", columns)).toThrow(/line 2, column 2: .*got "big"/);
  });
});
