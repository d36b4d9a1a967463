import { expect, test } from "vitest";
import { countsOfRows, tellRowsOutcome, tellRowsRecord } from "./rows-teller.ts";

const word = (volunteerId: string, isRight: boolean) => ({ volunteerId, attempt: 0, isRight });
const RECOMPUTED = {
  type: "recomputed",
  rows: [
    { place: 3, attempt: 0, words: [word("ann", true), word("bob", false)] },
    { place: 4, attempt: 0, words: [word("ann", true)] },
    { place: 5, attempt: 0, words: [] },
  ],
} as never;

function said(tell: (say: (what: string, fields?: object) => void) => void): unknown[] {
  const all: unknown[] = [];
  tell((what, fields) => all.push([what, fields]));
  return all;
}

test("rows that the coordinator has computed are an audit of each volunteer who answered them", () => {
  expect(said((say) => tellRowsOutcome(RECOMPUTED, say))).toEqual([
    ["audit passed", { volunteerId: "ann", detail: "0 of 2 recomputed rows differ" }],
    ["audit failed", { volunteerId: "bob", detail: "1 of 1 recomputed rows differ" }],
  ]);
  expect(countsOfRows(RECOMPUTED)).toEqual([
    { name: "audit", rows: 2, failed: 0 },
    { name: "audit", rows: 1, failed: 1 },
  ]);
});

test("so is a row whose answer the coordinator had before", () => {
  const looked = (...rows: string[]) =>
    ({ type: "knownLooked", volunteerId: "bob", rows: rows.map((one, place) => ({ place, looked: one })) }) as never;
  expect(said((say) => tellRowsOutcome(looked("fine", "wrong"), say))).toEqual([
    ["audit failed", { volunteerId: "bob", detail: "1 of 2 recomputed rows differ" }],
  ]);
});

test("a block is told when it opens, when it is charged and when it is certified", () => {
  const block = (state: string, certificate: object | null) =>
    ({ type: "block", block: { places: "all", block: { state, terms: { rows: 400 } }, certificate } }) as never;
  const what = (record: never) => said((say) => tellRowsRecord(record, say));
  expect(what(block("open", null))).toEqual([["block opened", { detail: "400 rows" }]]);
  expect(what(block("charged", null))).toEqual([["block charged", { detail: "400 rows" }]]);
  expect(what(block("closed", { checkShare: 0.05, sampled: 0 }))).toEqual([["certified", { detail: "400 rows" }]]);
});
