import { expect, test } from "vitest";
import { type OnnxFigures, onnxConditions, onnxTable, type VisitFigures } from "./onnx-figures.ts";

const first: VisitFigures = {
  visit: "first visit",
  queries: 40,
  seconds: 20,
  modelLoads: 8,
  loadMsP50: 900,
  loadMsMax: 1_500,
  traffic: { modelFetches: 1, modelBytes: 4.6e6, libraryBytes: 30e6, workBytes: 4e6 },
  answersByMark: { missing: 0, unchecked: 0, estimated: 0, audited: 30, exact: 10, "non-finite": 0 },
  wrong: 0,
  recognised: 1,
};
const held: VisitFigures = {
  ...first,
  visit: "model in the tab",
  modelLoads: 0,
  loadMsP50: null,
  loadMsMax: null,
  traffic: { ...first.traffic, modelFetches: 0, modelBytes: 0, libraryBytes: 0 },
};
const reloaded: VisitFigures = {
  ...first,
  visit: "after a reload",
  modelLoads: 7,
  traffic: { ...first.traffic, modelFetches: 0, modelBytes: 0, libraryBytes: 0 },
};
const good: OnnxFigures = {
  tabs: 8,
  macsPerQuery: 97e6,
  sameAsPublished: true,
  visits: [first, held, reloaded],
  quarantined: ["tab 3"],
  liar: "tab 3",
};
const failed = (figures: OnnxFigures) => onnxConditions(figures).flatMap(({ what, holds }) => (holds ? [] : [what]));

test("a good demo meets all conditions, and each fails by its own", () => {
  expect(onnxConditions(good)).toHaveLength(8);
  expect(failed(good)).toEqual([]);
  const bad: OnnxFigures[] = [
    { ...good, sameAsPublished: false },
    { ...good, quarantined: [] },
    { ...good, visits: [{ ...first, wrong: 1 }, held, reloaded] },
    { ...good, visits: [{ ...first, answersByMark: { ...first.answersByMark, estimated: 1 } }, held, reloaded] },
    { ...good, visits: [{ ...first, recognised: 0.8 }, held, reloaded] },
    { ...good, visits: [{ ...first, traffic: { ...first.traffic, libraryBytes: 0 } }, held, reloaded] },
    { ...good, visits: [first, { ...held, modelLoads: 2 }, reloaded] },
    { ...good, visits: [first, held, { ...reloaded, traffic: first.traffic }] },
  ];
  for (const figures of bad) expect(failed(figures)).toHaveLength(1);
});

test("the table says what was loaded, fetched and kept", () => {
  const lines = onnxTable(good).split("\n").slice(2);
  expect(lines[0]).toMatch(/^first visit +20\.0 +8 +900 \/ 1500 +30\.0 +4\.6 +1 +100\.0 +10 +30 +0 +1\.000$/);
  expect(lines[1]).toMatch(/^model in the tab +20\.0 +0 +- +0\.0 +0\.0 +0/);
  expect(lines[2]).toMatch(/^after a reload .* 0 +100\.0/);
});
