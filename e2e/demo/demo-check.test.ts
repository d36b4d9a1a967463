import { expect, test } from "vitest";
import { demoConditions } from "./demo-check.ts";
import type { DemoFigures } from "./demo-table.ts";
import type { SchemeFigures } from "./scheme-figures.ts";

const uncoded: SchemeFigures = {
  name: "uncoded",
  workers: 4,
  overallFirst: 0.9,
  degradedFirst: null,
  finalAccuracy: 0.9,
  firstMsP50: 500,
  firstMsP95: 1_000,
  exactMsP50: null,
  exactMsP95: null,
  jobMs: 2_000,
  ratioToUncoded: 1,
  answersByMark: { missing: 0, unchecked: 100, estimated: 0, audited: 0, exact: 0, "non-finite": 0 },
  wrongByMark: { missing: 0, unchecked: 7, estimated: 0, audited: 0, exact: 0, "non-finite": 0 },
  quarantined: [],
};
const liar = {
  name: "swarm demo 3",
  faults: "liar:1(other-query)",
  job: "warm-up",
  reason: "rows differ",
} as const;
const systematic: SchemeFigures = {
  ...uncoded,
  name: "systematic",
  workers: 7,
  overallFirst: 0.97,
  degradedFirst: 0.84,
  finalAccuracy: 0.98,
  firstMsP50: 50,
  firstMsP95: 100,
  exactMsP50: 80,
  exactMsP95: 160,
  ratioToUncoded: 0.25,
  answersByMark: { missing: 0, unchecked: 0, estimated: 5, audited: 60, exact: 35, "non-finite": 0 },
  wrongByMark: { missing: 0, unchecked: 0, estimated: 1, audited: 0, exact: 0, "non-finite": 0 },
  quarantined: [liar],
};
const figures = (changed: Partial<SchemeFigures>): DemoFigures => ({
  baseAccuracy: 0.98,
  queries: 100,
  schemes: [uncoded, { ...systematic, ...changed }],
});
const failed = (changed: Partial<SchemeFigures>) =>
  demoConditions(figures(changed), liar.name)
    .filter(({ holds }) => !holds)
    .map(({ what }) => what);

test("a good demo meets all five conditions", () => {
  expect(demoConditions(figures({}), liar.name)).toHaveLength(5);
  expect(failed({})).toEqual([]);
});

test("each condition fails by its own", () => {
  const noWrong = systematic.wrongByMark;
  expect(failed({ wrongByMark: { ...noWrong, exact: 1 } })).toEqual([
    "no exact or audited answer of systematic is wrong",
  ]);
  expect(failed({ wrongByMark: { ...noWrong, audited: 1 } })).toHaveLength(1);
  expect(failed({ answersByMark: { ...systematic.answersByMark, audited: 59, estimated: 6 } })).toEqual([
    "at least 95 % of systematic's answers are exact or audited",
  ]);
  expect(failed({ quarantined: [] })).toEqual(["systematic quarantined the liar"]);
  expect(failed({ quarantined: [{ ...liar, name: "swarm demo 4" }] })).toEqual(["systematic quarantined the liar"]);
  expect(failed({ finalAccuracy: 0.97 })).toEqual(["systematic ends with the model's own accuracy"]);
  expect(failed({ firstMsP95: 500 })).toEqual([
    "95 % of systematic's queries have an answer in less than 0.5 of uncoded's time",
  ]);
  expect(failed({ firstMsP95: null })).toHaveLength(1);
});

test("figures without one of the two schemes cannot be checked", () => {
  expect(() => demoConditions({ ...figures({}), schemes: [systematic] }, liar.name)).toThrow("uncoded");
});
