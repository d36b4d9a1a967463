/** Do estimates know how good they are? `npm run bench -- calibration`, a part a crowd. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  seeds,
  share,
} from "../measured-table.ts";
import { alike, meanText, partCount, sumOf } from "../over-parts.ts";

/** Of seed 2 bounds were chosen: it has no part in these. */
export const calibration: MeasuredRun = {
  name: "calibration",
  bench: "calibration",
  args: ["--limit", "4000"],
  parts: seeds(11, 15),
  minutes: 30,
  tables: { all },
  figures: {
    crowds: ({ rows }) => String(partCount(rows)),
    told: ({ rows }) => grouped(sumOf(told(rows), "estimates")),
    "told-stated": ({ rows }) => share(weighted(told(rows), "stated")),
    "told-agreement": ({ rows }) => share(weighted(told(rows), "agreement")),
    worst: ({ rows }) => Math.max(...bins(told(rows)).map((bin) => Math.abs(pointsOff(bin)))).toFixed(1),
  },
};

const told = (rows: readonly Row[]) => rows.filter((row) => numberOf(row, "from") >= 0.9);

const bins = (rows: readonly Row[]) =>
  alike(
    rows.toSorted((a, b) => numberOf(a, "from") - numberOf(b, "from")),
    ["from", "to"],
  );

/** Mean of a number over all estimates of some rows. */
const weighted = (rows: readonly Row[], field: string) =>
  rows.reduce((sum, row) => sum + numberOf(row, field) * numberOf(row, "estimates"), 0) / sumOf(rows, "estimates");

const pointsOff = (rows: readonly Row[]) => 100 * (weighted(rows, "agreement") - weighted(rows, "stated"));

function all({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "confidence", cell: ([row]) => `${share(row!.from, 2)} to ${share(row!.to, 2)}` },
      { title: "estimates", isNumber: true, cell: (bin) => grouped(sumOf(bin, "estimates")) },
      { title: "stated", isNumber: true, cell: (bin) => share(weighted(bin, "stated")) },
      { title: "agreement", isNumber: true, cell: (bin) => share(weighted(bin, "agreement")) },
      { title: "points off", isNumber: true, cell: (bin) => share(pointsOff(bin), 1) },
      { title: "of single crowds", isNumber: true, cell: (bin) => meanText(bin, "pointsOff", 1) },
    ],
    bins(rows),
  );
}
