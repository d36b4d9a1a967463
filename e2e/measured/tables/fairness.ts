/** What a small job waits for a stranger's slow model: `npm run bench -- fairness`. Real time. */
import { type Figures, grouped, type MeasuredRun, markdownTable, numberOf, withSpread } from "../measured-table.ts";

export const fairness: MeasuredRun = {
  name: "fairness",
  bench: "fairness",
  args: [],
  minutes: 3,
  tables: { all },
  figures: { pairs: ({ rows }) => String(rows[0]!.pairs), load: ({ load }) => load.toFixed(1) },
};

function all({ rows }: Figures): string {
  const ms = (key: string) => (row: Figures["rows"][number]) => grouped(numberOf(row, key));
  return markdownTable(
    [
      { title: "beside", cell: ({ beside }) => `its ${beside}` },
      { title: "alone, ms", isNumber: true, cell: ms("aloneMs") },
      { title: "beside it, ms", isNumber: true, cell: ms("besideMs") },
      { title: "ratio", isNumber: true, cell: ({ ratio, ratioHalfWidth }) => withSpread(ratio, ratioHalfWidth, 2) },
      { title: "trusted processor ms: the small job", isNumber: true, cell: ms("strangerCpuMs") },
      { title: "the slow one", isNumber: true, cell: ms("slowCpuMs") },
    ],
    rows,
  );
}
