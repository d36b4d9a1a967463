/** How much of what `avcc` saves is the slowness of the slow ones: `npm run bench -- avcc-curve`. */
import { linePlot } from "../line-plot.ts";
import {
  type Figures,
  type MarkdownColumn,
  type MeasuredRun,
  markdownTable,
  numberOf,
  rowWith,
} from "../measured-table.ts";
import { rangeText } from "../over-parts.ts";

export const avccCurve: MeasuredRun = {
  name: "avcc-curve",
  bench: "avcc-curve",
  args: [],
  minutes: 6,
  tables: {
    gain: (figures) => gain(figures, ["same"]),
    unforeseen: (figures) => gain(figures, ["more"]),
  },
  figures: {
    "paper-lcc": ({ rows }) => fasterThan(rows, { stragglers: 2, liars: 1, code: "lcc of the paper" }),
    "best-lcc-one-liar": ({ rows }) => fasterThan(rows, { stragglers: 2, liars: 1, code: "best static lcc" }),
    "best-lcc-two-liars": ({ rows }) => fasterThan(rows, { stragglers: 1, liars: 2, code: "best static lcc" }),
    widest: ({ rows }) => widest(rows),
    fresh: ({ rows }) => freshAgainstSame(rows),
    apart: ({ rows }) => apart(rows.filter(({ slowness }) => slowness === "same")),
    "coding-costs": ({ rows }) => codingCosts(rows),
    "best-lcc-no-liar": ({ rows }) => fasterThan(rows, { stragglers: 3, liars: 0, code: "best static lcc" }),
  },
  pictures: { "avcc-curve": picture },
};

/** Liars whom nobody expected. */
export const avccLies: MeasuredRun = {
  name: "avcc-lies",
  bench: "avcc-curve",
  args: ["--only", "lies"],
  minutes: 1,
  tables: { gain: (figures) => gain(figures, ["lies"]) },
};

const AT_TEN = { slowness: "same", factor: 10 };

const fasterThan = (rows: Figures["rows"], wanted: { stragglers: number; liars: number; code: string }) =>
  numberOf(rowWith(rows, { ...AT_TEN, ...wanted }), "avccFaster").toFixed(2);

/** Of the headline's cases. */
const widest = (rows: Figures["rows"]) =>
  apart(rows.filter((row) => row.code === "best static lcc" && row.slowness === "same" && row.factor === 10));

/** How much slower than uncoded where nobody is slow, as percentages. */
function codingCosts(rows: Figures["rows"]): string {
  const alike = rows.filter(({ code, factor, slowness }) => code === "uncoded" && factor === 1 && slowness === "same");
  return rangeText(
    alike.map((row) => 100 * (1 - numberOf(row, "avccFaster"))),
    (percent) => percent.toFixed(0),
  );
}

/** How far the five draws lie apart, as a percentage of their median, where they lie furthest apart. */
function apart(own: Figures["rows"]): string {
  const spread = own.map(
    (row) => (numberOf(row, "avccFasterMost") - numberOf(row, "avccFasterLeast")) / numberOf(row, "avccFaster"),
  );
  return (100 * Math.max(...spread)).toFixed(1);
}

/** How many times as fast as each code `avcc` is, a column a factor. */
function gain({ rows }: Figures, slowness: readonly string[]): string {
  const own = rows.filter((row) => slowness.includes(String(row.slowness)) && row.code !== "avcc");
  const factors = [...new Set(own.map((row) => numberOf(row, "factor")))];
  const lines = own.filter(({ factor }) => factor === factors[0]);
  const columns: MarkdownColumn[] = [
    { title: "S", isNumber: true, cell: ({ stragglers }) => String(stragglers) },
    { title: "M", isNumber: true, cell: ({ liars }) => String(liars) },
    { title: "against", cell: ({ code }) => String(code) },
    { title: "K", isNumber: true, cell: ({ blockCount }) => String(blockCount) },
    ...factors.map((factor): MarkdownColumn => {
      const faster = (line: Figures["rows"][number]) => {
        const { stragglers, liars, code } = line;
        return rowWith(own, { stragglers: stragglers!, liars: liars!, code: code!, factor });
      };
      return {
        title: String(factor),
        isNumber: true,
        cell: (line) => numberOf(faster(line), "avccFaster").toFixed(2),
      };
    }),
  ];
  return markdownTable(columns, lines);
}

/** How far the gain over a code differs at most where others are slow in every round, as a percentage. */
function freshAgainstSame(rows: Figures["rows"]): string {
  const differences = rows
    .filter(({ slowness, code }) => slowness === "same" && code !== "avcc")
    .map((row) => {
      const { stragglers, liars, factor, code } = row;
      const wanted = { stragglers: stragglers!, liars: liars!, factor: factor!, code: code! };
      const fresh = rowWith(rows, { slowness: "other", ...wanted });
      return Math.abs(numberOf(fresh, "avccFaster") / numberOf(row, "avccFaster") - 1);
    });
  return (100 * Math.max(...differences)).toFixed(0);
}

const PICTURED = [
  { code: "uncoded", title: "uncoded", colour: "#8a9a97" },
  { code: "lcc of the paper", title: "lcc as in the paper, S = M = 1", colour: "#b2423a" },
  { code: "best static lcc", title: "the best static lcc", colour: "#2f8f86" },
] as const;

/** Two slow, one lying: the paper's headline. */
function picture({ rows }: Figures): string {
  const own = rows.filter((row) => row.slowness === "same" && row.stragglers === 2 && row.liars === 1);
  return linePlot({
    title: "Two of twelve workers are slow, one lies: how much of avcc's gain is the slowness",
    xTitle: "times as slow as the others",
    yTitle: "times as fast as each code avcc is",
    curves: PICTURED.map(({ code, title, colour }) => ({
      title,
      colour,
      points: own
        .filter((row) => row.code === code)
        .map((row) => [numberOf(row, "factor"), numberOf(row, "avccFaster")] as const),
    })),
  });
}
