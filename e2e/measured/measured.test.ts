import { expect, test } from "vitest";
import { markedIn, withMarked } from "./marked-blocks.ts";
import { markdownTable, rowWith, share } from "./measured-table.ts";
import { whatIsWrong, writtenTexts } from "./pages.ts";

test("every table and figure that a program writes is what the committed figures say (npm run measure writes them)", () => {
  expect(whatIsWrong()).toEqual([]);
});

test("where a run was not measured yet its tables say so and how to, and a figure of it is none", () => {
  const run = {
    name: "late",
    bench: "late",
    args: [],
    minutes: 1,
    tables: { all: () => "" },
    figures: { one: () => "" },
  };
  expect([...writtenTexts([run], () => null)]).toEqual([
    ["late/all", "*Not measured yet: `npm run measure -- --only late` writes this table.*"],
  ]);
});

const PAGE = [
  "Gained: <!--figure: run/gain-->old<!---->.",
  "<!-- table: run/all -->",
  "| a |",
  "| - |",
  "<!-- end -->",
  "after <!-- table: run/other -->",
  "<!-- end -->",
].join("\n");

test("a page says which tables and figures it shows", () => {
  expect(markedIn(PAGE)).toEqual({ tables: ["run/all", "run/other"], figures: ["run/gain"] });
});

test("texts take their places, and whatever has none stays as it is", () => {
  const texts = new Map([
    ["run/gain", "1.13"],
    ["run/all", "| b |"],
  ]);
  const written = withMarked(PAGE, texts);
  expect(written).toBe(PAGE.replace("old", "1.13").replace("| a |\n| - |", "| b |"));
  expect(withMarked(written, texts)).toBe(written);
});

test("a table has a line a row, numbers to the right, and no doubled blanks", () => {
  const columns = [
    { title: "code", cell: () => "" },
    { title: "A", isNumber: true, cell: (row: { readonly [key: string]: unknown }) => share(row.a as number) },
  ];
  expect(markdownTable(columns, [{ a: 0.98412 }, { a: 1 }])).toBe(
    "| code | A |\n| --- | ---: |\n| | .984 |\n| | 1.000 |",
  );
});

test("a row that is not there, or there twice, is an error that says what was sought", () => {
  const rows = [{ k: 8, code: "spline" }];
  expect(rowWith(rows, { k: 8 })).toBe(rows[0]);
  expect(() => rowWith(rows, { k: 10 })).toThrow('expected one row with {"k":10}, got 0');
  expect(() => rowWith([...rows, ...rows], { k: 8 })).toThrow("got 2");
});

test("shares have no zero before their point, and keep their sign", () => {
  expect([share(0.5), share(-0.0123), share(1.2, 1), share(null)]).toEqual([".500", "-.012", "1.2", ""]);
});
