import { expect, test } from "vitest";
import { printed, tableOf } from "./table.ts";

const columns = [
  { key: "name", title: "scheme" },
  { key: "share", title: "share", digits: 2 },
  { key: "count", title: "count" },
];
const rows = [
  { name: "uncoded", share: 0.5, count: 1234 },
  { name: "x", share: null, count: 7 },
];

test("numbers stand to the right, words to the left, and nothing is a dash", () => {
  expect(tableOf(columns, rows).split("\n")).toEqual([
    "scheme   share  count",
    "-------  -----  -----",
    "uncoded   0.50   1234",
    "x            -      7",
  ]);
});

test("a table without rows is its header", () => {
  expect(tableOf(columns, []).split("\n")).toEqual(["scheme  share  count", "------  -----  -----"]);
});

test("title, table and notes are parted by empty lines", () => {
  const lines = printed({ name: "n", title: "What it is.", columns, rows, notes: ["A note."] }).split("\n");
  expect([lines[0], lines[1], lines.at(-2), lines.at(-1)]).toEqual(["What it is.", "", "", "A note."]);
});

test("shares by name are one cell, without those that are nothing; further tables follow with notes of their own", () => {
  const shares = [{ key: "shares", title: "by mark", digits: 1 }];
  const further = {
    name: "f",
    title: "More.",
    columns: shares,
    rows: [{ shares: { exact: 0.25, missing: 0, audited: 0.75 } }],
    notes: [],
  };
  const text = printed({ name: "n", title: "What it is.", columns, rows, notes: ["A note."], tables: [further] });
  expect(text.endsWith(`A note.\n\nMore.\n\nby mark\n${"-".repeat(22)}\nexact 0.3, audited 0.8`)).toBe(true);
});
