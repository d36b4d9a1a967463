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
import { alike, meanText, sumOf } from "../over-parts.ts";

/** Of seed 2 bounds were chosen: it has no part in these. */
export const calibration: MeasuredRun = {
  name: "calibration",
  bench: "calibration",
  args: ["--limit", "4000"],
  parts: seeds(11, 15),
  minutes: 30,
  tables: { all },
  figures: {
    crowds: ({ rows }) => String(new Set(rows.map(({ part }) => part)).size),
    told: ({ rows }) =>
      grouped(
        sumOf(
          rows.filter((row) => numberOf(row, "from") >= 0.9),
          "estimates",
        ),
      ),
    "told-stated": ({ rows }) =>
      share(
        weighted(
          rows.filter((row) => numberOf(row, "from") >= 0.9),
          "stated",
        ),
      ),
    "told-agreement": ({ rows }) =>
      share(
        weighted(
          rows.filter((row) => numberOf(row, "from") >= 0.9),
          "agreement",
        ),
      ),
    worst: ({ rows }) => Math.max(...toldBins(rows).map((bin) => Math.abs(pointsOff(bin)))).toFixed(1),
  },
};

const toldBins = (rows: readonly Row[]) => bins(rows).filter(([row]) => numberOf(row!, "from") >= 0.9);

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
  const two = (row: Row, field: string) => share(row[field], 2);
  return markdownTable(
    [
      { title: "confidence", cell: (row) => `${two(row, "from")} to ${two(row, "to")}` },
      { title: "estimates", isNumber: true, cell: (row) => grouped(numberOf(row, "estimates")) },
      { title: "stated", isNumber: true, cell: ({ stated }) => share(stated) },
      { title: "agreement", isNumber: true, cell: ({ agreement }) => share(agreement) },
      { title: "points off", isNumber: true, cell: ({ off }) => share(off, 1) },
      { title: "of single crowds", isNumber: true, cell: ({ crowds }) => String(crowds) },
    ],
    bins(rows).map((bin) => ({
      from: bin[0]!.from!,
      to: bin[0]!.to!,
      estimates: sumOf(bin, "estimates"),
      stated: weighted(bin, "stated"),
      agreement: weighted(bin, "agreement"),
      off: pointsOff(bin),
      crowds: meanText(bin, "pointsOff", 1),
    })),
  );
}
