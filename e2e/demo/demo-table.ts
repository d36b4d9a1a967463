/** How the demo ends: a sentence, a small table, and lines that say what became of whom. */
import type { Column, Measurement } from "../bench/measurement.ts";
import { tableOf } from "../bench/table.ts";
import type { SchemeFigures } from "./scheme-figures.ts";

export interface DemoFigures {
  /** Share of labels that the model itself hits. */
  readonly baseAccuracy: number;
  readonly queries: number;
  readonly schemes: readonly SchemeFigures[];
}

/** No line of the table is longer. */
export const TABLE_CHARACTERS_MAX = 100;

const COLUMNS: readonly Column[] = [
  { key: "name", title: "scheme" },
  { key: "first", title: "right at first" },
  { key: "final", title: "in the end" },
  { key: "firstSeconds", title: "answers, s" },
  { key: "checkedSeconds", title: "checked, s" },
  { key: "answers", title: "answers" },
  { key: "caught", title: "the liar" },
];

export function demoTable({ schemes }: DemoFigures): string {
  const rows = schemes.map((scheme): Measurement["rows"][number] => ({
    name: scheme.name,
    first: percent(scheme.overallFirst),
    final: percent(scheme.finalAccuracy),
    firstSeconds: secondsOf(scheme.firstMsP95),
    checkedSeconds: secondsOf(scheme.exactMsP95),
    answers: howAnswered(scheme),
    caught: scheme.quarantined.length === 0 ? "not caught" : "caught",
  }));
  return tableOf(COLUMNS, rows);
}

/** What the columns mean, in plain words. */
export const LEGEND = [
  "uncoded sends each query to one tab and believes it. replication sends it to three tabs and counts votes. approxifer, a published",
  "code, sends mixtures of queries and interpolates every answer. systematic, Paritab's default scheme, here with spare tabs, sends",
  "queries as they are, mixtures to tabs that idle, and has rows computed twice in secret.",
  "right at first, in the end: right labels among all first answers, and among the last ones. answers, checked: so many seconds",
  "after the job was sent nineteen of twenty queries had an answer, and a final one.",
] as const;

/** The same as figures: numbers, and counts of each mark. */
export function demoRows({ baseAccuracy, queries, schemes }: DemoFigures): Measurement["rows"] {
  return schemes.map(({ quarantined, name, ...figures }) => ({
    scheme: name,
    queries,
    base: baseAccuracy,
    ...figures,
    quarantined: quarantined.map((tab) => tab.faults).join("; "),
  }));
}

/** What the default scheme gave, in one sentence for somebody who reads nothing else. */
export function demoSentence({ baseAccuracy, queries, schemes }: DemoFigures): string {
  const ours = schemes.find(({ name }) => name === "systematic")!;
  const plain = schemes.find(({ name }) => name === "uncoded")!;
  const own = ours.finalAccuracy === baseAccuracy ? "as the model alone" : `the model alone ${percent(baseAccuracy)}`;
  const wrong = ours.wrongByMark.exact + ours.wrongByMark.audited;
  return [
    `${queries.toLocaleString("en")} digits: ${percent(ours.finalAccuracy)} right, ${own}`,
    wrong === 0 ? "no checked answer is wrong" : `${wrong} checked answers are WRONG`,
    liarWords(ours),
    `${waitWords(ours, plain)}.`,
  ].join("; ");
}

function liarWords({ quarantined }: SchemeFigures): string {
  const [first] = quarantined;
  if (first === undefined) return "the liar was NOT caught";
  return `the liar was caught${first.job === "warm-up" ? " in the warm-up" : ""}`;
}

function waitWords(ours: SchemeFigures, plain: SchemeFigures): string {
  if (ours.firstMsP95 === null || plain.firstMsP95 === null) return "some queries had no answer";
  const [own, without] = [secondsOf(ours.firstMsP95), secondsOf(plain.firstMsP95)];
  const isSooner = ours.firstMsP95 < plain.firstMsP95;
  return isSooner
    ? `nobody waited for the slow tabs: answers within ${own} s, without a code within ${without} s`
    : `answers came within ${own} s, without a code within ${without} s`;
}

/** A line a scheme: who was put aside, for what, and when. */
export function quarantineLines({ schemes }: DemoFigures): string[] {
  return schemes.flatMap(({ name, quarantined }) =>
    quarantined.map((tab) => `${name} caught "${tab.name}" (${tab.faults}) in the ${tab.job} job: ${tab.reason}.`),
  );
}

/** Every answer of approxifer is interpolated, whatever its mark. */
function howAnswered({ name, answersByMark }: SchemeFigures): string {
  if (name === "approxifer") return "all interpolated";
  const all = Object.values(answersByMark).reduce((sum, count) => sum + count, 0);
  const checked = answersByMark.exact + answersByMark.audited;
  if (checked === 0) return "none checked";
  return checked === all ? "all checked" : `${percent(checked / all)} checked`;
}

export const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

export function secondsOf(ms: number | null): string | null {
  return ms === null ? null : (ms / 1000).toFixed(2);
}
