import { expect, test } from "vitest";
import { partsOf, together } from "./figures-file.ts";
import { linePlot } from "./line-plot.ts";
import { markedIn, withMarked } from "./marked-blocks.ts";
import { markdownTable, rowWith, seeds, share } from "./measured-table.ts";
import { alike, meanText, rangeText, sumOf } from "./over-parts.ts";
import { whatIsWrong, writtenTexts } from "./pages.ts";

test("every table and figure that a program writes is what the committed figures say (npm run measure writes them)", () => {
  expect(whatIsWrong()).toEqual([]);
});

test("where a run was not measured yet its tables say so and how to, and its figures say so", () => {
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
    ["late/one", "*not measured yet*"],
  ]);
});

test("a run in parts has a file and a command for each, and so has a command that is no bench", () => {
  const run = { name: "late", bench: "lates", args: ["--rows", "5"], minutes: 1, tables: {} };
  const said = (parts: ReturnType<typeof partsOf>) =>
    parts.map(({ path, command }) => [path.replace(/.*\//, ""), command]);
  expect(said(partsOf({ ...run, parts: seeds(3, 4) }))).toEqual([
    ["late.1.json", "npm run bench -- lates --rows 5 --seed 3"],
    ["late.2.json", "npm run bench -- lates --rows 5 --seed 4"],
  ]);
  expect(said(partsOf({ ...run, bench: null, script: "demo", args: [] }))).toEqual([["late.json", "npm run demo"]]);
});

const SAID = { name: "late", command: "", date: "2026-11-27", machine: "", commit: null, seed: 1 };

test("tables of parts stand together, each row with the number of its part; the largest load is told", () => {
  const whole = together([
    { ...SAID, seconds: 2, load: 0.5, rows: [{ a: 1 }], more: [{ b: 1 }] },
    { ...SAID, seconds: 3, load: 0.25, rows: [{ a: 2 }, { a: 3 }], more: [] },
  ]);
  expect(whole.rows).toEqual([
    { a: 1, part: 1 },
    { a: 2, part: 2 },
    { a: 3, part: 2 },
  ]);
  expect([whole.more, whole.seconds, whole.load]).toEqual([[{ b: 1, part: 1 }], 5, 0.5]);
});

test("rows that are alike become one: counts are added up, shares have an interval, and a range says how far they lie apart", () => {
  const rows = [
    { plan: "a", wrong: 1, final: 0.5 },
    { plan: "b", wrong: 9, final: 0.9 },
    { plan: "a", wrong: 4, final: 0.7 },
  ];
  const [first, second] = alike(rows, ["plan"]);
  expect([sumOf(first!, "wrong"), rangeText(first!.map(({ wrong }) => Number(wrong)))]).toEqual([5, "1 to 4"]);
  // Student's t of one degree of freedom, 12.706, times the standard error .1.
  expect([meanText(first!, "final", 2), meanText(second!, "final", 2)]).toEqual([".60 ± 1.27", ".90"]);
  expect(rangeText([2, 2])).toBe("2");
});

test("on a plotted curve twice as much is as far everywhere, and titles of curves that end alike do not overlap", () => {
  const curve = (title: string) => ({ title, colour: "#000", points: [1, 2, 4].map((x) => [x, x] as const) });
  const svg = linePlot({ title: "t", xTitle: "x", yTitle: "y", curves: [curve("one"), curve("other")] });
  const numbers = (pattern: RegExp) => [...svg.matchAll(pattern)].map(([, number]) => Number(number));
  const [a, b, c] = numbers(/<circle cx="([\d.]+)"/g);
  expect(b! - a!).toBeCloseTo(c! - b!, 6);
  const [one, other] = numbers(/<text x="572" y="([\d.]+)"/g);
  expect(other! - one!).toBeGreaterThanOrEqual(16);
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
