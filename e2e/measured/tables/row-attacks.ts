/** One party with many keys against the account, on the product's ledger and checks: `npm run bench -- row-attacks`. Nothing of time is in it. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  share,
  withSpread,
} from "../measured-table.ts";
import { sumOf } from "../over-parts.ts";

export const rowAttacks: MeasuredRun = {
  name: "row-attacks",
  bench: "row-attacks",
  args: ["--seeds", "3"],
  minutes: 40,
  tables: { all, worst },
  figures: {
    settings: ({ rows }) => String(rows.length),
    "seeds-least": ({ rows }) => String(Math.min(...rows.map((row) => numberOf(row, "seeds")))),
    "seeds-most": ({ rows }) => String(Math.max(...rows.map((row) => numberOf(row, "seeds")))),
    missed: (figures) => String(rowsOf(figures, "goals").filter(({ holds }) => holds !== "yes").length),
    "largest-share": ({ rows }) => share(Math.max(...rows.map(shareOfAllowed)), 2),
    "honest-named": ({ rows }) => String(sumOf(rows, "honestNamed")),
  },
};

const rowsOf = (figures: Figures, table: string): readonly Row[] => figures[table] as readonly Row[];
const shareOfAllowed = (row: Row): number => numberOf(row, "wrongFinal") / numberOf(row, "allowed");

function all({ rows }: Figures): string {
  const percent = (row: Row, field: string, digits: number) => `${share(100 * numberOf(row, field), digits)} %`;
  return markdownTable(
    [
      { title: "attack", cell: ({ attack }) => String(attack) },
      {
        title: "wrong and final, a service",
        isNumber: true,
        cell: (row) => withSpread(numberOf(row, "wrongFinal"), row.wrongFinalWidth as number | null, 2),
      },
      { title: "eps M", isNumber: true, cell: ({ allowed }) => share(allowed, 1) },
      { title: "trusted", isNumber: true, cell: (row) => percent(row, "trustedShare", 1) },
      { title: "final", isNumber: true, cell: ({ finalShare }) => share(finalShare, 2) },
      { title: "extra rows of tabs", isNumber: true, cell: (row) => percent(row, "extraShare", 0) },
      { title: "jobs with findings", isNumber: true, cell: ({ findingShare }) => share(findingShare, 2) },
    ],
    rows,
  );
}

function worst(figures: Figures): string {
  return markdownTable(
    [
      { title: "rows before", isNumber: true, cell: ({ rowsBefore }) => grouped(Number(rowsBefore)) },
      { title: "c", isNumber: true, cell: ({ checkShare }) => share(checkShare, 3) },
      { title: "one try", isNumber: true, cell: ({ oneTry }) => share(oneTry, 1) },
      { title: "three tries", isNumber: true, cell: ({ threeTries }) => share(threeTries, 1) },
    ],
    rowsOf(figures, "worstOfOneJob"),
  );
}
