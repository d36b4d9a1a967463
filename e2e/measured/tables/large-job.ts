/** A job of a million queries on a whole coordinator: `npm run bench -- capacity --scenarios large`. Real time. */
import { type Figures, grouped, type MeasuredRun, numberOf, type Row } from "../measured-table.ts";

export const largeJob: MeasuredRun = {
  name: "large-job",
  bench: "capacity",
  args: ["--scenarios", "large"],
  minutes: 6,
  tables: {},
  figures: {
    queries: (figures) => grouped(numberOf(largeOf(figures), "queries")),
    "cpu-seconds": (figures) => (numberOf(largeOf(figures), "cpuMs") / 1e3).toFixed(0),
    mebibytes: (figures) => numberOf(largeOf(figures), "rssMb").toFixed(0),
    load: ({ load }) => load.toFixed(1),
  },
};

const largeOf = ({ large }: Figures) => (large as readonly Row[])[0]!;
