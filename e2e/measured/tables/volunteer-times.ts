/** A new tab's first minute, and a hidden one: `npm run first-unit` and `npm run hidden-tab`. Real time, real Chromium. */
import { medianOfSome } from "../../../shared/numbers/quantile.ts";
import { type Figures, type MeasuredRun, markdownTable, numberOf, type Row, share } from "../measured-table.ts";
import { meanText, rangeText } from "../over-parts.ts";

export const firstUnit: MeasuredRun = {
  name: "first-unit",
  bench: null,
  script: "first-unit",
  args: ["--times", "10"],
  minutes: 2,
  tables: { all: visits },
  figures: {
    visits: ({ rows }) => String(rows.length),
    load: ({ load }) => load.toFixed(1),
    "with-long-tasks": ({ rows }) => String(rows.filter((row) => numberOf(row, "longTasks") > 0).length),
    "longest-task": ({ rows }) => String(Math.max(0, ...rows.map(({ longestTaskMs }) => Number(longestTaskMs ?? 0)))),
  },
};

const SECONDS = [
  ["Start is there", "shownMs"],
  ["first verified batch", "creditMs"],
] as const;

const secondsOf = (field: string) => (row: Row) => numberOf(row, field) / 1e3;
const two = (value: number) => value.toFixed(2);

function visits({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "from the opening of the page, s", cell: ([what]) => what },
      { title: "median", isNumber: true, cell: ([, field]) => two(medianOfSome(rows.map(secondsOf(field)))) },
      { title: "mean", isNumber: true, cell: ([, field]) => meanText(rows, secondsOf(field), 2) },
      { title: "least to most", isNumber: true, cell: ([, field]) => rangeText(rows.map(secondsOf(field)), two) },
    ],
    SECONDS,
  );
}

export const hiddenTab: MeasuredRun = {
  name: "hidden-tab",
  bench: null,
  script: "hidden-tab",
  args: ["--minutes", "6"],
  minutes: 7,
  tables: { all: phases },
  figures: { load: ({ load }) => load.toFixed(1) },
};

function phases({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "phase", cell: ({ phase }) => String(phase) },
      { title: "s", isNumber: true, cell: (row) => numberOf(row, "seconds").toFixed(0) },
      { title: "page", cell: ({ visibility }) => String(visibility) },
      { title: "batches verified / s", isNumber: true, cell: ({ verifiedPerSecond }) => share(verifiedPerSecond, 1) },
      { title: "page timers / s", isNumber: true, cell: ({ pageTimersPerSecond }) => share(pageTimersPerSecond, 1) },
      { title: "frames / s", isNumber: true, cell: ({ framesPerSecond }) => share(framesPerSecond, 1) },
    ],
    rows,
  );
}
