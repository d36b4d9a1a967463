/** What the coordinator spends: `npm run bench -- overhead`. Ratios of processor time; the load of the machine stands in the figures. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
  withSpread,
} from "../measured-table.ts";

/** Of volunteers who have a record. */
const known = (rows: readonly Row[]) => rowWith(rows, { volunteers: "known" });

const coordinatorSeconds = (row: Row) => (numberOf(row, "coordinatorMsPerQuery") * numberOf(row, "queries")) / 1e3;

const FIGURES: NonNullable<MeasuredRun["figures"]> = {
  seconds: ({ rows }) => share(coordinatorSeconds(known(rows)), 1),
  queries: ({ rows }) => grouped(numberOf(known(rows), "queries")),
  "ms-a-row": ({ rows }) => share(known(rows).msPerRow, 2),
};

/** A model of some milliseconds a row. */
export const overhead: MeasuredRun = {
  name: "overhead",
  bench: "overhead",
  args: ["--only", "cifar-resnet"],
  minutes: 3,
  tables: { all },
  figures: {
    runs: ({ rows }) => String(rows[0]!.runs),
    load: ({ load }) => String(Math.round(load)),
    share: ({ rows }) => withSpread(known(rows).share, known(rows).shareHalfWidth, 2),
    ...FIGURES,
  },
};

/** One of some hundredths. */
export const overheadSmall: MeasuredRun = {
  name: "overhead-small",
  bench: "overhead",
  args: ["--only", "mnist-mlp"],
  minutes: 3,
  tables: { all },
  figures: FIGURES,
};

/** Bold is below a tenth. */
function all({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "model", cell: ({ model }) => String(model) },
      { title: "ms a row", isNumber: true, cell: ({ msPerRow }) => share(msPerRow, 2) },
      { title: "volunteers", cell: ({ volunteers }) => String(volunteers) },
      { title: "queries", isNumber: true, cell: (row) => grouped(numberOf(row, "queries")) },
      { title: "rows audited", isNumber: true, cell: ({ auditShare }) => share(auditShare) },
      { title: "coordinator, s", isNumber: true, cell: (row) => share(coordinatorSeconds(row), 1) },
      { title: "ms a query", isNumber: true, cell: (row) => share(row.coordinatorMsPerQuery, 2) },
      {
        title: "coordinator / tabs",
        isNumber: true,
        cell(row) {
          const text = withSpread(row.share, row.shareHalfWidth, 2);
          return row.kept === "yes" ? `**${text}**` : text;
        },
      },
    ],
    rows,
  );
}
