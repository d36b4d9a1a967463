/** What the demo prints at its end. */
import type { Column, Measurement } from "../bench/measurement.ts";
import { tableOf } from "../bench/table.ts";
import type { SchemeFigures } from "./scheme-figures.ts";

export interface DemoFigures {
  /** Share of labels that the model itself hits. */
  readonly baseAccuracy: number;
  readonly queries: number;
  readonly schemes: readonly SchemeFigures[];
}

const COLUMNS: readonly Column[] = [
  { key: "name", title: "scheme" },
  { key: "workers", title: "workers" },
  { key: "base", title: "model alone", digits: 4 },
  { key: "overallFirst", title: "right at first", digits: 4 },
  { key: "degradedFirst", title: "of estimates", digits: 4 },
  { key: "finalAccuracy", title: "right at the end", digits: 4 },
  { key: "firstMs", title: "first ms p50/p95" },
  { key: "exactMs", title: "checked ms p50/p95" },
  { key: "ratioToUncoded", title: "job time", digits: 2 },
  { key: "exact", title: "exact" },
  { key: "audited", title: "audited" },
  { key: "estimated", title: "estimated" },
  { key: "unchecked", title: "unchecked" },
  { key: "quarantined", title: "quarantined" },
];

export function demoTable({ baseAccuracy, schemes }: DemoFigures): string {
  const rows = schemes.map((scheme): Measurement["rows"][number] => ({
    name: scheme.name,
    workers: scheme.workers,
    base: baseAccuracy,
    overallFirst: scheme.overallFirst,
    degradedFirst: scheme.degradedFirst,
    finalAccuracy: scheme.finalAccuracy,
    firstMs: pair(scheme.firstMsP50, scheme.firstMsP95),
    exactMs: pair(scheme.exactMsP50, scheme.exactMsP95),
    ratioToUncoded: scheme.ratioToUncoded,
    exact: countAndWrong(scheme, "exact"),
    audited: countAndWrong(scheme, "audited"),
    estimated: countAndWrong(scheme, "estimated"),
    unchecked: countAndWrong(scheme, "unchecked"),
    quarantined: scheme.quarantined.length === 0 ? "nobody" : scheme.quarantined.map(({ name }) => name).join(", "),
  }));
  return tableOf(COLUMNS, rows);
}

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

function pair(p50: number | null, p95: number | null): string | null {
  return p50 === null || p95 === null ? null : `${Math.round(p50)} / ${Math.round(p95)}`;
}

function countAndWrong(scheme: SchemeFigures, mark: "exact" | "audited" | "estimated" | "unchecked"): string {
  const count = scheme.answersByMark[mark];
  return count === 0 ? "-" : `${count} (${scheme.wrongByMark[mark]} wrong)`;
}

/** One line a scheme: who was put aside, for what, and when. */
export function quarantineLines({ schemes }: DemoFigures): string[] {
  return schemes.map(({ name, quarantined }) => {
    if (quarantined.length === 0) return `${name}: nobody was quarantined.`;
    const each = quarantined.map(
      (tab) => `"${tab.name}" (${tab.faults}) in round ${tab.roundIndex} of the ${tab.job} job: ${tab.reason}`,
    );
    return `${name}: ${each.join("; ")}.`;
  });
}

/** What the columns mean, in plain words. */
export const LEGEND = [
  "One row a scheme. uncoded: one tab a query, nothing is checked. replication: three tabs a query, the majority counts. approxifer, a",
  "published code: tabs compute mixtures of queries, every answer is interpolated. systematic, Paritab's default, with spares: queries as they are beside",
  "mixtures, and rows that are recomputed in secret.",
  "workers: tabs for each group of K queries. model alone: share of right labels that the model has on one machine.",
  "right at first, of estimates, right at the end: the same share of all first answers, of those that were estimates (all of approxifer's),",
  "and of the last answers. first, checked ms: from the opening of a round until every query has an answer, and until every answer is the",
  "model's own and verified; median and 95 % quantile of the rounds. job time: times that of uncoded.",
  "exact, audited, estimated, unchecked: answers with that mark, and how many of them were wrong: not within tolerance of what the model",
  "gives on the coordinator. An interpolated answer (estimated, and all of approxifer's) is never within it: look at its right labels.",
  "quarantined: tabs that were caught in a wrong answer; they get no more work.",
];
