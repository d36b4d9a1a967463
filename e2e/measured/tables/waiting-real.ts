/** Is the simulation of waiting like life? `npm run bench -- waiting-real`. */
import { type Figures, type MeasuredRun, markdownTable, rowWith, withSpread } from "../measured-table.ts";

export const waitingReal: MeasuredRun = {
  name: "waiting-real",
  bench: "waiting-real",
  args: [],
  minutes: 8,
  tables: { all },
  figures: {
    load: ({ load }) => String(Math.round(load)),
    uncoded: ({ rows }) => ratio(rows, "uncoded, speculative"),
    backups: ({ rows }) => ratio(rows, "systematic, backups"),
  },
};

function ratio(rows: Figures["rows"], scheme: string): string {
  const row = rowWith(rows, { scheme });
  return withSpread(row.ratio, row.ratioHalfWidth, 2);
}

function all({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "scheme, spare tabs", cell: ({ scheme }) => String(scheme).replace(/^\w+/, "`$&`") },
      { title: "seeds", isNumber: true, cell: ({ seeds }) => String(seeds) },
      { title: "simulated, s", isNumber: true, cell: (row) => withSpread(row.simulated, row.simulatedHalfWidth, 2) },
      { title: "in real time, s", isNumber: true, cell: (row) => withSpread(row.real, row.realHalfWidth, 2) },
      { title: "real / simulated", isNumber: true, cell: (row) => withSpread(row.ratio, row.ratioHalfWidth, 2) },
    ],
    rows,
  );
}
