/** What second opinions, audits and suspicion are worth one by one: `npm run bench -- checks`. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  share,
  withSpread,
} from "../measured-table.ts";

export const checks: MeasuredRun = {
  name: "checks",
  bench: "checks",
  args: ["--queries", "1200"],
  minutes: 4,
  tables: { all },
};

function all({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "lies", cell: ({ lies }) => String(lies) },
      { title: "opinions", isNumber: true, cell: ({ opinions }) => share(opinions, 2) },
      { title: "cap", isNumber: true, cell: ({ cap }) => share(cap, 1) },
      { title: "suspicion", cell: ({ suspicion }) => String(suspicion) },
      { title: "tab rows", isNumber: true, cell: (row) => withSpread(row.tabRows, row.tabRowsHalfWidth, 2) },
      { title: "audits", isNumber: true, cell: (row) => withSpread(row.auditedRows, row.auditedRowsHalfWidth) },
      { title: "named", isNumber: true, cell: ({ namedShare }) => (namedShare === null ? "-" : share(namedShare, 2)) },
      { title: "final", isNumber: true, cell: (row) => withSpread(row.final, row.finalHalfWidth) },
      { title: "wrong final", isNumber: true, cell: ({ wrongFinal }) => String(wrongFinal) },
      { title: "audited or exact", isNumber: true, cell: ({ audited }) => share(audited) },
      { title: "of them wrong", isNumber: true, cell: ({ wrongAudited }) => String(wrongAudited) },
      { title: "answers", isNumber: true, cell: (row) => grouped(numberOf(row, "answers")) },
    ],
    rows,
  );
}
