/** What checks of a stream of single rows cost where nobody lies: in a new service, and after its first hundred thousand answers. */
import {
  grouped,
  type MarkdownColumn,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  share,
} from "../measured-table.ts";

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
