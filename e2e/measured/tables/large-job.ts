/** A job of a million queries on a whole coordinator: `npm run bench -- capacity --scenarios large`. Real time. */
import { type Figures, grouped, type MeasuredRun, numberOf, type Row, share } from "../measured-table.ts";

export const largeJob: MeasuredRun = {
  name: "large-job",
  bench: "capacity",
  args: ["--scenarios", "large"],
  minutes: 6,
  tables: {},
  figures: {
    queries: (figures) => grouped(numberOf(largeOf(figures), "queries")),
    "cpu-seconds": (figures) => (numberOf(largeOf(figures), "cpuMs") / 1e3).toFixed(0),
    "row-ms": (figures) => share(rowMs(figures), 2),
    "row-seconds-thousand": (figures) => share((rowMs(figures) * 1_000) / 1e3, 2),
    "row-seconds-most": (figures) => share((rowMs(figures) * 10_000) / 1e3, 1),
    mebibytes: (figures) => numberOf(largeOf(figures), "rssMb").toFixed(0),
    load: ({ load }) => load.toFixed(1),
  },
};

/** Of all of the coordinator's processes. */
const rowMs = (figures: Figures) => numberOf(largeOf(figures), "cpuMs") / numberOf(largeOf(figures), "queries");
const largeOf = ({ large }: Figures) => (large as readonly Row[])[0]!;
