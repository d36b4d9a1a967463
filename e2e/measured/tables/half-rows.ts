/** What half-precision mixtures cost in accuracy: `npm run bench -- half-rows`. */
import { type MeasuredRun, numberOf } from "../measured-table.ts";

export const halfRows: MeasuredRun = {
  name: "half-rows",
  bench: "half-rows",
  args: [],
  minutes: 8,
  tables: {},
  figures: {
    rows: ({ rows }) => String(rows.length),
    changed: ({ rows }) => String(rows.filter((row) => numberOf(row, "changedLabels") > 0).length),
    most: ({ rows }) => Math.max(...rows.map((row) => Math.abs(numberOf(row, "difference")))).toFixed(4),
  },
};
