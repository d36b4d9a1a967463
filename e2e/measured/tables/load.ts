/** How long a query of a stream waits: `npm run bench -- load`. Simulated milliseconds: the machine's load does not matter. */
import {
  type Figures,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
  withSpread,
} from "../measured-table.ts";

const SLOW = "1 batch in 20 takes 8 times as long";
const CHECKED = "systematic, checked";
const LOADS = [0.3, 0.6, 0.9];

export const load: MeasuredRun = {
  name: "load",
  bench: "load",
  args: ["--queries", "2000"],
  minutes: 6,
  tables: { all },
  figures: {
    seeds: ({ rows }) => String(rows[0]!.seeds),
    "capacity-none": ({ rows }) => share(rowOf(rows, "none", 0.3).capacity, 0),
    "capacity-slow": ({ rows }) => share(rowOf(rows, SLOW, 0.3).capacity, 0),
    ...gapsByLoad("gap", CHECKED),
    ...gapsByLoad("copies", "replication of two, unchecked"),
    "median-none-90": ({ rows }) => withSpread(rowOf(rows, "none", 0.9).p50, rowOf(rows, "none", 0.9).p50HalfWidth, 0),
    "uncoded-median-none-90": ({ rows }) => {
      const row = rowWith(rows, { faults: "none", load: 0.9, scheme: "uncoded, unchecked" });
      return withSpread(row.p50, row.p50HalfWidth, 0);
    },
  },
};

const rowOf = (rows: readonly Row[], faults: string, load: number) => rowWith(rows, { faults, load, scheme: CHECKED });

/** What a gap costs a scheme on a slow crowd, at each load: a figure for each, NAME-30 and so on. */
function gapsByLoad(name: string, scheme: string): MeasuredRun["figures"] {
  const figures = LOADS.map((load) => {
    const figure = ({ rows }: Figures) => {
      const row = rowWith(rows, { faults: SLOW, load, scheme });
      return withSpread(row.gapShare, row.gapShareHalfWidth, 2);
    };
    return [`${name}-${Math.round(100 * load)}`, figure] as const;
  });
  return Object.fromEntries(figures);
}

function all({ rows }: Figures): string {
  const ms = (row: Row, key: string) => withSpread(row[key], row[`${key}HalfWidth`], 0) || "-";
  return markdownTable(
    [
      { title: "faults", cell: ({ faults }) => String(faults) },
      { title: "load", isNumber: true, cell: ({ load }) => share(load, 1) },
      { title: "scheme", cell: ({ scheme }) => String(scheme) },
      { title: "keeps up", isNumber: true, cell: ({ kept, seeds }) => `${kept} of ${seeds}` },
      { title: "p50, ms", isNumber: true, cell: (row) => ms(row, "p50") },
      { title: "p99", isNumber: true, cell: (row) => ms(row, "p99") },
      { title: "p99.9", isNumber: true, cell: (row) => ms(row, "p999") },
      { title: "gap", isNumber: true, cell: (row) => ms(row, "gap") },
      {
        title: "of `uncoded`'s",
        isNumber: true,
        cell: (row) => (row.gapShare === null ? "-" : withSpread(row.gapShare, row.gapShareHalfWidth, 2)),
      },
      { title: "tab rows", isNumber: true, cell: (row) => numberOf(row, "tabRows").toFixed(2) },
      { title: "audits", isNumber: true, cell: ({ audits }) => share(audits) },
    ],
    rows,
  );
}
