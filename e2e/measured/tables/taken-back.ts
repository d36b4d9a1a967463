/** What is lost of batches that are taken back: `npm run bench -- taken-back`. */
import { type Figures, type MeasuredRun, markdownTable, numberOf, rowWith, withSpread } from "../measured-table.ts";

export const takenBack: MeasuredRun = {
  name: "taken-back",
  bench: "taken-back",
  // Of fewer seeds the intervals of the code with spares are as wide as what is gained.
  args: ["--seeds", "12"],
  minutes: 3,
  tables: { all },
  figures: {
    "default-saved-least": ({ rows }) => percent(Math.min(...saved(rows, "K = 4, S = 2, E = 1"))),
    "default-saved-most": ({ rows }) => percent(Math.max(...saved(rows, "K = 4, S = 2, E = 1"))),
  },
};

const percent = (value: number) => (100 * value).toFixed(0);

/** Share of a job's time, by the crowds in which something is taken back. */
function saved(rows: Figures["rows"], code: string): number[] {
  const own = rows.filter((row) => row.code === code && row.handsOver === "yes" && row.crowd !== "nobody leaves");
  return own.map((row) => {
    const whole = rowWith(rows, { code, crowd: row.crowd!, handsOver: "no" });
    return 1 - numberOf(row, "seconds") / numberOf(whole, "seconds");
  });
}

/** A line a crowd; of each code first as batches count whole, then with rows that were handed over. */
function all({ rows }: Figures): string {
  const named = (key: string) => [...new Set(rows.map((row) => String(row[key])))];
  const cellOf = (crowd: string, code: string, handsOver: string) => {
    const row = rowWith(rows, { crowd, code, handsOver });
    return `${withSpread(row.lost, row.lostHalfWidth, 2)}, ${numberOf(row, "seconds").toFixed(0)} s`;
  };
  const ofCode = (code: string) => [
    { title: `${code}: as a whole`, isNumber: true, cell: (crowd: string) => cellOf(crowd, code, "no") },
    { title: "handed over", isNumber: true, cell: (crowd: string) => cellOf(crowd, code, "yes") },
  ];
  return markdownTable(
    [{ title: "crowd", cell: (crowd: string) => crowd }, ...named("code").flatMap(ofCode)],
    named("crowd"),
  );
}
