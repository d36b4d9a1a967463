/** How much of what `avcc` saves is the slowness of the slow ones: `npm run bench -- avcc-curve`. */
import {
  type Figures,
  type MarkdownColumn,
  type MeasuredRun,
  markdownTable,
  numberOf,
  rowWith,
} from "../measured-table.ts";

export const avccCurve: MeasuredRun = {
  name: "avcc-curve",
  bench: "avcc-curve",
  args: [],
  minutes: 6,
  tables: {
    gain: (figures) => gain(figures, ["same"]),
    unforeseen: (figures) => gain(figures, ["more"]),
  },
  figures: {
    "paper-lcc": ({ rows }) => fasterThan(rows, { stragglers: 2, liars: 1, code: "lcc of the paper" }),
    "best-lcc-one-liar": ({ rows }) => fasterThan(rows, { stragglers: 2, liars: 1, code: "best static lcc" }),
    "best-lcc-two-liars": ({ rows }) => fasterThan(rows, { stragglers: 1, liars: 2, code: "best static lcc" }),
    widest: ({ rows }) => widest(rows),
    "best-lcc-no-liar": ({ rows }) => fasterThan(rows, { stragglers: 3, liars: 0, code: "best static lcc" }),
  },
};

const AT_TEN = { slowness: "same", factor: 10 };

const fasterThan = (rows: Figures["rows"], wanted: { stragglers: number; liars: number; code: string }) =>
  numberOf(rowWith(rows, { ...AT_TEN, ...wanted }), "avccFaster").toFixed(2);

/** Of the headline's cases: how far the five draws lie apart, as a percentage of their median, where they lie furthest apart. */
function widest(rows: Figures["rows"]): string {
  const own = rows.filter((row) => row.code === "best static lcc" && row.slowness === "same" && row.factor === 10);
  const spread = own.map(
    (row) => (numberOf(row, "avccFasterMost") - numberOf(row, "avccFasterLeast")) / numberOf(row, "avccFaster"),
  );
  return (100 * Math.max(...spread)).toFixed(1);
}

/** How many times as fast as each code `avcc` is, a column a factor. */
function gain({ rows }: Figures, slowness: readonly string[]): string {
  const own = rows.filter((row) => slowness.includes(String(row.slowness)) && row.code !== "avcc");
  const factors = [...new Set(own.map((row) => numberOf(row, "factor")))];
  const lines = own.filter(({ factor }) => factor === factors[0]);
  const columns: MarkdownColumn[] = [
    { title: "S", isNumber: true, cell: ({ stragglers }) => String(stragglers) },
    { title: "M", isNumber: true, cell: ({ liars }) => String(liars) },
    { title: "against", cell: ({ code }) => String(code) },
    { title: "K", isNumber: true, cell: ({ blockCount }) => String(blockCount) },
    ...factors.map((factor): MarkdownColumn => {
      const faster = (line: Figures["rows"][number]) => {
        const { stragglers, liars, code } = line;
        return rowWith(own, { stragglers: stragglers!, liars: liars!, code: code!, factor });
      };
      return {
        title: String(factor),
        isNumber: true,
        cell: (line) => numberOf(faster(line), "avccFaster").toFixed(2),
      };
    }),
  ];
  return markdownTable(columns, lines);
}
