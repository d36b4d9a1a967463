/** Published models and common shapes: `npm run bench -- zoo` and `-- shapes`. Counts, differences and bytes; times of whatever machine it was. */
import type { Cell } from "../../bench/measurement.ts";
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  share,
} from "../measured-table.ts";

const isTaken = ({ accepted }: Row) => accepted !== "no";
const taken = (rows: readonly Row[]) => rows.filter(isTaken);

export const zoo: MeasuredRun = {
  name: "zoo",
  bench: "zoo",
  args: ["--rows", "8"],
  minutes: 45,
  tables: { all, refused },
  figures: {
    models: ({ rows }) => String(rows.length),
    packages: ({ rows }) => String(new Set(rows.map((row) => row.package)).size),
    taken: ({ rows }) => String(taken(rows).length),
    share: ({ rows }) => share(taken(rows).length / rows.length, 2),
    unchecked: ({ rows }) => String(rows.filter(({ accepted }) => accepted === "unchecked").length),
    difference: ({ rows }) => scientific(Math.max(...taken(rows).map((row) => numberOf(row, "largestDifference")))),
    near: ({ rows }) => String(taken(rows).filter((row) => numberOf(row, "largestDifference") <= 1e-5).length),
    load: ({ load }) => String(Math.round(load)),
  },
};

export const shapes: MeasuredRun = {
  name: "shapes",
  bench: "shapes",
  args: [],
  minutes: 8,
  tables: { all: allShapes },
  figures: {
    form: ({ rows }) => share(Math.max(...rows.map((row) => numberOf(row, "formShare"))), 2),
    moved: ({ rows }) =>
      share(Math.max(...rows.map((row) => numberOf(row, "bytesPerRow") / numberOf(row, "plainBytesPerRow"))), 2),
    load: ({ load }) => String(Math.round(load)),
  },
};

const scientific = (value: number) => (value === 0 ? "0" : value.toExponential(1));
const text = (value: Cell | undefined) => String(value ?? "");

function all({ rows }: Figures): string {
  const number = (key: string, words: (value: number) => string) => ({
    isNumber: true,
    cell: (row: Row) => (typeof row[key] === "number" ? words(row[key]) : ""),
  });
  return markdownTable(
    [
      { title: "package", cell: (row) => `\`${row.package}\`` },
      { title: "model", cell: ({ model }) => text(model) },
      { title: "MB", ...number("megabytes", (value) => share(value, 1)) },
      { title: "taken", cell: ({ accepted }) => text(accepted) },
      { title: "largest difference", ...number("largestDifference", scientific) },
      { title: "float32 bytes of a row", ...number("plainBytesPerRow", grouped) },
      { title: "bytes moved a row", ...number("bytesPerRow", grouped) },
      { title: "ms a row, tab", ...number("msPerRowTab", (value) => share(value, 1)) },
      { title: "direct", ...number("msPerRowDirect", (value) => share(value, 1)) },
      { title: "first answer, ms", ...number("firstAnswerMs", grouped) },
    ],
    rows,
  );
}

function refused({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "model", cell: (row) => `\`${row.package}\` ${row.model}` },
      {
        title: "all reasons",
        cell: ({ reasons }) => text(reasons).replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll(/\n+/g, "<br>"),
      },
    ],
    rows.filter(({ accepted }) => accepted !== "yes"),
  );
}

function allShapes({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "model", cell: ({ model }) => text(model) },
      { title: "MB", isNumber: true, cell: ({ megabytes }) => share(megabytes, 1) },
      { title: "rows", isNumber: true, cell: (row) => text(row.rows) },
      { title: "different labels", isNumber: true, cell: ({ kinds }) => text(kinds) },
      { title: "same label", isNumber: true, cell: ({ same }) => share(same, 4) },
      { title: "least cosine", isNumber: true, cell: ({ leastCosine }) => share(leastCosine, 7) },
      { title: "smallest bytes of a row", isNumber: true, cell: (row) => grouped(numberOf(row, "plainBytesPerRow")) },
      { title: "bytes moved a row", isNumber: true, cell: (row) => grouped(numberOf(row, "bytesPerRow")) },
      { title: "rows computed a row", isNumber: true, cell: ({ computedPerRow }) => share(computedPerRow, 2) },
      { title: "rows a batch", isNumber: true, cell: ({ batchRows }) => share(batchRows, 1) },
      { title: "form / smallest", isNumber: true, cell: ({ formShare }) => share(formShare, 2) },
      { title: "down alone", isNumber: true, cell: ({ downShare }) => share(downShare, 2) },
      { title: "up alone", isNumber: true, cell: ({ upShare }) => share(upShare, 2) },
      { title: "ms a row, tab", isNumber: true, cell: ({ msPerRowTab }) => share(msPerRowTab, 1) },
      { title: "direct", isNumber: true, cell: ({ msPerRowDirect }) => share(msPerRowDirect, 1) },
    ],
    rows,
  );
}
