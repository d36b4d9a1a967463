/** Four jobs of a new submitter before liars that wait, on the product's ledger and checks: `npm run bench -- row-grid`. Nothing of time is in it. */
import { GRID_PLANS } from "../../bench/attacked-rows/grid-asked.ts";
import { type Figures, type MeasuredRun, markdownTable, numberOf, type Row, share } from "../measured-table.ts";
import { sumOf } from "../over-parts.ts";

export const rowGrid: MeasuredRun = {
  name: "row-grid",
  bench: "row-grid",
  args: ["--seeds", "4"],
  minutes: 30,
  tables: { cells },
  figures: {
    goals: (figures) => String(goalsOf(figures).length),
    missed: (figures) => String(goalsOf(figures).filter(({ holds }) => holds !== "yes").length),
    "honest-named": ({ rows }) => String(sumOf(rows, "honestNamed")),
  },
};

const goalsOf = (figures: Figures): readonly Row[] => figures.goals as readonly Row[];

/** A row a crowd, a column a plan: trusted of all rows, of the fourth job's / final / wrong and final. */
function cells({ rows }: Figures): string {
  const crowdOf = (row: Row) => String(row.cell).split(" ")[0]!;
  const crowds = [...new Set(rows.map(crowdOf))];
  const percent = (row: Row, field: string) => share(100 * numberOf(row, field), 1);
  const cellOf = (row: Row) =>
    [
      `${percent(row, "trustedShare")} (${percent(row, "trustedShareOfLast")})`,
      share(row.finalShare, 2),
      share(row.wrongFinal, 1),
    ].join(" / ");
  return markdownTable(
    [
      { title: "volunteers x rows each", cell: ({ crowd }) => String(crowd) },
      { title: "eps M", isNumber: true, cell: ({ allowed }) => share(allowed, 1) },
      ...GRID_PLANS.map((plan) => ({ title: plan, cell: (row: Row) => String(row[plan]) })),
    ],
    crowds.map((crowd) => {
      const own = rows.filter((row) => crowdOf(row) === crowd);
      const byPlan = own.map((row) => [String(row.plan), cellOf(row)] as const);
      return { crowd, allowed: own[0]!.allowed!, ...Object.fromEntries(byPlan) };
    }),
  );
}
