/**
 * What checks of a stream of single rows cost where nobody lies, in a new service and after its first hundred thousand answers; and what a coalition
 * that goes by the ledgers of streams gets through.
 */
import {
  grouped,
  type MarkdownColumn,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  share,
} from "../measured-table.ts";
import { sumOf } from "../over-parts.ts";

export const streamChecks: MeasuredRun = {
  name: "stream-checks",
  bench: "checked-streams",
  args: ["--only", "nobody lies", "--rules", "cross-checks", "--rows", "100000", "--one-in", "1000"],
  parts: [
    ["--known", "1"],
    ["--before", "100000"],
  ],
  minutes: 12,
  tables: { all: ({ rows }) => markdownTable(COLUMNS, rows) },
  figures: {
    trusted: ({ rows }) => percent(numberOf(later(rows), "trustedShare")),
    anchors: ({ rows }) => grouped(numberOf(later(rows), "anchorRows")),
    first: ({ rows }) => grouped(numberOf(later(rows), "drawnRows")),
    open: ({ rows }) => grouped(numberOf(later(rows), "openRows")),
    ledgers: ({ rows }) => grouped(numberOf(later(rows), "ledgerRows")),
    duplicates: ({ rows }) => percent(numberOf(later(rows), "duplicateShare")),
  },
};

export const attacksStreams: MeasuredRun = {
  name: "attacks-streams",
  bench: "attacks",
  args: ["--part", "streams"],
  minutes: 8,
  tables: { all: ({ rows }) => markdownTable(ATTACK_COLUMNS, rows) },
  figures: {
    seeds: ({ rows }) => String(Math.max(...rows.map((row) => numberOf(row, "seeds")))),
    answers: ({ rows }) => grouped(sumOf(rows, "answers")),
    wrong: ({ rows }) => grouped(sumOf(rows, "everWrong")),
    promised: ({ rows }) => grouped(sumOf(rows, "promised")),
    above: ({ rows }) => String(rows.filter((row) => numberOf(row, "everWrong") > numberOf(row, "limit95")).length),
    "honest-named": ({ rows }) => String(sumOf(rows, "honestNamed")),
  },
};

const later = (rows: readonly Row[]): Row => rows.find((row) => numberOf(row, "before") > 0)!;

const percent = (value: number) => `${share(100 * value, 2)} %`;

const COLUMNS: readonly MarkdownColumn[] = [
  { title: "answers of the service before", isNumber: true, cell: (row) => grouped(numberOf(row, "before")) },
  { title: "answers", isNumber: true, cell: (row) => grouped(numberOf(row, "answers")) },
  { title: "trusted", isNumber: true, cell: (row) => percent(numberOf(row, "trustedShare")) },
  { title: "anchors", isNumber: true, cell: (row) => grouped(numberOf(row, "anchorRows")) },
  { title: "first rows, new tabs", isNumber: true, cell: (row) => grouped(numberOf(row, "drawnRows")) },
  { title: "open labels", isNumber: true, cell: (row) => grouped(numberOf(row, "openRows")) },
  { title: "samples", isNumber: true, cell: (row) => grouped(numberOf(row, "ledgerRows")) },
  { title: "duplicates", isNumber: true, cell: (row) => percent(numberOf(row, "duplicateShare")) },
  { title: "tabs' overhead", isNumber: true, cell: ({ tabOverhead }) => share(tabOverhead, 2) },
  { title: "final", isNumber: true, cell: ({ finalShare }) => share(finalShare) },
  { title: "final before the end", isNumber: true, cell: ({ finalEarly }) => share(finalEarly) },
  {
    title: "ledgers certified",
    isNumber: true,
    cell: (row) => `${numberOf(row, "certified")} of ${numberOf(row, "ledgers")}`,
  },
];

/** A stream, on average over its seeds. */
const each = (row: Row, key: string) => (numberOf(row, key) / numberOf(row, "seeds")).toFixed(0);

const ATTACK_COLUMNS: readonly MarkdownColumn[] = [
  { title: "the coalition lies", cell: ({ plan }) => String(plan) },
  { title: "lies, a seed", isNumber: true, cell: (row) => each(row, "lies") },
  { title: "ever wrong and final", isNumber: true, cell: (row) => each(row, "everWrong") },
  { title: "promised", isNumber: true, cell: (row) => each(row, "promised") },
  { title: "95 % limit", isNumber: true, cell: (row) => each(row, "limit95") },
  { title: "final", isNumber: true, cell: ({ finalShare }) => share(finalShare) },
  { title: "trusted", isNumber: true, cell: (row) => percent(numberOf(row, "trustedShare")) },
  {
    title: "ledgers certified",
    isNumber: true,
    cell: (row) => `${numberOf(row, "certified")} of ${numberOf(row, "ledgers")}`,
  },
  { title: "chains", isNumber: true, cell: (row) => String(numberOf(row, "chains")) },
  { title: "keys named", isNumber: true, cell: (row) => String(numberOf(row, "named")) },
];
