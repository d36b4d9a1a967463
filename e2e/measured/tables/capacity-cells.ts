/** What coordinators on one database spend, by how many there are: `npm run bench -- capacity --scenarios cells,parts`. */
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
const SESSIONS = 1_000;

export const capacityCells: MeasuredRun = {
  name: "capacity-cells",
  bench: "capacity",
  args: ["--sessions", String(SESSIONS), "--jobs", "1"],
  parts: [
    ["--scenarios", "cells", "--cells", "1"],
    ["--scenarios", "cells", "--cells", "2"],
    ["--scenarios", "cells", "--cells", "4"],
    ["--scenarios", "parts", "--cells", "2"],
    ["--scenarios", "parts", "--cells", "4"],
  ],
  minutes: 12,
  tables: { all, said },
  pictures: { cells: picture },
};

const jobsEach = (rows: readonly Row[], cells: number) => rowWith(rows, { scenario: "cells", cells });
/** One part is a whole job. */
const inParts = (rows: readonly Row[], cells: number) =>
  cells === 1 ? jobsEach(rows, 1) : rowWith(rows, { scenario: "parts", cells });

type RowsOf = typeof jobsEach;

/** As a multiple of what it is with one coordinator. */
const times = (rows: readonly Row[], of: RowsOf, key: string, cells: number) =>
  numberOf(of(rows, cells), key) / numberOf(of(rows, 1), key);

function all({ rows }: Figures): string {
  const table = markdownTable<number>(
    [
      { title: "cells", isNumber: true, cell: String },
      ...columns("", jobsEach, rows),
      ...columns("in parts: ", inParts, rows),
      { title: "lost, wrong", isNumber: true, cell: (cells) => lostAndWrong(rows, cells) },
    ],
    COUNTS,
  );
  const alt =
    "Processor time of a checked answer, as multiples of that with one cell, by cells: of coordinators and of the database.";
  return [`![${alt}](measured/cells.svg)`, "", table].join("\n");
}

function columns(before: string, of: RowsOf, rows: readonly Row[]) {
  const column = (title: string, key: string) => ({
    title: `${before}${title}`,
    isNumber: true,
    cell: (cells: number) => share(of(rows, cells)[key], 3),
  });
  return [
    column("ms a checked answer", "cpuMsPerAnswer"),
    column("database, ms an answer", "databaseMsPerAnswer"),
    column("rows computed here", "auditShare"),
  ];
}

function lostAndWrong(rows: readonly Row[], cells: number): string {
  const sum = (key: string) => numberOf(jobsEach(rows, cells), key) + numberOf(inParts(rows, cells), key);
  return `${sum("lost")}, ${sum("wrong")}`;
}

function said({ rows, load }: Figures): string {
  const [four, parts] = [jobsEach(rows, MOST), inParts(rows, MOST)];
  const databaseMs = numberOf(four, "databaseMsPerAnswer");
  const answerMs = numberOf(four, "cpuMsPerAnswer");
  return [
    `With four cells a checked answer costs ${share(times(rows, jobsEach, "cpuMsPerAnswer", MOST), 2)} times what it costs with one, and one of a job in four parts`,
    `${share(times(rows, inParts, "cpuMsPerAnswer", MOST), 2)} times; of its rows the cells recompute ${share(parts.auditShare)}, of a whole job's ${share(jobsEach(rows, 1).auditShare)}. What cells share is the`,
    `database: it takes ${share(databaseMs, 3)} ms an answer, ${share(databaseMs / answerMs, 2)} of what the cells take. A cell at rest spends ${share(four.restMsPerSecond, 0)} ms a second.`,
    `Measured at a load of ${share(load, 0)} on two cores: cells that wait for a processor have the more of that rest in each answer.`,
  ].join("\n");
}

/** As multiples of what one spends: flat is what is wanted. */
function picture({ rows }: Figures): string {
  const curve = (title: string, of: RowsOf, key: string, colour: string) => ({
    title,
    colour,
    points: COUNTS.map((cells) => [cells, times(rows, of, key, cells)] as const),
  });
  return linePlot({
    title: "Several cells: what a checked answer costs with how many",
    xTitle: "cells, with a thousand tabs together",
    yTitle: "processor time of a checked answer, times what it is with one cell",
    curves: [
      curve("cells, a job each", jobsEach, "cpuMsPerAnswer", "#0b7a75"),
      curve("cells, a part each", inParts, "cpuMsPerAnswer", "#a04a1c"),
      curve("the database", jobsEach, "databaseMsPerAnswer", "#4a5a8a"),
    ],
  });
}
