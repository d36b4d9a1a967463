/** What the size of lies does to the accuracy of coded gradients: `npm run bench -- avcc-attack-size`. */
import {
  type Figures,
  type MarkdownColumn,
  type MeasuredRun,
  markdownTable,
  numberOf,
  rowWith,
  share,
} from "../measured-table.ts";

export const avccAttackSize: MeasuredRun = {
  name: "avcc-attack-size",
  bench: "avcc-attack-size",
  args: [],
  minutes: 5,
  tables: { accuracy },
};

/** A column a factor: accuracy of the code, behind the stroke by how many points `avcc` is better. */
function accuracy({ rows }: Figures): string {
  const factors = [...new Set(rows.map((row) => numberOf(row, "factor")))];
  const columns: MarkdownColumn[] = [
    { title: "M", isNumber: true, cell: ({ liars }) => String(liars) },
    { title: "code", cell: ({ code }) => String(code) },
    ...factors.map((factor): MarkdownColumn => {
      return {
        title: `times ${factor}`,
        isNumber: true,
        cell({ liars, code }) {
          const row = rowWith(rows, { liars: liars!, code: code!, factor });
          const gain = code === "avcc" ? "" : ` / ${numberOf(row, "gainPoints").toFixed(1)}`;
          return `${share(row.accuracy)} ± ${share(row.accuracyHalfWidth)}${gain}`;
        },
      };
    }),
  ];
  return markdownTable(
    columns,
    rows.filter(({ factor }) => factor === factors[0]),
  );
}
