/** Coalitions against the rules of cross-checks by themselves: `npm run bench -- row-attacks`. Nothing of time is in it. */
import { ANSWER_BOUND_DEFAULT } from "../../../shared/protocol/limits.ts";
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
} from "../measured-table.ts";
import { sumOf } from "../over-parts.ts";

export const rowAttacks: MeasuredRun = {
  name: "row-attacks",
  bench: "row-attacks",
  args: [],
  minutes: 10,
  tables: { all },
  figures: {
    settings: ({ rows }) => String(rows.length),
    seeds: ({ rows }) => String(rows[0]!.seeds),
    over: ({ rows }) => String(rows.filter((row) => numberOf(row, "wrongFinal") > numberOf(row, "limit95")).length),
    most: ({ rows }) => grouped(Math.round(Math.max(...rows.map((row) => numberOf(row, "wrongFinal"))))),
    allowed({ rows }) {
      const row = rowWith(rows, { attack: "chorus 1" });
      return grouped(ANSWER_BOUND_DEFAULT * numberOf(row, "volunteers") * numberOf(row, "rowsEach"));
    },
    "honest-named": ({ rows }) => String(sumOf(rows, "honestNamed")),
  },
};

function all({ rows }: Figures): string {
  const percent = (row: Row, field: string, digits: number) => `${share(100 * numberOf(row, field), digits)} %`;
  return markdownTable(
    [
      { title: "plan, share of rows", cell: ({ attack }) => String(attack) },
      { title: "wrong and final, a job", isNumber: true, cell: ({ wrongFinal }) => share(wrongFinal, 1) },
      { title: "bounds add up to", isNumber: true, cell: ({ boundSum }) => share(boundSum, 1) },
      { title: "95 % limit", isNumber: true, cell: ({ limit95 }) => share(limit95, 1) },
      { title: "final", isNumber: true, cell: ({ finalShare }) => share(finalShare, 2) },
      { title: "least", isNumber: true, cell: ({ finalShareLeast }) => share(finalShareLeast, 2) },
      { title: "duplicates", isNumber: true, cell: (row) => percent(row, "duplicateShare", 1) },
      { title: "done again", isNumber: true, cell: (row) => percent(row, "redoneShare", 1) },
      { title: "trusted", isNumber: true, cell: (row) => percent(row, "trustedShare", 2) },
      { title: "liars named", isNumber: true, cell: ({ liarsNamedShare }) => share(liarsNamedShare, 2) },
    ],
    rows,
  );
}
