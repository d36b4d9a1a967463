/** What the rules of cross-checks cost in honest crowds: `npm run bench -- crowd-size`. */
import {
  type Figures,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
} from "../measured-table.ts";

export const crowdSize: MeasuredRun = {
  name: "crowd-size",
  bench: "crowd-size",
  args: [],
  minutes: 3,
  tables: { shares },
};

/** A row a size of the crowd; before the stroke nobody was known, behind it everybody. */
function shares({ rows }: Figures): string {
  const sizes = [...new Set(rows.map((row) => numberOf(row, "volunteers")))];
  const percents = (volunteers: Row[string], key: string, digits: number) => {
    const of = (known: string) => {
      const row = rowWith(rows, { volunteers: volunteers!, known });
      return `${share(100 * numberOf(row, key), digits)} %`;
    };
    return `${of("no")} / ${of("yes")}`;
  };
  return markdownTable(
    [
      {
        title: "volunteers, 1,000 rows each",
        isNumber: true,
        cell: ({ volunteers }) => Number(volunteers).toLocaleString("en-US"),
      },
      { title: "trusted rows, new / known", cell: ({ volunteers }) => percents(volunteers!, "trustedShare", 2) },
      { title: "duplicates, new / known", cell: ({ volunteers }) => percents(volunteers!, "duplicateShare", 1) },
    ],
    sizes.map((volunteers) => ({ volunteers })),
  );
}
