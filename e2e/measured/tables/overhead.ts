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

export const overhead: MeasuredRun = {
  name: "overhead",
  bench: "overhead",
  args: [],
  minutes: 12,
  tables: { all },
  figures: {
    runs: ({ rows }) => String(rows[0]!.runs),
    load: ({ load }) => String(Math.round(load)),
    ...Object.fromEntries(
      [
        ["mlp", "mnist-mlp"],
        ["resnet", "cifar-resnet"],
        ["symbols", "symbols (ONNX)"],
      ].map(([name, model]) => [
        name!,
        ({ rows }: Figures) => {
          const row = rowWith(rows, { model: model!, volunteers: "known" });
          return withSpread(row.share, row.shareHalfWidth, 2);
        },
      ]),
    ),
    "ms-least": ({ rows }) => share(Math.min(...ofAll(rows)), 2),
    "ms-most": ({ rows }) => share(Math.max(...ofAll(rows)), 1),
    "audits-known-least": ({ rows }) => share(Math.min(...audits(rows, "known")), 2),
    "audits-known-most": ({ rows }) => share(Math.max(...audits(rows, "known")), 2),
    "audits-new-most": ({ rows }) => share(Math.max(...audits(rows, "newcomers")), 2),
  },
};

const ofAll = (rows: readonly Row[]) => rows.map((row) => numberOf(row, "coordinatorMsPerQuery"));
const audits = (rows: readonly Row[], volunteers: string) =>
  rows.filter((row) => row.volunteers === volunteers).map((row) => numberOf(row, "auditShare"));

/** Bold is below a tenth. */
function all({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "model", cell: ({ model }) => String(model) },
      { title: "ms a row", isNumber: true, cell: ({ msPerRow }) => share(msPerRow, 2) },
      { title: "volunteers", cell: ({ volunteers }) => String(volunteers) },
      { title: "queries", isNumber: true, cell: (row) => grouped(numberOf(row, "queries")) },
      { title: "rows audited", isNumber: true, cell: ({ auditShare }) => share(auditShare) },
      { title: "coordinator, ms a query", isNumber: true, cell: (row) => share(row.coordinatorMsPerQuery, 2) },
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
