/** What coordinators on one database spend, by how many there are: `npm run bench -- capacity --scenarios cells` and `parts`. */
import { linePlot } from "../line-plot.ts";
import {
  type Figures,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
} from "../measured-table.ts";

const COUNTS = [1, 2, 4];
const MOST = 4;
const ARGS = ["--sessions", "1000", "--jobs", "1"];

/** Each coordinator has a job of its own. */
export const capacityCells: MeasuredRun = {
  name: "capacity-cells",
  bench: "capacity",
  args: [...ARGS, "--scenarios", "cells"],
  parts: COUNTS.map((cells) => ["--cells", String(cells)]),
  minutes: 8,
  tables: { all, said },
  pictures: { cells: picture },
};

/** Each has its part of one job. */
export const capacityParts: MeasuredRun = {
  name: "capacity-parts",
  bench: "capacity",
  args: [...ARGS, "--scenarios", "parts"],
  parts: COUNTS.filter((cells) => cells > 1).map((cells) => ["--cells", String(cells)]),
  minutes: 4,
  tables: { all: ({ rows }) => table(rows) },
};

const cellsOf = (rows: readonly Row[], cells: number) => rowWith(rows, { cells });

/** As a multiple of what it is with one coordinator. */
const times = (rows: readonly Row[], key: string, cells: number) =>
  numberOf(cellsOf(rows, cells), key) / numberOf(cellsOf(rows, 1), key);

function all({ rows }: Figures): string {
  const alt =
    "Processor time of a checked answer, of cells and of their database, as multiples of that with one cell, by cells.";
  return [`![${alt}](measured/cells.svg)`, "", table(rows)].join("\n");
}

function table(rows: readonly Row[]): string {
  return markdownTable(
    [
      { title: "cells", isNumber: true, cell: (row) => String(numberOf(row, "cells")) },
      { title: "ms a checked answer", isNumber: true, cell: (row) => share(row.cpuMsPerAnswer) },
      { title: "ms a batch", isNumber: true, cell: (row) => share(row.cpuMsPerBatch, 2) },
      { title: "database, ms an answer", isNumber: true, cell: (row) => share(row.databaseMsPerAnswer) },
      { title: "a cell at rest, ms a second", isNumber: true, cell: (row) => share(row.restMsPerSecond, 0) },
      { title: "rows computed here", isNumber: true, cell: (row) => share(row.auditShare) },
      { title: "batches a second", isNumber: true, cell: (row) => share(row.batchesPerSecond, 0) },
      { title: "lost", isNumber: true, cell: (row) => String(numberOf(row, "lost")) },
      { title: "wrong", isNumber: true, cell: (row) => String(numberOf(row, "wrong")) },
    ],
    [...rows].sort((a, b) => numberOf(a, "cells") - numberOf(b, "cells")),
  );
}

function said({ rows, load }: Figures): string {
  const most = cellsOf(rows, MOST);
  const databaseMs = numberOf(most, "databaseMsPerAnswer");
  return [
    `With four cells a checked answer costs the cells ${share(times(rows, "cpuMsPerAnswer", MOST), 2)} times what it costs one. What they share is the database: it`,
    `takes ${share(databaseMs)} ms an answer, ${share(databaseMs / numberOf(most, "cpuMsPerAnswer"), 2)} of what the cells take. Measured at a load of ${share(load, 0)} on two cores that the`,
    "cells, the database and the tabs share: the longer a cell waits for a core, the more of what it spends at rest is in each answer.",
  ].join("\n");
}

/** As multiples of what one spends: flat is what is wanted. */
function picture({ rows }: Figures): string {
  const curve = (title: string, key: string, colour: string) => ({
    title,
    colour,
    points: COUNTS.map((cells) => [cells, times(rows, key, cells)] as const),
  });
  return linePlot({
    title: "Several cells: what a checked answer costs with how many",
    xTitle: "cells, with a thousand tabs together",
    yTitle: "processor time of a checked answer, times what it is with one cell",
    curves: [curve("the cells", "cpuMsPerAnswer", "#0b7a75"), curve("the database", "databaseMsPerAnswer", "#a04a1c")],
  });
}
