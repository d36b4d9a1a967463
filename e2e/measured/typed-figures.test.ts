import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DOCS } from "./figures-file.ts";
import { PAGES, SETTINGS, STILL_TYPED_PAGES, STILL_TYPED_TABLES } from "./still-typed.ts";
import { figuresTypedByHand, tablesTypedByHand } from "./typed-figures.ts";

const textOf = (name: string) => readFileSync(join(DOCS, name), "utf8");
const MEASURED = [
  ...PAGES,
  ...readdirSync(join(DOCS, "measured"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `measured/${name}`),
];

test.each(MEASURED)(
  "%s: every table of figures is written by a program, or stands on the list of those that are not yet",
  (name) => {
    const listed = STILL_TYPED_TABLES.filter(({ page }) => page === name).map(({ heading }) => heading);
    expect(tablesTypedByHand(textOf(name))).toEqual(listed);
  },
);

test.each(MEASURED.filter((name) => STILL_TYPED_PAGES[name] === undefined))(
  "%s: every figure in a sentence is written by a program, or is a setting that nobody measured",
  (name) => {
    const known = new Set(SETTINGS[name] ?? []);
    const typed = figuresTypedByHand(textOf(name));
    expect(typed.filter((figure) => !known.has(figure))).toEqual([]);
    // What is gone from a page is gone from its lists.
    expect([...known].filter((figure) => !typed.includes(figure))).toEqual([]);
  },
);

const PAGE = [
  "# Costs",
  "Twice .17 of <!--figure: run/all-->1,680<!----> and 12 %, K = 8, `0.5`, 4 tabs, 3.5 times, 1,000, 1e-3; [a](b-0.3.md).",
  "<!-- table: run/all -->",
  "| a |",
  "| ---: |",
  "| 1.5 |",
  "<!-- end -->",
  "",
  "## Words",
  "| a | b |",
  "| --- | --- |",
  "| c | `d5` |",
  "",
  "## Numbers",
  "| a | b |",
  "| --- | ---: |",
  "| c | 5 |",
].join("\n");

test("a table with digits that no program wrote is found by its heading", () => {
  expect(tablesTypedByHand(PAGE)).toEqual(["Numbers"]);
});

test("numbers in sentences are found, and those of written figures, code, addresses and tables are not", () => {
  expect(figuresTypedByHand(PAGE)).toEqual([".17", "12", "3.5", "1,000", "1e-3"]);
});
