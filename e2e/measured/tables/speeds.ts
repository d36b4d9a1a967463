/** What a crowd gives of the sum of its speeds: `npm run bench -- speeds`, `speeds-regression`, and `speeds-real` in real time. */
import { type Figures, type MeasuredRun, markdownTable, rowWith, share, withSpread } from "../measured-table.ts";

export const speeds: MeasuredRun = {
  name: "speeds",
  bench: "speeds",
  args: [],
  minutes: 6,
  tables: { sized },
};

export const speedsReal: MeasuredRun = {
  name: "speeds-real",
  bench: "speeds-real",
  args: [],
  minutes: 4,
  tables: {},
  figures: {
    uncoded: ({ rows }) => share(rowWith(rows, { scheme: "uncoded, unchecked" }).share, 2),
    backups: ({ rows }) => share(rowWith(rows, { scheme: "systematic with backups" }).share, 2),
    regression: ({ rows }) => share(rowWith(rows, { scheme: "regression" }).share, 2),
    "regression-first": ({ rows }) => share(rowWith(rows, { scheme: "regression" }).shareOfFirst, 2),
  },
};

export const speedsRegression: MeasuredRun = {
  name: "speeds-regression",
  bench: "speeds-regression",
  args: [],
  minutes: 20,
  tables: { all: ofRegressions },
};

function ofRegressions({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "fastest over slowest", isNumber: true, cell: ({ spread }) => String(spread) },
      { title: "pieces for each tab (g)", isNumber: true, cell: ({ shardsEach }) => String(shardsEach) },
      { title: "share", isNumber: true, cell: (row) => withSpread(row.share, row.shareHalfWidth, 2) },
      { title: "a first job", isNumber: true, cell: ({ shareOfFirst }) => share(shareOfFirst, 2) },
    ],
    rows,
  );
}

/** Figures of an earlier day have batches of ten or forty rows too; 0: as the coordinator sized them. */
function sized({ rows }: Figures): string {
  const own = rows.filter(({ batchRows = 0 }) => batchRows === 0);
  return markdownTable(
    [
      { title: "scheme", cell: ({ scheme }) => String(scheme) },
      { title: "fastest over slowest", isNumber: true, cell: ({ spread }) => String(spread) },
      { title: "sized for each tab", isNumber: true, cell: (row) => withSpread(row.share, row.shareHalfWidth, 2) },
      { title: "computed, twice or not", isNumber: true, cell: ({ busy }) => share(busy, 2) },
      { title: "a first job", isNumber: true, cell: ({ shareOfFirst }) => share(shareOfFirst, 2) },
    ],
    own,
  );
}
