/** What the checks cost in honest crowds: `npm run bench -- crowd-size`, a part a seed. Nothing of time is in it. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  seeds,
} from "../measured-table.ts";
import { meanText } from "../over-parts.ts";

export const crowdSize: MeasuredRun = {
  name: "crowd-size",
  bench: "crowd-size",
  args: [],
  parts: seeds(1, 3),
  minutes: 2,
  tables: { shares },
};

/** A row a size of the crowd; before the stroke the submitter was new, behind it had a million rows behind it. */
function shares({ rows }: Figures): string {
  const sizes = [...new Set(rows.map((row) => numberOf(row, "volunteers")))];
  const percents = (volunteers: Row[string], field: string, digits: number) => {
    const of = (account: string) => {
      const own = rows.filter((row) => row.volunteers === volunteers && row.account === account);
      return `${meanText(own, (row) => 100 * numberOf(row, field), digits)} %`;
    };
    return `${of("new")} / ${of("known")}`;
  };
  return markdownTable(
    [
      { title: "volunteers, 200 rows each", isNumber: true, cell: ({ volunteers }) => grouped(Number(volunteers)) },
      {
        title: "trusted rows, new / known account",
        cell: ({ volunteers }) => percents(volunteers!, "trustedShare", 2),
      },
      {
        title: "duplicates, new / known account",
        cell: ({ volunteers }) => percents(volunteers!, "duplicateShare", 1),
      },
    ],
    sizes.map((volunteers) => ({ volunteers })),
  );
}
