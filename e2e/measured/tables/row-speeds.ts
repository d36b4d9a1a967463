/** The ledger of rows under drawn crowds: `npm run bench -- row-speeds`. Virtual time, but for what a call costs. */
import {
  type Figures,
  grouped,
  type MarkdownColumn,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  share,
} from "../measured-table.ts";

export const rowSpeeds: MeasuredRun = {
  name: "row-speeds",
  bench: "row-speeds",
  args: [],
  minutes: 2,
  tables: { speeds, late, "first-answers": firstAnswers, streams, checked, cost, goals },
  figures: {
    load: ({ load }) => load.toFixed(1),
    asked: (figures) => String(rowsOf(figures, "goals").length),
    missed: (figures) => String(rowsOf(figures, "goals").filter((row) => row.holds !== "yes").length),
  },
};

const rowsOf = (figures: Figures, table: string) => figures[table] as readonly Row[];

const text = (title: string, key: string): MarkdownColumn => ({ title, cell: (row) => String(row[key]) });
const number = (title: string, key: string, digits: number): MarkdownColumn => ({
  title,
  isNumber: true,
  cell: (row) => share(row[key], digits),
});
/** With the rows that tabs computed for each query in brackets. */
const seconds = (title: string, key: string, rowsKey: string): MarkdownColumn => ({
  title,
  isNumber: true,
  cell: (row) => `${share(row[key], 1)} (${share(row[rowsKey], 2)})`,
});

function speeds({ rows }: Figures): string {
  return markdownTable(
    [
      text("crowd", "crowd"),
      text("ledger", "scheme"),
      number("share", "share", 3),
      number("a first job", "shareOfFirst", 3),
      number("rows a query", "rowsAQuery", 2),
      number("before: `uncoded`", "uncoded", 3),
      number("a first job", "uncodedFirst", 3),
      number("before: backups", "backups", 3),
      number("a first job", "backupsFirst", 3),
    ],
    rows,
  );
}

function late(figures: Figures): string {
  return markdownTable(
    [
      text("crowd", "crowd"),
      text("ledger", "scheme"),
      seconds("s (rows a query)", "seconds", "rowsAQuery"),
      number("share", "share", 3),
      number("a first job, s", "secondsOfFirst", 1),
      seconds("before: `uncoded`", "uncoded", "uncodedRows"),
      seconds("before: backups", "backups", "backupsRows"),
      seconds("before: parities", "parities", "paritiesRows"),
    ],
    rowsOf(figures, "late"),
  );
}

function firstAnswers(figures: Figures): string {
  return markdownTable(
    [
      text("crowd", "crowd"),
      text("ledger", "scheme"),
      number("first answers, s", "first", 2),
      number("of strangers", "ofStrangers", 2),
      number("rows a query", "rowsAQuery", 2),
      number("before: `uncoded`", "uncoded", 2),
      number("before: backups", "backups", 2),
      number("before: parities", "parities", 2),
    ],
    rowsOf(figures, "firstAnswers"),
  );
}

function streams(figures: Figures): string {
  return markdownTable(
    [
      text("crowd", "crowd"),
      number("load", "load", 1),
      number("p50, ms", "p50", 0),
      number("p99", "p99", 0),
      number("p99.9", "p999", 0),
      number("rows a query", "rowsAQuery", 2),
      number("before: p50", "p50Beside", 0),
      number("p99", "p99Beside", 0),
      number("p99.9", "p999Beside", 0),
    ],
    rowsOf(figures, "streams"),
  );
}

function checked(figures: Figures): string {
  return markdownTable(
    [
      text("crowd", "crowd"),
      { title: "rows of the account before", isNumber: true, cell: (row) => grouped(numberOf(row, "rowsBefore")) },
      number("rows beyond one a query", "beyond", 3),
      number("trusted rows", "trusted", 3),
      number("final", "final", 3),
    ],
    rowsOf(figures, "checked"),
  );
}

function cost(figures: Figures): string {
  return markdownTable(
    [
      text("ledger", "scheme"),
      { title: "sessions", isNumber: true, cell: (row) => grouped(numberOf(row, "sessions")) },
      { title: "rows", isNumber: true, cell: (row) => grouped(numberOf(row, "rows")) },
      number("rows a call", "rowsACall", 1),
      number("us a call", "microsecondsACall", 1),
      number("us a row", "microsecondsARow", 2),
      number("visits a row", "visitsARow", 2),
      number("largest part of the bound", "worstOfBound", 2),
    ],
    rowsOf(figures, "cost"),
  );
}

function goals(figures: Figures): string {
  return markdownTable(
    [
      text("goal", "name"),
      {
        title: "asked",
        isNumber: true,
        cell: (row) => `${row.sense} ${Number(numberOf(row, "asked").toPrecision(3))}`,
      },
      { title: "got", isNumber: true, cell: (row) => String(Number(numberOf(row, "got").toPrecision(3))) },
      text("holds", "holds"),
    ],
    rowsOf(figures, "goals"),
  );
}
