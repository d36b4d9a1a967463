import { expect, test } from "vitest";
import { demoPage } from "./demo-page.ts";
import { type DemoFigures, demoSentence, demoTable, quarantineLines, TABLE_CHARACTERS_MAX } from "./demo-table.ts";
import type { SchemeFigures } from "./scheme-figures.ts";

const none = { missing: 0, unchecked: 0, estimated: 0, audited: 0, exact: 0, "non-finite": 0 };

function scheme(name: string, more: Partial<SchemeFigures>): SchemeFigures {
  return {
    ...{ name, workers: 7, overallFirst: 0.9779, degradedFirst: null, finalAccuracy: 0.9779, jobMs: 1_000 },
    ...{ firstMsP50: 40, firstMsP95: 500, exactMsP50: 45, exactMsP95: 979, ratioToUncoded: 1 },
    ...{ answersByMark: { ...none, unchecked: 2_400 }, wrongByMark: none, quarantined: [] },
    ...more,
  };
}

const caught = {
  ...{ name: 'swarm demo <b>"6"</b>', faults: "liar:1(sleeper,rounds=5)", job: "counted" as const },
  reason: "8 of 8 recomputed rows differ",
};
const checked = { ...none, exact: 543, audited: 1_857 };

function figures(ours: Partial<SchemeFigures> = {}): DemoFigures {
  const schemes = [
    scheme("uncoded", { exactMsP50: null, exactMsP95: null }),
    scheme("approxifer", { overallFirst: 0.9467, finalAccuracy: 0.9467 }),
    scheme("systematic", { firstMsP95: 202, answersByMark: checked, quarantined: [caught], ...ours }),
  ];
  return { baseAccuracy: 0.9779, queries: 2_400, schemes };
}

test("the demo's sentence tells what is right, who was caught and who was waited for", () => {
  expect(demoSentence(figures())).toBe(
    "2,400 digits: 97.8 % right, as the model alone; no checked answer is wrong; the liar was caught; " +
      "nobody waited for the slow tabs: answers within 0.20 s, without a code within 0.50 s.",
  );
});

test("the demo's sentence hides no bad run", () => {
  const bad = { finalAccuracy: 0.9, wrongByMark: { ...none, audited: 3 }, quarantined: [], firstMsP95: 800 };
  expect(demoSentence(figures(bad))).toBe(
    "2,400 digits: 90.0 % right, the model alone 97.8 %; 3 checked answers are WRONG; the liar was NOT caught; " +
      "answers came within 0.80 s, without a code within 0.50 s.",
  );
});

test("the demo's table fits a terminal, and says of no interpolated answer that it is wrong", () => {
  const [header, rule, ...rows] = demoTable(figures()).split("\n");
  expect(header).toMatch(/^scheme +right at first +in the end +answers, s +checked, s +answers +the liar$/);
  expect(rule).toMatch(/^[- ]+$/);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatch(/^uncoded +97\.8 % +97\.8 % +0\.50 +- +none checked +not caught$/);
  expect(rows[2]).toMatch(/^systematic +97\.8 % +97\.8 % +0\.20 +0\.98 +all checked +caught$/);
  const table = demoTable(
    figures({ answersByMark: { ...none, exact: 1_500, audited: 500, estimated: 300, unchecked: 100 } }),
  );
  for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(TABLE_CHARACTERS_MAX);
  expect(table).toContain("all interpolated");
  expect(table).toContain("83.3 % checked");
  expect(table).not.toContain("wrong");
});

test("the demo's page has the sentence, a bar a scheme, and no mark-up that a tab's name brings", () => {
  const page = demoPage(figures(), ["seed 1"]);
  expect(page).toContain("the liar was caught");
  expect(page.match(/<rect/g)).toHaveLength(2 * 3);
  expect(page).not.toContain("<b>");
  expect(page).toContain("seed 1");
});

test("a line a scheme says who was caught, and in which job", () => {
  expect(quarantineLines(figures())).toEqual([
    'systematic caught "swarm demo <b>"6"</b>" (liar:1(sleeper,rounds=5)) in the counted job: 8 of 8 recomputed rows differ.',
  ]);
});
