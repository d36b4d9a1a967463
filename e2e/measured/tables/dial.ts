/** Does the dial keep its word? `npm run bench -- dial`, on a seed that had no part in anything that was tuned. */
import {
  type Figures,
  type MeasuredRun,
  markdownTable,
  type Row,
  rowWith,
  share,
  withSpread,
} from "../measured-table.ts";

export const dial: MeasuredRun = {
  name: "dial",
  bench: "dial",
  args: ["--seed", "3", "--crowds", "60"],
  minutes: 5,
  tables: { all },
  figures: {
    jobs: ({ rows }) => String(whole(rows).jobs),
    met: ({ rows }) => share(whole(rows).met, 2),
    "met-interval": ({ rows }) => interval(whole(rows), "met"),
    paper: ({ rows }) => share(whole(rows).metByPaper, 2),
    "time-share": ({ rows }) => share(whole(rows).timeShare, 2),
    within20: ({ rows }) => share(whole(rows).within20, 2),
  },
};

const whole = (rows: readonly Row[]) => rowWith(rows, { crowds: "all" });
const interval = (row: Row, key: string) => `${share(row[`${key}Low`], 2)} to ${share(row[`${key}High`], 2)}`;

function all({ rows }: Figures): string {
  const met = (row: Row, key: string) => `${share(row[key], 2)} (${interval(row, key)})`;
  return markdownTable(
    [
      { title: "crowds", cell: ({ crowds }) => String(crowds) },
      { title: "jobs", isNumber: true, cell: ({ jobs }) => String(jobs) },
      { title: "in time", isNumber: true, cell: (row) => met(row, "met") },
      { title: "K = 8, S = 1 in time", isNumber: true, cell: (row) => met(row, "metByPaper") },
      { title: "time / named", isNumber: true, cell: (row) => withSpread(row.timeShare, row.timeShareHalfWidth, 2) },
      { title: "predicted cost", isNumber: true, cell: ({ predictedCost }) => share(predictedCost, 2) },
      { title: "cost", isNumber: true, cell: (row) => withSpread(row.cost, row.costHalfWidth, 2) },
      {
        title: "K = 8, S = 1: cost",
        isNumber: true,
        cell: (row) => withSpread(row.paperCost, row.paperCostHalfWidth, 2),
      },
      { title: "within 20 %", isNumber: true, cell: ({ within20 }) => share(within20, 2) },
      { title: "codes", isNumber: true, cell: ({ codes }) => share(codes, 2) },
    ],
    rows,
  );
}
