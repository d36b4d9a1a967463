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
    "time-share": ({ rows }) => share(whole(rows).timeShare, 2),
    "time-p50": ({ rows }) => share(whole(rows).timeP50, 2),
    "time-p90": ({ rows }) => share(whole(rows).timeP90, 2),
    "work-p90": ({ rows }) => share(whole(rows).workP90, 2),
    "trusted-p90": ({ rows }) => share(whole(rows).trustedP90, 2),
    "honest-time-p90": ({ rows }) => share(honest(rows).timeP90, 2),
    "honest-trusted-p90": ({ rows }) => share(honest(rows).trustedP90, 2),
  },
};

const whole = (rows: readonly Row[]) => rowWith(rows, { crowds: "all" });
const honest = (rows: readonly Row[]) => rowWith(rows, { crowds: "nobody begins to lie" });
const interval = (row: Row, key: string) => `${share(row[`${key}Low`], 2)} to ${share(row[`${key}High`], 2)}`;

function all({ rows }: Figures): string {
  const met = (row: Row, key: string) => `${share(row[key], 2)} (${interval(row, key)})`;
  return markdownTable(
    [
      { title: "crowds", cell: ({ crowds }) => String(crowds) },
      { title: "jobs", isNumber: true, cell: ({ jobs }) => String(jobs) },
      { title: "in time", isNumber: true, cell: (row) => met(row, "met") },
      { title: "time / named", isNumber: true, cell: (row) => withSpread(row.timeShare, row.timeShareHalfWidth, 2) },
      { title: "error in time, p50", isNumber: true, cell: ({ timeP50 }) => share(timeP50, 2) },
      { title: "p90", isNumber: true, cell: ({ timeP90 }) => share(timeP90, 2) },
      { title: "in tabs' work, p50", isNumber: true, cell: ({ workP50 }) => share(workP50, 2) },
      { title: "p90", isNumber: true, cell: ({ workP90 }) => share(workP90, 2) },
      { title: "in trusted rows, p50", isNumber: true, cell: ({ trustedP50 }) => share(trustedP50, 2) },
      { title: "p90", isNumber: true, cell: ({ trustedP90 }) => share(trustedP90, 2) },
    ],
    rows,
  );
}
